"""`files/upload/direct/`, the address that it gives, and `files/upload/complete/`: a file in three requests."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from consentry_server.api import bodies
from consentry_server.api.answers import Answer, Halt, answer, encode, preflight, refusal
from consentry_server.api.endpoint import Call
from consentry_server.api.fields import once, read_fields
from consentry_server.api.hosts import host_of
from consentry_server.api.uploads import wanted_of
from consentry_server.common.errors import Invalid
from consentry_server.common.keys import derive
from consentry_server.common.waiting import apart
from consentry_server.files import actions as files
from consentry_server.files.rules import REQUIRED, read_upload, sign_upload

_ALLOW = "PUT, OPTIONS"


def direct(call: Call) -> tuple[int, bytes]:
    """Announce a file for a member; the answer has its id, and the address to which its bytes are sent."""
    fields = read_fields(call.request)
    wanted = wanted_of(call, fields, name=fields.exact("filename") or "", key=once(call.request))
    begun = files.begin(call.caller.project_id, wanted, now=call.now)
    return 201, encode({"id": begun.file_id, "url": begun.address or _address(begun)})


def _address(begun: files.Begun) -> str:
    """Return the address on this server: for one file, of one size at most, until one time."""
    expires = int(begun.expires_at.timestamp())
    signed = sign_upload(derive("uploads"), file_id=begun.file_id, largest=settings.UPLOAD_LIMIT, expires=expires)
    name = quote(begun.basename, safe="")
    return f"{settings.SITE_URL}/api/direct-sharing/upload/{begun.file_id}/{signed}/{name}"


def complete(call: Call) -> tuple[int, bytes]:
    """Make a file of the bytes that were sent; the answer has their number."""
    fields = read_fields(call.request)
    number, file_id, faults = call.number(fields.text("project_member_id")), None, dict[str, Any]()
    if number is None:
        faults["project_member_id"] = [REQUIRED]
    try:
        file_id = fields.number("file_id")
    except Invalid as invalid:
        faults |= invalid.faults
    if faults:
        raise Invalid(faults)
    size = files.complete(call.caller.project_id, number, file_id or 0, largest=settings.UPLOAD_LIMIT, now=call.now)
    return 200, encode({"status": "ok", "size": size})


def put(request: HttpRequest, file_id: str, signed: str) -> Answer:
    """Take the bytes of a file that was announced. The address is all the permission there is."""
    if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
        return preflight()
    try:
        host_of(request)
        _take(request, int(file_id), signed)
    except Exception as error:  # noqa: BLE001 - the one place that turns any failure into an answer
        return refusal(error, request, allow=_ALLOW)
    return answer(b"", allow=_ALLOW)


def _take(request: HttpRequest, file_id: int, signed: str) -> None:
    if request.method != "PUT":
        raise Halt(405, f'Method "{request.method}" not allowed.')
    now = timezone.now()
    largest = read_upload(derive("uploads"), signed, file_id=file_id, now=now)
    if largest is None:
        raise Halt(403, "This address is not one of ours, or it is older than six hours. Ask for another.")
    files.awaited(file_id, now=now)
    size = bodies.length(request, largest=largest)
    if not size:
        raise Halt(400, "The submitted file is empty.")
    blob = files.stage()
    try:
        for piece in bodies.pieces(request, size):
            with apart():
                blob.write(piece)
    except BaseException:
        blob.discard()
        raise
    files.offer(file_id, blob, now=now)
