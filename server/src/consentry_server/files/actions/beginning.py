"""Beginning an upload whose bytes come later: it holds a place, and nobody sees anything of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from consentry_server.common.errors import Invalid, Refused
from consentry_server.common.failpoints import reach
from consentry_server.common.ids import new_key
from consentry_server.common.waiting import apart
from consentry_server.files import queries, rules
from consentry_server.files.actions.repeating import AnotherFile, GoneSince, repeated
from consentry_server.files.actions.storing import INVALID_MEMBER, Upload, live_member, read_fields
from consentry_server.files.models import DataFile, Pending
from consentry_server.outbox import actions as outbox
from consentry_server.sharing import queries as sharing
from consentry_server.storage import Staged
from consentry_server.storage import current as current_store

LIFETIME = timedelta(seconds=rules.UPLOAD_FOR)


class UploadOver(Refused):
    """Bytes for a file that does not wait for any."""

    def __init__(self) -> None:
        super().__init__("This upload is over: it is complete, past its six hours, or its member has left.")


@dataclass(frozen=True)
class Begun:
    """A file that waits for its bytes. `address` is the store's own for them, if it has one."""

    file_id: int
    basename: str
    expires_at: datetime
    address: str | None


def begin(project_id: int, upload: Upload, *, length: int = 0, now: datetime) -> Begun:
    """Announce a file for a member of a project; with a `length` its bytes may come in parts.

    The same again, by its `once`, is the same file. Raises Invalid with what is wrong, field by field, and as
    `repeated` does.
    """
    faults: dict[str, list[str] | str] = {}
    metadata, _, datatypes = read_fields(project_id, upload, faults)
    basename = rules.exact_basename(upload.name)
    if not upload.name.strip():
        faults["filename"] = [rules.REQUIRED]
    elif not basename:
        faults["filename"] = ["This file name cannot be used. Give it letters or digits."]
    if faults:
        raise Invalid(faults)
    authorization = live_member(project_id, upload.number)
    handle = new_key()
    file = DataFile(
        member_id=authorization.member_id,
        source_id=project_id,
        key=handle,  # until it is complete
        basename=basename,
        size=0,
        sha256="",
        metadata=metadata,
        datatypes=datatypes,
        once=upload.once,
        created_at=now,
    )
    pending = Pending(file=file, authorization=authorization, handle=handle, length=length, expires_at=now + LIFETIME)
    held = _hold_place(pending, now=now)
    # the address of a file that is complete by now is ours: it says so
    whole = not held.length and held.file.completed_at is None
    address = current_store().inbox.address(held.handle, lifetime=held.expires_at - now) if whole else None
    return Begun(held.file_id, basename, held.expires_at, address)


@transaction.atomic
def _hold_place(pending: Pending, *, now: datetime) -> Pending:
    if not sharing.held_live(pending.authorization_id):
        raise INVALID_MEMBER
    if first := repeated(pending.file, now=now):
        return _place_of(first, pending, now=now)
    pending.file.save()
    pending.file_id = pending.file.pk
    pending.save(force_insert=True)
    outbox.put(kind="files.give_up", payload={"file_id": pending.file_id}, now=now, due_at=pending.expires_at)
    reach("direct.before-begun")
    return pending


def _place_of(first: DataFile, again: Pending, *, now: datetime) -> Pending:
    """Return the place that the first of two same requests holds, or held until its file was complete."""
    if first.completed_at is None:
        found = queries.under_way(file_id=first.pk, now=now)
        if found is None:
            raise GoneSince
    else:
        found = Pending(file=first, length=again.length and first.size, expires_at=again.expires_at)
    if found.length != again.length:
        raise AnotherFile
    return found


def awaited(file_id: int, *, now: datetime) -> Pending:
    """Return the upload to whose address bytes may be sent; raises UploadOver."""
    found = queries.under_way(file_id=file_id, now=now)
    if found is None or found.length:
        raise UploadOver
    return found


def offer(file_id: int, blob: Staged, *, now: datetime) -> None:
    """Keep bytes that were sent to a file's address until they are completed or others are sent. Raises UploadOver."""
    inbox = current_store().inbox
    try:
        handle = awaited(file_id, now=now).handle
        with apart():
            blob.offer(handle)
    finally:
        blob.discard()
    reach("direct.offered")
    # asked once more: it may have been completed or given up while the bytes found their place
    if queries.under_way(file_id=file_id, now=now) is None:
        inbox.forget(handle)
        raise UploadOver
