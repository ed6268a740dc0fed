"""Requests of programs. Django's own takes a tenth of a small answer's time to be ready for what few of them use."""

from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIRequest, get_path_info
from django.http import QueryDict
from django.utils.http import parse_header_parameters

NOTHING = QueryDict()  # cannot be changed


class Request(WSGIRequest):
    """A request of a program: it is in UTF-8 whatever it claims, and its type may be unreadable."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            found = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            found = "unreadable", {}
        self.content_type, self.content_params = found


class Reading(Request):
    """A request that reads: whatever it sends along is not looked at."""

    resolver_match = None
    _stream, _read_started = BytesIO(), False

    def __init__(self, environ: dict[str, Any]) -> None:
        path = environ["PATH_INFO"]
        self.environ = self.META = environ
        self.method = environ["REQUEST_METHOD"]
        self.path = self.path_info = path if path.isascii() else get_path_info(environ)
        self.content_type, self.content_params = "", {}
        if not environ["QUERY_STRING"]:
            self.GET = NOTHING


def request_of(environ: dict[str, Any]) -> Request:
    """Return what a program asks."""
    return (Reading if environ["REQUEST_METHOD"] in ("GET", "HEAD") else Request)(environ)
