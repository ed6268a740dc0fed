"""What works here, and where, for programs to read. What is not said here does not work."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from consentry_server.oauth import identity
from consentry_server.oauth.client import DEVICE
from consentry_server.oauth.endpoints import said
from consentry_server.tokens.rules import SCOPES


def metadata(request: HttpRequest) -> HttpResponse:
    """Tell what works here, and where (RFC 8414, OpenID Connect Discovery)."""
    site = settings.SITE_URL
    told: dict[str, Any] = {
        "issuer": site,
        "authorization_endpoint": f"{site}/direct-sharing/projects/oauth2/authorize/",
        "token_endpoint": f"{site}/oauth2/token/",
        "revocation_endpoint": f"{site}/oauth2/revoke_token/",
        "introspection_endpoint": f"{site}/oauth2/introspect/",
        "device_authorization_endpoint": f"{site}/oauth2/device_authorization/",
        "jwks_uri": f"{site}/oauth2/jwks/",
        "userinfo_endpoint": f"{site}/oauth2/userinfo/",
        "scopes_supported": sorted(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", DEVICE],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent"],
    }
    if request.path.endswith("openid-configuration"):
        told |= {
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [identity.ALGORITHM],
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "claims_parameter_supported": False,
            "claims_supported": [
                *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "preferred_username"),
            ],
        }
    response = said(200, told)
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
