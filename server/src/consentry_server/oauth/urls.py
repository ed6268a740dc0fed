"""The addresses that programs call. Those that people open are in `oauth.pages`."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from consentry_server.oauth import endpoints
from consentry_server.oauth.endpoints import refused
from consentry_server.oauth.metadata import metadata

log = logging.getLogger(__name__)

PREFIXES = ("/oauth2/", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
_UNREADABLE = (RequestDataTooBig, SuspiciousOperation, MultiPartParserError, UnreadablePostError, UnicodeError)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}


class Address(NamedTuple):
    """What is done at an address, and by which methods."""

    view: Callable[[HttpRequest], HttpResponse]
    methods: tuple[str, ...]


_ADDRESSES = {
    "/oauth2/token/": Address(endpoints.token, ("POST",)),
    "/oauth2/revoke_token/": Address(endpoints.revoke, ("POST",)),
    "/oauth2/introspect/": Address(endpoints.introspect, ("GET", "POST")),
    "/oauth2/device_authorization/": Address(endpoints.device, ("POST",)),
    "/oauth2/userinfo/": Address(endpoints.userinfo, ("GET", "POST")),
    "/oauth2/jwks/": Address(endpoints.keys, ("GET", "HEAD")),
    "/.well-known/oauth-authorization-server": Address(metadata, ("GET", "HEAD")),
    "/.well-known/openid-configuration": Address(metadata, ("GET", "HEAD")),
}


def respond(request: HttpRequest) -> HttpResponse:
    """Answer a program's request."""
    try:
        response = _respond(request)
    except _UNREADABLE:
        response = refused("invalid_request", "The request could not be read. Send a form.")
    except DatabaseError:
        log.exception("the database did not answer")
        response = refused("temporarily_unavailable", status=503, Retry_After="5")
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        response = refused("server_error", status=500)
    for name, value in _HEADERS.items():
        response.headers[name] = value
    return response


def _respond(request: HttpRequest) -> HttpResponse:
    request.get_host()
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return refused("invalid_request", "Use https.")
    address = _ADDRESSES.get(request.path_info)
    if address is None:
        return refused("not_found", "There is nothing at this address.", status=404)
    if request.method not in address.methods:
        return refused("invalid_request", status=405, Allow=", ".join(address.methods))
    return address.view(request)
