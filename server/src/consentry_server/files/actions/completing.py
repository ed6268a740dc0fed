"""Completing: exactly the bytes that were hashed become the file, once, whoever else sends or completes meanwhile."""

from datetime import datetime

from django.db import transaction

from consentry_server.common.errors import Invalid, TooLarge
from consentry_server.common.failpoints import reach
from consentry_server.common.waiting import apart
from consentry_server.files import queries, rules
from consentry_server.files.actions.deleting import remove_unknown
from consentry_server.files.actions.storing import (
    INVALID_MEMBER,
    compare_checksums,
    live_member,
    note_stored,
)
from consentry_server.files.models import DataFile, Pending
from consentry_server.sharing import queries as sharing
from consentry_server.storage import Pinned
from consentry_server.storage import current as current_store

NO_FILE = Invalid({"detail": "file does not exist"})
NOT_PRESENT = Invalid({"detail": "file not present"})
EMPTY = Invalid({"detail": "The submitted file is empty."})


def complete(project_id: int, number: str | None, file_id: int, *, largest: int, now: datetime) -> int:
    """Make an upload a file that can be read and return its size; done again, the answer is the same.

    Raises Invalid, the same for what is not there and what is not the caller's, and TooLarge.
    """
    authorization = live_member(project_id, number)
    file = queries.uploaded(file_id=file_id, project_id=project_id, member_id=authorization.member_id)
    if file is None:
        raise NO_FILE
    if file.completed_at is not None:
        return file.size
    pending = queries.under_way(file_id=file_id, now=now)
    if pending is None:
        raise NO_FILE
    if pending.received < pending.length:
        raise NOT_PRESENT
    return finish(pending, largest=largest, now=now)


def finish(pending: Pending, *, largest: int, now: datetime) -> int:
    """Turn what came for an upload into its file, and return the size. Raises as `complete` does."""
    inbox = current_store().inbox
    try:
        with apart():
            pinned = inbox.pin(pending.handle, largest=largest)
        _check(pending.file, pinned)
        size = _become(pending, pinned, now=now)
    except FileNotFoundError:
        return _size_of(pending.file_id, otherwise=NOT_PRESENT)
    except (Invalid, TooLarge):
        inbox.forget(pending.handle)
        raise
    reach("completion.committed")
    inbox.forget(pending.handle)
    return size


def _check(file: DataFile, pinned: Pinned) -> None:
    try:
        if not pinned.size:
            raise EMPTY
        _, declared = rules.read_metadata(file.metadata)
        compare_checksums(declared, sha256=pinned.sha256, md5=lambda: pinned.md5)
    except Invalid:
        remove_unknown([pinned.key])
        raise


def _become(pending: Pending, pinned: Pinned, *, now: datetime) -> int:
    """Give the file its bytes, if nobody else did; the bytes of whoever comes second go."""
    try:
        mine = _take_place(pending, pinned, now=now)
    except Invalid:
        remove_unknown([pinned.key])
        raise
    if not mine:
        remove_unknown([pinned.key])
        return _size_of(pending.file_id, otherwise=NO_FILE)
    return pinned.size


@transaction.atomic
def _take_place(pending: Pending, pinned: Pinned, *, now: datetime) -> bool:
    # under a lock: the member may have left while the bytes were hashed
    if not sharing.held_live(pending.authorization_id):
        raise INVALID_MEMBER
    place = DataFile.objects.filter(id=pending.file_id, completed_at=None, deleted_at=None)
    if not place.update(key=pinned.key, size=pinned.size, sha256=pinned.sha256, completed_at=now):
        return False
    Pending.objects.filter(file_id=pending.file_id).delete()
    note_stored(DataFile.objects.get(id=pending.file_id), now=now)
    reach("completion.before-commit")
    return True


def _size_of(file_id: int, *, otherwise: Invalid) -> int:
    """Return the size of a file that was completed meanwhile; raises `otherwise` if it was not."""
    file = DataFile.objects.filter(id=file_id, deleted_at=None).exclude(completed_at=None).first()
    if file is None:
        raise otherwise
    return file.size
