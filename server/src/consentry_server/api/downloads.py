"""The addresses from which files are downloaded: no credentials, a signed link that dies with the consent."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from consentry_server.api.answers import Answer, refusal
from consentry_server.api.endpoint import client_address
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

Response = Answer | HttpResponse | StreamingHttpResponse


def _guarded(view: Callable[..., HttpResponse | StreamingHttpResponse]) -> Callable[..., Response]:
    """Answer GET and HEAD only, with the headers under which no uploaded byte can run."""

    def run(request: HttpRequest, **found: str) -> Response:
        try:
            request.get_host()
            if request.method not in ("GET", "HEAD"):
                response: Response = HttpResponse(status=405)
            else:
                response = view(request, timezone.now(), **found)
        except Exception as error:  # noqa: BLE001 - the one place that turns any failure into an answer
            response = refusal(error, request, allow=ALLOW)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Allow", ALLOW)
        return response

    return run


def _page(html: str) -> HttpResponse:
    return HttpResponse(html, status=403, content_type="text/html; charset=utf-8")


@_guarded
def link(request: HttpRequest, now: datetime, file_id: str) -> HttpResponse | StreamingHttpResponse:
    """Lead from a download link to an address that ends in the file's name and works for ten minutes."""
    key = derive("links")
    found = read_link(key, request.GET.get("key", ""), stage="link", file_id=int(file_id), now=now)
    if found is None:
        return _page(REFUSED)
    file = files.readable_by_link(int(file_id), found)
    if file is None:
        return _page(MISSING if files.still_open(found) else REFUSED)
    soon = replace(found, expires=int(now.timestamp()) + TARGET_FOR)
    signed = sign_link(key, soon, stage="target", file_id=file.id)
    response = HttpResponse(status=302)
    response.headers["Location"] = f"/data-management/datafile/{file.id}/{signed}/{quote(file.basename, safe='')}"
    return response


@_guarded
def target(request: HttpRequest, now: datetime, file_id: str, signed: str) -> HttpResponse | StreamingHttpResponse:
    """Send the bytes of a file, or the part that was asked for."""
    found = read_link(derive("links"), signed, stage="target", file_id=int(file_id), now=now)
    file = files.readable_by_link(int(file_id), found) if found else None
    if found is None or file is None:
        return _page(MISSING if found and files.still_open(found) else REFUSED)
    etag = f'"{file.sha256}"'
    if _has_already(request.META.get("HTTP_IF_NONE_MATCH", ""), etag):
        response: HttpResponse | StreamingHttpResponse = HttpResponse(status=304)
    else:
        response = _bytes(request, file, etag, now)
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _has_already(tags: str, etag: str) -> bool:
    """Read `If-None-Match`: a list of tags, weak ones too, or a star (RFC 9110, 13.1.2)."""
    return tags == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]


def _bytes(request: HttpRequest, file: Readable, etag: str, now: datetime) -> HttpResponse | StreamingHttpResponse:
    wanted = _range(request, file.size, etag)
    if wanted is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    start, length = wanted
    sent = 0 if request.method == "HEAD" else length
    try:
        blob = files.read_file(file, size=sent, address=client_address(request), fingerprint="", now=now)
    except NotFound:
        return _page(MISSING)
    response = Slice(blob, start, sent)
    response.status_code = 200 if length == file.size else 206
    response.headers["Content-Length"] = str(length)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.basename, safe='')}"
    if response.status_code == 206:
        response.headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{file.size}"
    return response


def _range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """Return first byte and number of bytes; all of them unless one plain range is asked of this very version."""
    asked = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.META.get("HTTP_RANGE", ""), re.ASCII)
    condition = request.META.get("HTTP_IF_RANGE")
    if asked is None or asked[0] == "bytes=-" or condition not in (None, etag):
        return 0, size
    if not asked[1]:
        length = min(int(asked[2]), size)
        return (size - length, length) if length else None
    first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    if asked[2] and int(asked[2]) < first:
        return 0, size
    return (first, last - first + 1) if first < size else None


class Slice(StreamingHttpResponse):
    """Some bytes of an open file. A server that can hand a file to the kernel finds it in `blob`."""

    def __init__(self, blob: BinaryIO, start: int, length: int) -> None:
        blob.seek(start)
        self.blob, self.start, self.length = blob, start, length
        super().__init__(self._chunks(), content_type="application/octet-stream")

    def _chunks(self) -> Iterator[bytes]:
        left = self.length
        while left and (chunk := self.blob.read(min(left, 1 << 17))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.blob.close()
        super().close()
