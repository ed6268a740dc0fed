"""The application: requests of programs go straight to their doors, everything else through Django's pages."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import StreamingHttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consentry_server.config.settings")
django.setup(set_prefix=False)

from consentry_server.api import urls as api  # noqa: E402 - after Django is set up
from consentry_server.config.requests import request_of  # noqa: E402
from consentry_server.oauth import urls as oauth  # noqa: E402

pages = WSGIHandler()


class Answered(NamedTuple):
    """What a program gets. A content that is not bytes is made while it is sent."""

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes | Iterable[bytes]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request, as WSGI does."""
    answer = answered(environ)
    if answer is None:
        found: Iterable[bytes] = pages(environ, start_response)
        return found
    start_response(f"{answer.status} {answer.reason}", list(answer.headers.items()))
    return [answer.content] if isinstance(answer.content, bytes) else answer.content


def answered(environ: dict[str, Any]) -> Answered | None:
    """Return the answer to a program; None if the address is one of a page."""
    if settings.PROXIES:
        environ["REMOTE_ADDR"] = _client_address(environ)
    path = environ["PATH_INFO"]
    if path.startswith(api.PREFIXES):
        return _whole(api.respond(request_of(environ)))
    if path.startswith(oauth.PREFIXES):
        return _whole(oauth.respond(request_of(environ)))
    return None


def _client_address(environ: dict[str, Any]) -> str:
    """Return who called the outermost of our proxies; what stands further left anybody could have written."""
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return hops[-min(settings.PROXIES, len(hops))] or str(environ["REMOTE_ADDR"])


def _whole(response: Any) -> Answered:
    headers = response.headers
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    content = response if isinstance(response, StreamingHttpResponse) else response.content
    if isinstance(content, bytes) and "Content-Length" not in headers and response.status_code != 304:
        headers["Content-Length"] = str(len(content))
    return Answered(response.status_code, response.reason_phrase, headers, content)
