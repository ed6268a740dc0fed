"""What an app may not ask for when it sends a member here, besides what oauthlib refuses: it is told the reason."""

import re
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.openid.connect.core import exceptions as openid

from consentry_server.oauth.validator import METHOD

LONGEST_NONCE = 500
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # RFC 7636 section 4.2
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
# What would have to be fetched or opened first: nobody may believe that it was (OpenID Connect Core 3.1.2.6).
_NOT_OFFERED = {
    "request": openid.RequestNotSupported,
    "request_uri": openid.RequestURINotSupported,
    "registration": openid.RegistrationNotSupported,
}


def only_codes(request: Request) -> dict[str, Any]:
    """Refuse every answer that would carry tokens through the browser (RFC 9700 section 2.1.2)."""
    if request.response_type == "token":
        raise errors.UnauthorizedClientError(request=request)
    if request.response_type not in (None, "code"):
        raise errors.UnsupportedResponseTypeError(request=request)
    if request.response_mode not in (None, "query"):
        raise errors.InvalidRequestError(description="Only response_mode=query works here.", request=request)
    return {}


def only_what_is_offered(request: Request) -> dict[str, Any]:
    """Refuse what would otherwise be passed over in silence, though an app relies on it."""
    for name, error in _NOT_OFFERED.items():
        if getattr(request, name, None):
            raise error(request=request)
    fault = _challenge_fault(request) or _identity_fault(request)
    if fault:
        raise errors.InvalidRequestError(description=fault, request=request)
    return {}


def _challenge_fault(request: Request) -> str:
    if request.code_challenge_method and not request.code_challenge:
        return "A code_challenge_method came without a code_challenge."
    if request.code_challenge_method == METHOD and not _CHALLENGE.fullmatch(request.code_challenge):
        return "The code_challenge is not one of S256."
    return ""


def _identity_fault(request: Request) -> str:
    prompts = set((request.prompt or "").split(" ")) - {""}
    if "none" in prompts and len(prompts) > 1:
        return "prompt=none goes with no other prompt."
    if request.max_age and not _SECONDS.fullmatch(request.max_age):
        return "max_age is a number of seconds."
    return f"Use a nonce of {LONGEST_NONCE} characters at most." if len(request.nonce or "") > LONGEST_NONCE else ""
