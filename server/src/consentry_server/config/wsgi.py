"""The application: requests to the API go straight to it, everything else through Django's pages."""

import os
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, cast

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import parse_header_parameters

from consentry_server.config.slots import in_slots

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consentry_server.config.settings")
django.setup(set_prefix=False)

from consentry_server.api import urls as api  # noqa: E402 - after Django is set up
from consentry_server.api.answers import Answer  # noqa: E402

SMALL = 1 << 18  # bytes of a file that are sent at once, without a thread that feeds them

pages = WSGIHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    if settings.PROXIES:
        environ["REMOTE_ADDR"] = _client_address(environ)
    if environ["PATH_INFO"].startswith(api.PREFIXES):
        return _answer(environ, start_response)
    found: Iterable[bytes] = pages(environ, start_response)
    return found


def _client_address(environ: dict[str, Any]) -> str:
    """Return who called the outermost of our proxies; what stands further left anybody could have written."""
    hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return hops[-min(settings.PROXIES, len(hops))] or str(environ["REMOTE_ADDR"])


class Request(WSGIRequest):
    """A request to the API: it is in UTF-8 whatever it claims, and its type may be unreadable."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            found = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            found = "unreadable", {}
        self.content_type, self.content_params = found


def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    response = api.respond(Request(environ))
    if settings.SECURE_HSTS_SECONDS:
        response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    body = _body(response)
    counted = "Content-Length" in response.headers or response.status_code == 304
    if isinstance(body, list) and not counted:
        response.headers["Content-Length"] = str(len(body[0]))
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.headers.items()))
    return body


def _body(response: Answer | HttpResponse | StreamingHttpResponse) -> Iterable[bytes]:
    if isinstance(response, StreamingHttpResponse):
        return _streamed(response)
    return [response.content]


def _streamed(response: StreamingHttpResponse) -> Iterable[bytes]:
    if int(response.headers["Content-Length"]) > SMALL:
        return cast("Iterable[bytes]", response)
    with closing(response):
        return [b"".join(cast("Iterable[bytes]", response))]


# SQLite answers inside this process, where a second request at once only takes the interpreter from the first;
# whoever waits for PostgreSQL leaves it to another (bench/).
served = in_slots(application, count=1 if connection.vendor == "sqlite" else 2)
