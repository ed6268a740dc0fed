"""`files/upload/resumable/`: a file in parts, by the tus protocol. What was told to be here is never sent again."""

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from consentry_server.api import bodies, tus
from consentry_server.api.answers import Answer, Halt, answer, encode, preflight, refusal
from consentry_server.api.endpoint import Call, Endpoint
from consentry_server.api.fields import once
from consentry_server.api.hosts import host_of
from consentry_server.api.limits import Budget
from consentry_server.common.errors import Invalid, TooLarge
from consentry_server.files import actions as files
from consentry_server.files.actions import Progress, Upload
from consentry_server.tokens.rules import Right

_EXPOSED = "Location, Tus-Resumable, Upload-Expires, Upload-Length, Upload-Offset"
_SENT = "idempotency-key, tus-resumable, upload-checksum, upload-length, upload-metadata, upload-offset"
Run = Callable[[Call, int], Answer]


class Resumable:
    """An address of the protocol, and what each method does there."""

    def __init__(self, **runs: Run) -> None:
        self._runs = runs
        self._door = Endpoint("POST", _never, right=Right.ADD)
        self._door.methods = tuple(runs)
        self.allow = ", ".join((*runs, "OPTIONS"))

    def __call__(self, request: HttpRequest, budget: Budget, file_id: str = "0") -> Answer:
        try:
            host_of(request)
            found = self._options(request) if request.method == "OPTIONS" else self._run(request, budget, int(file_id))
        except Exception as error:  # noqa: BLE001 - the one place that turns any failure into an answer
            found = refusal(error, request, allow=self.allow)
        found.headers |= {"Tus-Resumable": tus.VERSION, "Access-Control-Expose-Headers": _EXPOSED}
        return found

    def _options(self, request: HttpRequest) -> Answer:
        """Say what is possible here; a browser asks so before it lets a page of another site call."""
        if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            found = preflight()
            for name, more in (("Headers", _SENT), ("Methods", "HEAD")):
                found.headers[f"Access-Control-Allow-{name}"] += f", {more}"
            return found
        found = answer(b"", 204, allow=self.allow)
        found.headers |= {
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(settings.UPLOAD_LIMIT),
            "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
        }
        return found

    def _run(self, request: HttpRequest, budget: Budget, file_id: int) -> Answer:
        call = self._door.identify(request, budget)
        self._door.admit(call)
        if request.META.get("HTTP_TUS_RESUMABLE") != tus.VERSION:
            raise Halt(412, f"Send Tus-Resumable: {tus.VERSION}.", Tus_Version=tus.VERSION)
        if file_id and call.caller.number is not None:
            files.check_brought_to(call.caller.project_id, call.caller.number, file_id)
        run = self._runs[request.method or ""]
        found = self._door.perform(call, lambda call: run(call, file_id))
        found.headers["Allow"] = self.allow
        return found


def _never(_: Call) -> tuple[int, bytes]:
    raise AssertionError("the methods of the protocol are run by Resumable")


def _begin(call: Call, _: int) -> Answer:
    """Announce a file; the answer says where its parts are sent. Those that come along are taken in."""
    meta = call.request.META
    length = tus.count(meta.get("HTTP_UPLOAD_LENGTH"), "Upload-Length")
    if not length:
        raise Invalid({"data_file": ["The submitted file is empty."]})
    if length > settings.UPLOAD_LIMIT:
        raise TooLarge(f"A file may have {settings.UPLOAD_LIMIT} bytes at most.")
    said = tus.metadata(meta.get("HTTP_UPLOAD_METADATA", ""))
    wanted = Upload(
        number=call.number(said.get("project_member_id", "").strip() or None),
        metadata=said.get("metadata"),
        datatypes=said.get("datatypes"),
        name=said.get("filename", ""),
        once=once(call.request),
    )
    begun = files.begin(call.caller.project_id, wanted, length=length, now=call.now)
    found = answer(encode({"id": begun.file_id}), 201, allow="")
    found.headers["Location"] = _location(call, begun.file_id)
    found.headers["Upload-Expires"] = _date(begun.expires_at)
    if call.request.content_type == tus.PARTS:
        found.headers |= _take_first(call, begun.file_id)
    return found


def _take_first(call: Call, file_id: int) -> dict[str, str]:
    """Take in the parts that came along; if some are here from the first time, say how many instead."""
    here = _progress(call, file_id).received if once(call.request) else 0
    return {"Upload-Offset": str(here)} if here else _take_in(call, file_id, offset=0)


def _location(call: Call, file_id: int) -> str:
    """Return the address of an upload; it has the token in it only if the caller's address had it."""
    query = f"?{urlencode({'access_token': call.query_token})}" if call.query_token else ""
    return f"/api/direct-sharing/resumable/{file_id}/{query}"


def _look(call: Call, file_id: int) -> Answer:
    """Say how many bytes are here, safe."""
    progress = _progress(call, file_id)
    found = answer(b"", allow="")
    found.headers |= {"Upload-Offset": str(progress.received), "Upload-Length": str(progress.length)}
    if progress.expires_at is not None:
        found.headers["Upload-Expires"] = _date(progress.expires_at)
    return found


def _go_on(call: Call, file_id: int) -> Answer:
    """Take in the next bytes of a file; the last ones complete it."""
    if call.request.content_type != tus.PARTS:
        raise Halt(415, f"Send Content-Type: {tus.PARTS}.")
    offset = tus.count(call.request.META.get("HTTP_UPLOAD_OFFSET"), "Upload-Offset")
    found = answer(b"", 204, allow="")
    found.headers |= _take_in(call, file_id, offset=offset)
    return found


def _take_in(call: Call, file_id: int, *, offset: int) -> dict[str, str]:
    checksum = tus.checksum(call.request.META.get("HTTP_UPLOAD_CHECKSUM"))
    progress = _progress(call, file_id)
    size = bodies.length(call.request, largest=max(progress.length - offset, 0))
    part = files.Part(offset=offset, bytes=bodies.pieces(call.request, size), checksum=checksum)
    try:
        progress = files.receive(call.caller.project_id, file_id, part, largest=settings.UPLOAD_LIMIT, now=call.now)
    except files.WrongPart as error:
        raise Halt(460, error.detail) from None
    told = {"Upload-Offset": str(progress.received)}
    return told | ({"Upload-Expires": _date(progress.expires_at)} if progress.expires_at else {})


def _progress(call: Call, file_id: int) -> Progress:
    return files.progress(call.caller.project_id, file_id, largest=settings.UPLOAD_LIMIT, now=call.now)


def _end(call: Call, file_id: int) -> Answer:
    """Give the upload up; what came of it is removed."""
    files.end_upload(call.caller.project_id, file_id, now=call.now)
    return answer(b"", 204, allow="")


def _date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


UPLOADS = Resumable(POST=_begin)
UPLOAD = Resumable(HEAD=_look, PATCH=_go_on, DELETE=_end)
