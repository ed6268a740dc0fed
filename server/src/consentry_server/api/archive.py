"""`files/archive/`: all that is shared, as a zip that is made while it is sent."""

from collections.abc import Iterator
from datetime import datetime
from threading import BoundedSemaphore

from django.http import StreamingHttpResponse
from django.utils import timezone

from consentry_server.api.answers import Halt, encode, stream_headers
from consentry_server.api.endpoint import Call
from consentry_server.api.shapes import datatype_addresses, label
from consentry_server.api.zips import Entry, Manifest, Zip
from consentry_server.common.errors import Invalid
from consentry_server.files import actions as files
from consentry_server.files.actions import Reader
from consentry_server.files.queries import handing
from consentry_server.sharing.rules import is_number

AT_ONCE = 4  # archives of a process; more would slow down everybody else
_free = BoundedSemaphore(AT_ONCE)


def archive(call: Call) -> StreamingHttpResponse:
    """Send what one member or all members share with the project, in one zip."""
    number = call.number(call.request.GET.get("project_member_id"))
    if number is not None:
        if not is_number(number):
            raise Invalid({"project_member_id": "project_member_id is invalid"})
        files.check_member(call.caller.project_id, number)
    name = f"{label(call.caller.project_id)}-{number or 'all'}.zip"
    headers = stream_headers("application/zip", name)
    if call.request.method == "HEAD":
        return StreamingHttpResponse((), headers=headers)
    return Archive(_pieces(call, number), headers=headers)


def _pieces(call: Call, number: str | None) -> Iterator[bytes]:
    given = files.read_all(Reader(call.caller, call.address, timezone.now), number)
    return Zip().pieces(given, Manifest(_now(), label(call.caller.project_id), describe))


def _now() -> datetime:
    return timezone.now().replace(microsecond=0)


def describe(entry: Entry) -> str:
    """Write what else a listing says about a file; metadata goes as it was uploaded."""
    found = handing.described(file_id=entry.file_id, authorization_id=entry.authorization_id)
    if found is None:
        return '"modified": null, "source": null, "datatypes": [], "metadata": null'
    return (
        f'"modified": "{found.modified}", "source": "{label(found.source_id)}", '
        f'"datatypes": {encode(datatype_addresses(found.datatypes)).decode()}, "metadata": {found.metadata}'
    )


class Archive(StreamingHttpResponse):
    """One of a few archives that are sent at a time."""

    def __init__(self, pieces: Iterator[bytes], *, headers: dict[str, str]) -> None:
        if not _free.acquire(blocking=False):
            raise Halt(503, "Several archives are on their way already. Try again in a minute.", Retry_After="60")
        self._held = True
        super().__init__(pieces, headers=headers)

    def close(self) -> None:
        super().close()
        if self._held:
            self._held = False
            _free.release()
