"""The application: requests of programs go straight to their doors, everything else through Django's pages."""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import StreamingHttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consentry_server.config.settings")
django.setup(set_prefix=False)

from consentry_server.api import urls as api  # noqa: E402 - after Django is set up
from consentry_server.api.downloads import Response  # noqa: E402
from consentry_server.common.configured import configured  # noqa: E402
from consentry_server.config.requests import request_of  # noqa: E402
from consentry_server.oauth import urls as oauth  # noqa: E402

pages = WSGIHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request, as WSGI does."""
    answer = answered(environ)
    if answer is None:
        found: Iterable[bytes] = pages(environ, start_response)
        return found
    start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.headers.items()))
    content = content_of(answer)
    return [content] if isinstance(content, bytes) else content


def answered(environ: dict[str, Any]) -> Response | None:
    """Return the answer to a program, with all its headers; None if the address is one of a page."""
    environ["REMOTE_ADDR"] = _client_address(environ)
    path = environ["PATH_INFO"]
    if path.startswith(api.PREFIXES):
        return _whole(api.respond(request_of(environ)))
    if path.startswith(oauth.PREFIXES):
        return _whole(oauth.respond(request_of(environ)))
    return None


def answered_together(environs: Sequence[dict[str, Any]]) -> list[Response]:
    """Return the answers to requests to the API; what they download is looked up together."""
    for environ in environs:
        environ["REMOTE_ADDR"] = _client_address(environ)
    return [_whole(response) for response in api.respond_to_each(map(request_of, environs))]


def _client_address(environ: dict[str, Any]) -> str:
    """Return who called the outermost of our proxies; what stands further left anybody could have written."""
    proxies = configured().PROXIES
    if not proxies:
        return str(environ["REMOTE_ADDR"])
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return hops[-min(proxies, len(hops))] or str(environ["REMOTE_ADDR"])


def content_of(response: Response) -> bytes | Iterable[bytes]:
    """Return the content; what is not bytes is made while it is sent."""
    return response if isinstance(response, StreamingHttpResponse) else response.content


def _whole(response: Response) -> Response:
    headers, content = response.headers, content_of(response)
    if seconds := configured().SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={seconds}"
    if isinstance(content, bytes) and "Content-Length" not in headers and response.status_code != 304:
        headers["Content-Length"] = str(len(content))
    return response
