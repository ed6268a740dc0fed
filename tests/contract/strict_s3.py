"""An object store that takes nothing on trust, for tests: signatures, their end, sums and conditions are all checked.

It is no product: one bucket for each name, bytes in a folder, and a list of what was asked. `faults` breaks it.
"""

import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.contract import strict_listing as listing
from tests.contract.sigv4 import Refusal, check_signature, check_sums, now
from tests.contract.strict_kept import ENVIRONMENT, Kept, Upload

PIECE = 1 << 20
SMALLEST_PART = 5 << 20
EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass
class Strict:
    """The state of the store, and what a test does to it."""

    url: str
    folder: Path
    objects: dict[str, Kept] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    # given a line such as `PUT /bucket/key`, does something to the answer, or raises a Refusal
    fault: Callable[["Handler", str], None] | None = None
    conditions: bool = True  # whether it knows If-None-Match, as not every store does
    versioned = public = False  # how an operator may have set the bucket up wrongly
    lock: threading.RLock = field(default_factory=threading.RLock)

    def environment(self) -> dict[str, str]:
        return ENVIRONMENT | {"AWS_ENDPOINT_URL_S3": self.url}

    def forget(self) -> None:
        """Be empty and work well again."""
        for kept in self.objects.values():
            kept.path.unlink(missing_ok=True)
        for found in (self.objects, self.uploads, self.asked):
            found.clear()
        self.fault, self.conditions = None, True
        self.versioned = self.public = False

    def age(self, by: timedelta) -> None:
        """Make everything that is there older."""
        for kept in (*self.objects.values(), *self.uploads.values()):
            kept.since -= by


@contextmanager
def strict_s3(folder: Path) -> Iterator[Strict]:
    """Serve an empty store on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state = Strict(f"http://127.0.0.1:{server.server_port}", folder)
    server.state = state  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Strict
    # what a fault can do: leave out the end of an answer, never answer, lie about a sum, or only pretend to keep
    cut = 0
    mute = lie = pretend = False
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        return None

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def _answer(self) -> None:
        self.state = self.server.state  # type: ignore[attr-defined]
        self.path_part, _, self.query_text = self.path.partition("?")
        self.query = dict(parse_qsl(self.query_text, keep_blank_values=True))
        self.key = unquote(self.path_part)
        self.cut = 0
        self.mute = self.lie = self.pretend = False
        self.body: Path | None = None
        line = f"{self.command} {self.key}" + "".join(f" {name}" for name in self.query if not name.startswith("X-"))
        self.state.asked.append(line)
        try:
            self._checked(line)
        except Refusal as refusal:
            self._refuse(refusal)
        finally:
            if self.body is not None:
                self.body.unlink(missing_ok=True)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 - the base class's names

    def _checked(self, line: str) -> None:
        self.sha256, self.md5 = self._take_body()
        if self.state.fault is not None:
            self.state.fault(self, line)
        if not (self.state.public and not self.query_text and self.command == "GET"):
            check_signature(self)
        check_sums(self)
        ROUTES[self.command](self)

    def _take_body(self) -> tuple[str, str]:
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        left = int(self.headers.get("Content-Length") or 0)
        self.body = self.state.folder / f"body-{threading.get_ident()}-{len(self.state.asked)}"
        with self.body.open("wb") as file:
            while left:
                data = self.rfile.read(min(left, PIECE))
                if not data:
                    self.close_connection = True
                    raise Refusal(400, "IncompleteBody")
                left -= len(data)
                file.write(data)
                sha256.update(data)
                md5.update(data)
        return sha256.hexdigest(), md5.hexdigest()

    def _refuse(self, refusal: Refusal) -> None:
        body = f"<Error><Code>{refusal.code}</Code><Message>{refusal.code}</Message></Error>".encode()
        self.reply(refusal.status, body, **refusal.headers)

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a short answer."""
        if self.mute:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def xml(self, body: str, **headers: str) -> None:
        self.reply(200, f'<?xml version="1.0"?>{body}'.encode(), Content_Type="application/xml", **headers)


# --- objects


