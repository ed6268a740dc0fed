"""Uploads whose bytes come in parts: what was told to be here is durable, and need not be sent again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consentry_server.common.errors import Conflict, Invalid, NotFound, TooLarge
from consentry_server.common.failpoints import reach
from consentry_server.common.waiting import apart
from consentry_server.files import queries
from consentry_server.files.actions.beginning import LIFETIME
from consentry_server.files.actions.completing import finish
from consentry_server.files.actions.deleting import forget_unknown
from consentry_server.files.actions.ending import end
from consentry_server.files.models import Pending
from consentry_server.sharing import queries as sharing
from consentry_server.storage import Growing
from consentry_server.storage import current as current_store

STRIDE = 8 << 20  # bytes after which those that came are made durable, though more are coming


class NoUpload(NotFound):
    """There is none, or it is over, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such upload. Begin it anew.")


class GoneOn(Conflict):
    """Bytes that do not follow those that are here."""

    def __init__(self) -> None:
        super().__init__("The upload does not stand at this offset. Ask for it with HEAD, and go on from there.")


class Complete(Conflict):
    """An upload that is a file by now."""

    def __init__(self) -> None:
        super().__init__("This upload is complete. Delete the file as any other.")


class WrongPart(Conflict):
    """The bytes of one request are not those that its checksum says; none of them counts."""

    def __init__(self) -> None:
        super().__init__("The bytes are not those of the checksum. None of them counts; send them again.")


class Checksum(Protocol):
    """What the client says about the bytes of one request."""

    def update(self, data: bytes, /) -> None:
        """Take bytes in."""

    def is_right(self) -> bool:
        """Say whether they were what was announced."""


@dataclass(frozen=True)
class Part:
    """The bytes of one request, and where they belong. With a checksum all of them count or none."""

    offset: int
    bytes: Iterator[bytes]
    checksum: Checksum | None = None


@dataclass(frozen=True)
class Progress:
    """How many bytes of how many are here; a file that is complete does not expire."""

    received: int
    length: int
    expires_at: datetime | None = None


def check_brought_to(project_id: int, number: str, file_id: int) -> None:
    """Raise NoUpload unless that file is being brought, or was, to the member of that number."""
    authorization = sharing.live_by_number(project_id=project_id, number=number)
    if authorization is None:
        raise NoUpload
    member_id = authorization.member_id
    if queries.uploaded(file_id=file_id, project_id=project_id, member_id=member_id) is None:
        raise NoUpload


def progress(project_id: int, file_id: int, *, largest: int, now: datetime) -> Progress:
    """Say how far an upload is. If a crash came between its last bytes and the file, it is completed here.

    Raises NoUpload, and as `complete` does.
    """
    pending = queries.parts_of(file_id=file_id, project_id=project_id, now=now)
    if pending is not None and pending.received < pending.length:
        return Progress(pending.received, pending.length, pending.expires_at)
    if pending is not None:
        _finish(pending, largest=largest, now=now)
    file = queries.brought(file_id=file_id, project_id=project_id)
    if file is None:
        raise NoUpload
    return Progress(file.size, file.size)


def receive(project_id: int, file_id: int, part: Part, *, largest: int, now: datetime) -> Progress:
    """Take in bytes behind those that are here, and say how many there are now; the last complete the file.

    Without a checksum, what comes before a cut counts. Raises NoUpload, GoneOn if the part does not fit or another
    request was faster, WrongPart, and as `complete` does.
    """
    pending = queries.parts_of(file_id=file_id, project_id=project_id, now=now)
    if pending is None and queries.brought(file_id=file_id, project_id=project_id) is None:
        raise NoUpload
    if pending is None or pending.received != part.offset:
        raise GoneOn
    try:
        _append(pending, part, now=now)
    except FileNotFoundError:
        raise NoUpload from None
    return progress(project_id, file_id, largest=largest, now=now)


def end_upload(project_id: int, file_id: int, *, now: datetime) -> None:
    """Give an upload up, as its project wishes. Raises NoUpload, Complete."""
    pending = queries.parts_of(file_id=file_id, project_id=project_id, now=now)
    if pending is not None:
        end(pending, now=now)
    elif queries.brought(file_id=file_id, project_id=project_id) is not None:
        raise Complete
    else:
        raise NoUpload


def _finish(pending: Pending, *, largest: int, now: datetime) -> None:
    """Complete the file; if its bytes are not what was announced, there is nothing to go on with."""
    try:
        finish(pending, largest=largest, now=now)
    except (Invalid, TooLarge):
        end(pending, now=now)
        raise


def _append(pending: Pending, part: Part, *, now: datetime) -> None:
    with apart():
        growing = current_store().inbox.grow(pending.handle, size=pending.received)
    try:
        if part.checksum is None:
            _append_plain(pending, growing, part.bytes, now=now)
        else:
            _append_checked(pending, growing, part.bytes, part.checksum, now=now)
    finally:
        growing.close()


def _append_plain(pending: Pending, growing: Growing, pieces: Iterator[bytes], *, now: datetime) -> None:
    try:
        for piece in pieces:
            with apart():
                growing.write(piece)
            if growing.size - pending.received >= STRIDE:
                _keep(pending, growing, now=now)
    except (FileNotFoundError, GoneOn):
        raise
    except BaseException:
        _keep(pending, growing, now=now)
        raise
    _keep(pending, growing, now=now)


def _append_checked(
    pending: Pending, growing: Growing, pieces: Iterator[bytes], checksum: Checksum, *, now: datetime
) -> None:
    for piece in pieces:
        with apart():
            growing.write(piece)
        checksum.update(piece)
    if not checksum.is_right():
        raise WrongPart
    _keep(pending, growing, now=now)


def _keep(pending: Pending, growing: Growing, *, now: datetime) -> None:
    """Have what came counted, once it is durable. Raises GoneOn if another request has gone on."""
    with apart():
        size = growing.flush()
    reach("resumable.before-offset")
    rows = queries.unchanged(pending)
    if not rows.update(received=size, expires_at=now + LIFETIME):
        forget_unknown([pending.handle])  # what was made durable here after the upload was over
        raise GoneOn
    pending.received = size
    reach("resumable.offset-kept")
