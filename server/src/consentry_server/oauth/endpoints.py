"""Where apps get, exchange, end and look at tokens, and learn who a member is. No page, no cookie, no session."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from oauthlib.common import Request

from consentry_server.oauth import identity, params, tries
from consentry_server.oauth.client import App, find
from consentry_server.oauth.server import core, request_validator
from consentry_server.tokens import actions as tokens
from consentry_server.tokens import queries
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import DEFAULT_SCOPE, DEVICE_FOR, DEVICE_INTERVAL, OPENID, SCOPES

View = Callable[[HttpRequest], HttpResponse]
UNKNOWN_CLIENT = 'Bearer error="invalid_client"'


def said(status: int, body: Any, **headers: str) -> HttpResponse:
    """Return JSON that nobody keeps."""
    content = body if isinstance(body, str) else json.dumps(body)
    response = HttpResponse(content, status=status, content_type="application/json")
    kept = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    for name, value in (kept | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        response.headers[name] = value
    return response


def refused(error: str, description: str = "", *, status: int = 400, **headers: str) -> HttpResponse:
    """Return an error as RFC 6749 section 5.2 writes it."""
    body = {"error": error} | ({"error_description": description} if description else {})
    return said(status, body, **headers)


def form(view: View) -> View:
    """Let nothing to an endpoint but a form that can be read, from somebody who does not guess secrets."""

    def run(request: HttpRequest) -> HttpResponse:
        fault = params.fault_of_call(request)
        if fault:
            return refused("invalid_request", fault)
        who = f"{_named(request)}:{tries.address_of(request)}"
        wait = tries.wait("secret", who, most=tries.SECRETS, wrong=False)
        if wait:
            return refused("slow_down", "Too many wrong secrets.", status=429, Retry_After=str(wait))
        response = view(request)
        if response.status_code == 401:
            tries.wait("secret", who, most=tries.SECRETS, wrong=True)
            response.headers["WWW-Authenticate"] = _challenge(request)
        return response

    return run


def _named(request: HttpRequest) -> str:
    """Return which app somebody says to be."""
    scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    pair = identity.basic(credentials.strip()) if scheme.lower() == "basic" else None
    return pair[0] if pair else request.POST.get("client_id", "")


def _challenge(request: HttpRequest) -> str:
    """Name the way of proving oneself that was tried (RFC 6749 section 5.2)."""
    tried_basic = request.META.get("HTTP_AUTHORIZATION", "").lower().startswith("basic")
    return f'{UNKNOWN_CLIENT}, Basic realm="{settings.SITE_URL}"' if tried_basic else UNKNOWN_CLIENT


@form
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code, a refresh token or a device code for tokens. Of callers that race, one wins."""
    _, headers, body, status = core.create_token_response(request)
    del headers  # ours say the same, in the same words each time
    return said(status, body)


@form
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token (RFC 7009)."""
    _, _, body, status = core.create_revocation_response(request)
    return said(status, body) if status != 200 else _nothing()


def _nothing() -> HttpResponse:
    response = HttpResponse(b"", content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def proven(request: HttpRequest) -> App | None:
    """Return the app that proves itself with its secret."""
    uri, method, body, headers = params.extract(request)
    asked = Request(uri, method, body, headers)
    return asked.client if request_validator.authenticate_client(asked) else None


@form
def introspect(request: HttpRequest) -> HttpResponse:
    """Tell an app what a token of its own is good for (RFC 7662); of any other, only that it is good for nothing."""
    app = proven(request)
    if app is None:
        tried = _named(request)
        return refused("invalid_client", status=401) if tried else refused("invalid_client", status=403)
    secret = request.POST.get("token") or request.GET.get("token") or ""
    return said(200, _about(secret, app) or {"active": False})


def _about(secret: str, app: App) -> dict[str, Any] | None:
    found = acting.access(secret) or acting.refresh(secret)
    if found is None or found.family.authorization.project_id != app.project_id or not acting.is_live(found.family):
        return None
    over = getattr(found, "ended_at", None) or getattr(found, "replaced_at", None)
    if over or found.expires_at <= timezone.now():
        return None
    scope, row = getattr(found, "scope", found.family.scope), found.family.authorization
    told: dict[str, Any] = {"active": True, "scope": scope, "exp": int(found.expires_at.timestamp())}
    told |= {"client_id": app.client_id, "token_type": "Bearer", "iat": int(found.created_at.timestamp())}
    told |= {"sub": row.project_member.number, "iss": settings.SITE_URL}
    return told | ({"username": row.member.username} if row.username_shared else {})


@form
def device(request: HttpRequest) -> HttpResponse:
    """Let an app on something without a browser wait for a member (RFC 8628 section 3.1)."""
    app = find(request.POST.get("client_id"))
    if app is None or not app.row.public:
        app = proven(request)
    if app is None:
        return refused("invalid_client", status=401)
    if not app.row.device_allowed:
        return refused("unauthorized_client", "This app may not be used on devices. Its coordinator can allow it.")
    scope = params.scopes(request.POST.get("scope", "")) or DEFAULT_SCOPE
    if not SCOPES.issuperset(scope.split(" ")):
        return refused("invalid_scope")
    begun = tokens.begin_device(project_id=app.project_id, scope=scope, now=timezone.now())
    page = f"{settings.SITE_URL}/device/"
    return said(
        200,
        {
            "device_code": begun.device_code,
            "user_code": begun.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={begun.user_code}",
            "expires_in": int(DEVICE_FOR.total_seconds()),
            "interval": DEVICE_INTERVAL,
        },
    )


def userinfo(request: HttpRequest) -> HttpResponse:
    """Tell an app who the member is (OpenID Connect Core section 5.3)."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return said(401, "", WWW_Authenticate="Bearer")
    try:
        caller = queries.caller(secret.strip(), now=timezone.now())
    except (queries.UnknownToken, queries.ExpiredToken):
        return refused("invalid_token", status=401, WWW_Authenticate='Bearer error="invalid_token"')
    if caller.number is None or OPENID not in caller.scope.split():
        challenge = 'Bearer error="insufficient_scope", scope="openid"'
        return refused("insufficient_scope", status=403, WWW_Authenticate=challenge)
    return said(200, {"sub": caller.number} | ({"preferred_username": caller.username} if caller.username else {}))


def keys(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - as every endpoint
    """Tell with which keys id tokens are checked."""
    response = said(200, identity.key_set())
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
