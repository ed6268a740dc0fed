"""Answers of the API: their headers, and how each kind of refusal is told."""

import html
import json
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from consentry_server.common import errors

log = logging.getLogger(__name__)

_HEADERS = {
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "Vary": "Accept, Authorization, Cookie, origin",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
    "Access-Control-Allow-Headers": "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
    "Access-Control-Max-Age": "86400",
}
# kinds of errors; the status that tells of them; a sentence where the error has none for people; headers
_STATUS: list[tuple[type[Exception] | tuple[type[Exception], ...], int, str, dict[str, str]]] = [
    (errors.NotFound, 404, "", {}),
    (errors.Refused, 403, "", {}),
    (errors.Conflict, 409, "", {}),
    (errors.TooLarge, 413, "", {}),
    (errors.TooMany, 429, "", {"Retry-After": "5"}),
    (errors.Full, 507, "", {"Retry-After": "60"}),
    (errors.Unavailable, 503, "", {"Retry-After": "60"}),
    (
        DatabaseError,
        503,
        "The database does not answer. Try again in a moment.",
        {"Retry-After": "5"},
    ),
    (
        RequestDataTooBig,
        400,
        "The fields of this request are too long. Send the file itself as a file.",
        {},
    ),
    (
        (SuspiciousOperation, MultiPartParserError, UnreadablePostError),
        400,
        "The request could not be read. Check how it is encoded and send it again.",
        {},
    ),
]


class Halt(Exception):
    """The request ends here with this status and sentence."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def encode(value: Any) -> bytes:
    """Return JSON as the wire has it: compact, in UTF-8."""
    return msgspec.json.encode(value)


@dataclass(slots=True)
class Answer:
    """What the server needs of a response. Django's own takes a quarter of the time of a small answer."""

    content: bytes | Iterable[bytes]  # what is not bytes is made while it is sent
    status_code: int
    headers: dict[str, str]

    @property
    def reason_phrase(self) -> str:
        if self.status_code == 460:  # of the tus protocol
            return "Checksum Mismatch"
        return HTTPStatus(self.status_code).phrase


def answer(body: bytes, status: int = 200, *, allow: str, page: bool = False) -> Answer:
    """Return JSON with the headers of every answer; `page` shows it to a person instead."""
    kind = "text/html; charset=utf-8" if page else "application/json"
    varying = {"Content-Type": kind, "Expires": _now(int(time.time())), "Allow": allow}
    return Answer(_page(body).encode() if page else body, status, _HEADERS | varying)


def stream_headers(kind: str, name: str) -> dict[str, str]:
    """Return the headers of an answer that is made while it is sent, and kept under a name."""
    told = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'}
    return _HEADERS | told | {"Expires": _now(int(time.time())), "Allow": "GET, HEAD, OPTIONS"}


@lru_cache(maxsize=1)
def _now(second: int) -> str:
    """Return a time as headers have it: it is the same for all answers of a second."""
    return formatdate(second, usegmt=True)


def redirect(address: str) -> HttpResponse:
    """Lead to the address with its slash; nobody keeps the redirect, as a token may stand in it."""
    response = HttpResponsePermanentRedirect(address)
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers["Expires"] = _now(int(time.time()))
    return response


def preflight() -> Answer:
    """Return what a browser asks for before it lets a page of another site call the API."""
    return Answer(b"", 200, _HEADERS | _PREFLIGHT)


def _page(body: bytes) -> str:
    shown = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    return f"<!doctype html><html lang=en><meta charset=utf-8><title>API</title><pre>{html.escape(shown)}</pre></html>"


def refusal(error: Exception, request: HttpRequest, *, allow: str, page: bool = False) -> Answer:
    """Return the answer that tells of an error; what nobody foresaw is logged without the query string."""
    status, body, headers = _told(error)
    if status == 500:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
    response = answer(encode(body), status, allow=allow, page=page)
    for name, value in headers.items():
        response.headers[name] = value
    if not request.path.startswith("/api/"):
        del response.headers["Access-Control-Allow-Origin"]
    return response


def _told(error: Exception) -> tuple[int, Any, dict[str, str]]:
    if isinstance(error, errors.Invalid):
        return 400, error.faults, {}
    if isinstance(error, Halt):
        return error.status, {"detail": error.detail}, error.headers
    if isinstance(error, DatabaseError):
        log.error("the database did not answer: %s", type(error).__name__, exc_info=error)
    for kinds, status, sentence, headers in _STATUS:
        if isinstance(error, kinds):
            return status, {"detail": sentence or str(error)}, headers
    return 500, {"detail": "Something went wrong here; it has been noted. Try again later."}, {}