def _found(request: Handler, key: str) -> Kept:
    kept = request.state.objects.get(key)
    if kept is None:
        raise Refusal(404, "NoSuchKey")
    for name, code, wanted in (("If-Match", 412, True), ("If-None-Match", 304, False)):
        given = request.headers.get(name)
        if given is not None and (given == kept.etag) != wanted:
            raise Refusal(code, "PreconditionFailed")
    return kept


def get(request: Handler) -> None:
    for said, answer in (("versioning", tell_versioning), ("uploads", list_uploads), ("list-type", list_objects)):
        if said in request.query:
            return answer(request)
    kept = _found(request, request.key)
    first, last, partial = _range(request, kept)
    headers = kept.headers | {"ETag": kept.etag, "Accept-Ranges": "bytes", "Content-Length": str(last - first + 1)}
    headers["Last-Modified"] = format_datetime(kept.since, usegmt=True)
    for name in ("content-disposition", "content-type"):
        if f"response-{name}" in request.query:
            headers[name.title()] = request.query[f"response-{name}"]
    if partial:
        headers["Content-Range"] = f"bytes {first}-{last}/{kept.size}"
    request.send_response(206 if partial else 200)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    if request.command == "GET":
        _send(request, kept.path, first, last - first + 1)
    return None


def _range(request: Handler, kept: Kept) -> tuple[int, int, bool]:
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
    condition = request.headers.get("If-Range")
    if match is None or match[0] == "bytes=-" or condition not in (None, kept.etag):
        return 0, kept.size - 1, False
    if not match[1]:
        return max(kept.size - int(match[2]), 0), kept.size - 1, True
    first, last = int(match[1]), min(int(match[2] or kept.size - 1), kept.size - 1)
    if first >= kept.size:
        raise Refusal(416, "InvalidRange", Content_Range=f"bytes */{kept.size}")
    return first, last, True


def _send(request: Handler, path: Path, first: int, length: int) -> None:
    cut = min(request.cut, length)
    with path.open("rb") as file:
        file.seek(first)
        left = length - cut
        while left and (data := file.read(min(left, PIECE))):
            request.wfile.write(data)
            left -= len(data)
    if cut:
        request.wfile.flush()
        request.close_connection = True
        request.connection.close()


def _store(request: Handler, key: str, headers: dict[str, str]) -> Kept:
    kept = Kept(_moved(request), f'"{request.md5}"', now(), headers)
    with request.state.lock:
        _once(request, key)
        request.state.objects[key] = kept
    return kept


def _once(request: Handler, key: str) -> None:
    if "If-None-Match" in request.headers:
        if not request.state.conditions:
            raise Refusal(501, "NotImplemented")
        if key in request.state.objects:
            raise Refusal(412, "PreconditionFailed")


def _moved(request: Handler) -> Path:
    assert request.body is not None
    target = request.body.with_name(f"kept-{request.body.name}")
    request.body.rename(target)
    request.body = None
    return target


def _kept_headers(request: Handler) -> dict[str, str]:
    wanted = ("content-type", "content-disposition")
    return {
        name: value
        for name, value in request.headers.items()
        if name.lower() in wanted or name.lower().startswith("x-amz-meta-")
    }


def put(request: Handler) -> None:
    if request.pretend:
        return request.reply(200, ETag=f'"{request.md5}"')
    if "partNumber" in request.query:
        return put_part(request)
    if "x-amz-copy-source" in request.headers:
        source = _copy_source(request)
        request.body = Path(shutil.copy(source.path, request.state.folder / f"copy-{len(request.state.asked)}"))
        request.md5 = source.etag.strip('"') if "-" not in source.etag else _md5(source.path)
        kept = _store(request, request.key, _kept_headers(request))
        return request.xml(f"<CopyObjectResult><ETag>{escape(kept.etag)}</ETag></CopyObjectResult>")
    kept = _store(request, request.key, _kept_headers(request))
    return request.reply(200, ETag=kept.etag)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _copy_source(request: Handler) -> Kept:
    kept = request.state.objects.get("/" + unquote(request.headers["x-amz-copy-source"]).lstrip("/"))
    if kept is None:
        raise Refusal(404, "NoSuchKey")
    if request.headers.get("x-amz-copy-source-if-match", kept.etag) != kept.etag:
        raise Refusal(412, "PreconditionFailed")
    return kept


