"""`files/upload/`: a project gives a member a file, streamed to the store as it comes in."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

from consentry_server.api import bodies
from consentry_server.api.answers import Halt, encode
from consentry_server.api.endpoint import Call
from consentry_server.api.fields import Fields, check_type, form_fields, once, read_fields
from consentry_server.common.errors import TooLarge
from consentry_server.files import actions as files
from consentry_server.files.actions import Upload

_REST = 3_000_000  # bytes that a form may have besides the file


class StagingHandler(FileUploadHandler):
    """Sends the part `data_file` to the store's staging area; other files are passed over."""

    chunk_size = 1 << 20

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.name = ""
        self.blob: Any = None
        self.too_large = False

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        if field_name != "data_file" or self.blob is not None:
            raise SkipFile
        self.name = file_name
        self.blob = files.stage()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.too_large = start + len(raw_data) > self.limit
        if self.too_large:
            raise StopUpload(connection_reset=True)
        self.blob.write(raw_data)

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        return None

    def discard(self) -> None:
        if self.blob is not None:
            self.blob.discard()


class Whole:
    """A body that knows whether all of it came: Django takes a cut connection for the end of a file."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.taken = 0
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        self.taken += len(data)
        self.tail = (self.tail + data[-200:])[-200:]
        return data


def upload(call: Call) -> tuple[int, bytes]:
    """Give a member of the project a file; the answer has its id."""
    request, key = call.request, once(call.request)
    if check_type(request) != "multipart/form-data":
        return _stored(call, read_fields(request), key)
    handler = StagingHandler(settings.UPLOAD_LIMIT)
    try:
        fields = _parse(request, handler)
        return _stored(call, fields, key, name=handler.name, blob=handler.blob)
    finally:
        handler.discard()


def _parse(request: HttpRequest, handler: StagingHandler) -> Fields:
    length = bodies.length(request, largest=settings.UPLOAD_LIMIT, besides=_REST)
    body = Whole(request)
    post, _ = MultiPartParser(request.META, body, [handler], "utf-8").parse()  # type: ignore[arg-type]
    if handler.too_large:
        raise TooLarge(f"A file may have {settings.UPLOAD_LIMIT} bytes at most.")
    boundary = (request.content_params or {}).get("boundary", "").encode()
    if body.taken != length or b"--" + boundary + b"--" not in body.tail:
        raise Halt(400, "The upload ended before it was complete. Nothing was stored; send it again.")
    return form_fields(post)


def _stored(call: Call, fields: Fields, key: str | None, *, name: str = "", blob: Any = None) -> tuple[int, bytes]:
    wanted = wanted_of(call, fields, name=name, key=key, blob=blob)
    return 201, encode({"id": files.store(call.caller.project_id, wanted, now=call.now)})


def wanted_of(call: Call, fields: Fields, *, name: str, key: str | None, blob: Any = None) -> Upload:
    """Return the file that a request asks to store, as its fields have it."""
    return Upload(
        number=call.number(fields.text("project_member_id")),
        metadata=fields.exact("metadata"),
        datatypes=fields.exact("datatypes"),
        name=name,
        blob=blob,
        once=key,
    )
