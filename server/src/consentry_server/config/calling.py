"""Lets a page ask the doors of programs something, by HTTP in this process: see `web.calling`."""

from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, HttpResponseBase

from consentry_server.api import urls as api
from consentry_server.oauth import urls as oauth
from consentry_server.web.calling import Answer, Ask, Call

# Of the browser's own request: where this server is, and who calls. No cookie, no session: an app has none.
_KEPT = ("HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT")
_FORM = "application/x-www-form-urlencoded"


class Calling:
    """The outermost wrap of the pages, as it stands above all doors: nothing below calls it."""

    def __init__(self, get_response: Callable[[WSGIRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: WSGIRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, Ask):
            return response
        request.answer = _asked(request, response.call)  # type: ignore[attr-defined]
        return self.get_response(request)


def _asked(request: WSGIRequest, call: Call) -> Answer:
    door = next(door for door in (api, oauth) if call.path.startswith(door.PREFIXES))
    response: HttpResponse = door.respond(WSGIRequest(_environ(request.environ, call)))
    return Answer(response.status_code, response.reason_phrase, response.content.decode())


def _environ(outer: dict[str, Any], call: Call) -> dict[str, Any]:
    body = urlencode(call.form).encode()
    kept = {name: value for name, value in outer.items() if name in _KEPT or name.startswith("wsgi.")}
    own = {
        "REQUEST_METHOD": "POST" if call.form else "GET",
        "PATH_INFO": call.path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": _FORM if call.form else "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT": "application/json",
        "wsgi.input": BytesIO(body),
    }
    return kept | own | _proof(call)


def _proof(call: Call) -> dict[str, str]:
    if call.bearer:
        return {"HTTP_AUTHORIZATION": f"Bearer {call.bearer}"}
    if call.basic:
        return {"HTTP_AUTHORIZATION": f"Basic {b64encode(':'.join(call.basic).encode()).decode()}"}
    return {}
