"""The addresses from which files are downloaded: no credentials, a signed link that dies with the consent."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from consentry_server.api.answers import Answer, refusal
from consentry_server.api.hosts import host_of
from consentry_server.api.limits import client_address
from consentry_server.api.together import Walk
from consentry_server.common.configured import configured
from consentry_server.common.errors import NotFound
from consentry_server.common.keys import derive
from consentry_server.files import actions as files
from consentry_server.files.queries import Readable
from consentry_server.files.rules import TARGET_FOR, read_link, sign_link

_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ALLOW = "GET, HEAD"
REFUSED = "<h1>You are not authorized to view this file.</h1>"
MISSING = "<h1>This file is unavailable.</h1>"

SMALL, PIECE = 1 << 18, 1 << 19  # bytes: sent as they are; read at a time of what is longer

Response = Answer | HttpResponse | StreamingHttpResponse
Steps = Walk[Answer]


class Slice:
    """Some bytes of an open file, piece by piece."""

    def __init__(self, blob: BinaryIO, length: int) -> None:
        self._blob, self._left = blob, length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._blob.read(min(self._left, PIECE)) if self._left else b""
        if not piece:
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Let the file go."""
        self._blob.close()


def _guarded(view: Callable[..., Steps]) -> Callable[..., Steps]:
    """Answer GET and HEAD only, with the headers under which no uploaded byte can run."""

    def run(request: HttpRequest, **found: str) -> Steps:
        try:
            host_of(request)
            if request.method not in ("GET", "HEAD"):
                response = Answer(b"", 405, {})
            else:
                response = yield from view(request, timezone.now(), **found)
        except Exception as error:  # noqa: BLE001 - the one place that turns any failure into an answer
            response = refusal(error, request, allow=ALLOW)
        response.headers = {"Allow": ALLOW} | response.headers | _HEADERS
        return response

    return run


@lru_cache(maxsize=1024)
def _quoted(name: str) -> str:
    return quote(name, safe="")


def _page(html: str) -> Answer:
    return Answer(html.encode(), 403, {"Content-Type": "text/html; charset=utf-8"})


@_guarded
def link(request: HttpRequest, now: datetime, file_id: str) -> Steps:
    """Lead from a download link to an address that ends in the file's name and works for ten minutes."""
    key = derive("links")
    found = read_link(key, request.GET.get("key", ""), stage="link", file_id=int(file_id), now=now)
    if found is None:
        return _page(REFUSED)
    file = yield int(file_id), found
    if file is None:
        return _page(MISSING if files.still_open(found) else REFUSED)
    address = _elsewhere(request, file, now)
    if address is None:
        soon = found._replace(expires=int(now.timestamp()) + TARGET_FOR)
        signed = sign_link(key, soon, stage="target", file_id=file.id)
        address = f"/data-management/datafile/{file.id}/{signed}/{_quoted(file.basename)}"
    return Answer(b"", 302, {"Content-Type": "text/html; charset=utf-8", "Location": address})


def _elsewhere(request: HttpRequest, file: Readable, now: datetime) -> str | None:
    """Return the store's own address, unless the request is one that we answer better.

    A signed address is for GET alone. Not every store reads conditions, and none knows our tags.
    """
    if request.method == "HEAD" or {"HTTP_IF_RANGE", "HTTP_IF_NONE_MATCH"} & set(request.META):
        return None
    _, length = _range(request, file.size, ()) or (0, 0)
    return files.read_elsewhere(file, size=length, address=client_address(request), fingerprint="", now=now)


@_guarded
def target(request: HttpRequest, now: datetime, file_id: str, signed: str) -> Steps:
    """Send the bytes of a file, or the part that was asked for."""
    found = read_link(derive("links"), signed, stage="target", file_id=int(file_id), now=now)
    if found is None:
        return _page(REFUSED)
    file = yield int(file_id), found
    if file is None:
        return _page(MISSING if files.still_open(found) else REFUSED)
    try:
        return _sent(request, file, now)
    except NotFound:
        return _page(MISSING)