def delete(request: Handler) -> None:
    if "uploadId" in request.query:
        _upload(request)
        del request.state.uploads[request.query["uploadId"]]
    else:
        request.state.objects.pop(request.key, None)
    request.reply(204)


# --- multipart


def _upload(request: Handler) -> Upload:
    upload = request.state.uploads.get(request.query["uploadId"])
    if upload is None or upload.key != request.key:
        raise Refusal(404, "NoSuchUpload")
    return upload


def put_part(request: Handler) -> None:
    upload, number = _upload(request), int(request.query["partNumber"])
    if not 1 <= number <= 10_000:
        raise Refusal(400, "InvalidArgument")
    if "x-amz-copy-source" in request.headers:
        _take_range(request)
    kept = Kept(_moved(request), f'"{request.md5}"', now())
    upload.parts[number] = kept
    if "x-amz-copy-source" in request.headers:
        return request.xml(f"<CopyPartResult><ETag>{escape(kept.etag)}</ETag></CopyPartResult>")
    return request.reply(200, ETag=f'"{EMPTY}"' if request.lie else kept.etag)


def _take_range(request: Handler) -> None:
    source = _copy_source(request)
    first, last = map(int, request.headers["x-amz-copy-source-range"].removeprefix("bytes=").split("-"))
    assert request.body is not None
    with source.path.open("rb") as file, request.body.open("wb") as target:
        file.seek(first)
        target.write(file.read(last - first + 1))
    request.md5 = _md5(request.body)


def post(request: Handler) -> None:
    if "uploads" in request.query:
        upload_id = f"upload-{len(request.state.asked)}"
        request.state.uploads[upload_id] = Upload(request.key, now(), _kept_headers(request))
        return request.xml(
            f"<InitiateMultipartUploadResult><UploadId>{upload_id}</UploadId></InitiateMultipartUploadResult>"
        )
    upload = _upload(request)
    with request.state.lock:
        _once(request, request.key)
        kept = request.state.objects[request.key] = _joined(request, upload)
    del request.state.uploads[request.query["uploadId"]]
    etag = escape(kept.etag)
    return request.xml(f"<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>")


def _joined(request: Handler, upload: Upload) -> Kept:
    assert request.body is not None
    asked = [
        (int(part.findtext("{*}PartNumber") or 0), part.findtext("{*}ETag"))
        for part in ET.parse(request.body).getroot().iterfind("{*}Part")  # noqa: S314 - our own server's
    ]
    parts = [upload.parts.get(number) for number, _ in asked]
    if not asked or any(kept is None or kept.etag != etag for kept, (_, etag) in zip(parts, asked, strict=True)):
        raise Refusal(400, "InvalidPart")
    found = [kept for kept in parts if kept is not None]
    if asked != sorted(asked) or any(kept.size < SMALLEST_PART for kept in found[:-1]):
        raise Refusal(400, "EntityTooSmall")
    whole = request.state.folder / f"joined-{len(request.state.asked)}"
    sums = b""
    with whole.open("wb") as target:
        for kept in found:
            sums += bytes.fromhex(kept.etag.strip('"'))
            with kept.path.open("rb") as file:
                shutil.copyfileobj(file, target, PIECE)
            kept.path.unlink()
    etag = f'"{hashlib.md5(sums, usedforsecurity=False).hexdigest()}-{len(found)}"'
    return Kept(whole, etag, now(), upload.headers)


# --- of the bucket


def tell_versioning(request: Handler) -> None:
    status = "<Status>Enabled</Status>" if request.state.versioned else ""
    request.xml(f"<VersioningConfiguration>{status}</VersioningConfiguration>")


def list_objects(request: Handler) -> None:
    asked = request.query.get("prefix", ""), request.query.get("continuation-token", "")
    request.xml(listing.objects(request.state.objects, request.key.rstrip("/") + "/", *asked))


def list_uploads(request: Handler) -> None:
    request.xml(listing.uploads(request.state.uploads, request.key.rstrip("/") + "/", request.query.get("prefix", "")))


ROUTES: dict[str, Callable[[Handler], None]] = {
    "GET": get,
    "HEAD": get,
    "PUT": put,
    "POST": post,
    "DELETE": delete,
}