def _sent(request: HttpRequest, file: Readable, now: datetime) -> Answer:
    etag = f'"{file.sha256}"'
    tags = _tags(request, file, etag)
    if _has_already(request.META.get("HTTP_IF_NONE_MATCH", ""), tags):
        response = Answer(b"", 304, {})
    else:
        response = _handed_over(request, file, now) or _bytes(request, file, tags, now)
    response.headers["ETag"] = etag
    if "X-Accel-Redirect" not in response.headers:  # nginx adds its own
        response.headers["Accept-Ranges"] = "bytes"
    return response


def _handed_over(request: HttpRequest, file: Readable, now: datetime) -> Answer | None:
    """Have the proxy send a whole file; who wants a part or the head alone is answered here."""
    location = configured().INTERNAL_REDIRECT
    if not location or request.method == "HEAD" or "HTTP_RANGE" in request.META:
        return None
    inside = files.read_inside(file, address=client_address(request), fingerprint="", now=now)
    return None if inside is None else Answer(b"", 200, _about(file) | {"X-Accel-Redirect": f"{location}{inside}"})


def _tags(request: HttpRequest, file: Readable, etag: str) -> tuple[str, ...]:
    """Return by which tags the caller may know these bytes: ours, or the store's if they came from there before."""
    said = request.META.get("HTTP_IF_RANGE") or request.META.get("HTTP_IF_NONE_MATCH") or etag
    elsewhere = None if said == etag else files.tag_elsewhere(file)
    return (etag, elsewhere) if elsewhere else (etag,)


def _has_already(said: str, tags: Collection[str]) -> bool:
    """Read `If-None-Match`: a list of tags, weak ones too, or a star (RFC 9110, 13.1.2)."""
    return said == "*" or any(tag.strip().removeprefix("W/") in tags for tag in said.split(","))


def _bytes(request: HttpRequest, file: Readable, tags: Collection[str], now: datetime) -> Answer:
    """Raises NotFound if the bytes are gone."""
    wanted = _range(request, file.size, tags)
    if wanted is None:
        return Answer(b"", 416, {"Content-Range": f"bytes */{file.size}"})
    start, length = wanted
    sent = 0 if request.method == "HEAD" else length
    who = {"address": client_address(request), "fingerprint": ""}
    blob = files.read_file(file, start=start, size=sent, now=now, **who)
    headers = _about(file) | {"Content-Length": str(length)}
    if length != file.size:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{file.size}"
    return Answer(_content(blob, sent), 200 if length == file.size else 206, headers)


def _about(file: Readable) -> dict[str, str]:
    """Return the headers by which a browser saves the bytes under their name and never runs them."""
    disposition = f"attachment; filename*=UTF-8''{_quoted(file.basename)}"
    return {"Content-Type": "application/octet-stream", "Content-Disposition": disposition}


def _content(blob: BinaryIO, length: int) -> bytes | Slice:
    """Return a short content as it is, a long one as something to iterate over."""
    if length > SMALL:
        return Slice(blob, length)
    with closing(blob):
        return _read(blob, length)


def _read(blob: BinaryIO, length: int) -> bytes:
    """Read so many bytes; not every store gives them at once."""
    data = blob.read(length) if length else b""
    while len(data) < length and (more := blob.read(length - len(data))):
        data += more
    return data


def _range(request: HttpRequest, size: int, tags: Collection[str]) -> tuple[int, int] | None:
    """Return first byte and number of bytes; all of them unless one plain range is asked of this very version."""
    asked = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.META.get("HTTP_RANGE", ""), re.ASCII)
    condition = request.META.get("HTTP_IF_RANGE")
    if asked is None or asked[0] == "bytes=-" or (condition is not None and condition not in tags):
        return 0, size
    if not asked[1]:
        length = min(int(asked[2]), size)
        return (size - length, length) if length else None
    first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    if asked[2] and int(asked[2]) < first:
        return 0, size
    return (first, last - first + 1) if first < size else None
