"""Deleting: first the rows, in one transaction, then the bytes."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import NotFound
from consentry_server.common.failpoints import reach
from consentry_server.files import queries
from consentry_server.files.actions.abandoning import forget_uploads
from consentry_server.files.actions.storing import count, live_member
from consentry_server.files.models import DataFile
from consentry_server.projects import queries as projects
from consentry_server.storage import current as current_store


@dataclass(frozen=True)
class Choice:
    """Which of a project's own files of a member to delete: exactly one of the three."""

    file_id: int | None = None
    basename: str | None = None
    all_files: bool = False


def delete_deposited(project_id: int, number: str | None, choice: Choice, *, now: datetime) -> list[int]:
    """Delete files that a project brought to one of its members; return the ids of those there were."""
    authorization = live_member(project_id, number)
    files = queries.deposited(member_id=authorization.member_id, source_id=project_id)
    if choice.file_id is not None:
        files = files.filter(id=choice.file_id)
    elif choice.basename is not None:
        files = files.filter(basename=choice.basename)
    return _delete(list(files.order_by("id")), actor=f"project:{project_id}", now=now)


def delete_own(*, member_id: int, file_id: int, now: datetime) -> None:
    """Delete one of a member's own files, wherever it came from. Raises NotFound."""
    files = list(queries.own(member_id).filter(id=file_id))
    if not files:
        raise NotFound(gettext("There is no such file among yours."))
    _delete(files, actor=f"member:{member_id}", now=now)


def delete_own_from(*, member_id: int, source_id: int, now: datetime) -> int:
    """Delete all of a member's files from one source; return how many."""
    files = list(queries.deposited(member_id=member_id, source_id=source_id))
    return len(_delete(files, actor=f"member:{member_id}", now=now))


def _delete(files: list[DataFile], *, actor: str, now: datetime) -> list[int]:
    """First the rows, in one transaction; then the bytes. What a crash leaves, `erase_deleted` ends."""
    with transaction.atomic():
        deleted = [file for file in files if tombstone(file, actor=actor, now=now)]
    erase(deleted, now=now)
    return [file.pk for file in deleted]


def tombstone(file: DataFile, *, actor: str, now: datetime) -> bool:
    """Make a file unreadable inside the caller's transaction; False if it was so already."""
    if not DataFile.objects.filter(id=file.pk, deleted_at=None).update(deleted_at=now):
        return False
    count(file.member_id, file.source_id, files=-1, size=-file.size)
    record(name="file.delete", actor=actor, about=f"file:{file.pk}", now=now)
    reach("deletion.before-commit")
    return True


def erase(files: list[DataFile], *, now: datetime) -> None:
    """Remove the bytes of deleted files, after the commit that deleted them."""
    reach("deletion.before-bytes")
    for file in files:
        current_store().delete(file.key)
        reach("deletion.between-blobs")
    forget_uploads(files)
    reach("deletion.before-erased")
    DataFile.objects.filter(id__in=[file.pk for file in files]).update(blob_erased_at=now)


def erase_deleted(*, now: datetime) -> int:
    """Remove the bytes of deleted files that a crash left behind; return how many."""
    erased = 0
    # so few at a time that whoever is killed again and again still gets on
    while files := list(queries.blobs_to_erase(50)):
        erase(files, now=now)
        erased += len(files)
    return erased


def remove_unknown(keys: list[str]) -> list[str]:
    """Remove those of these bytes that neither a file nor a project knows; return their keys."""
    unknown = sorted(set(keys) - queries.known_keys(keys) - projects.badges(keys))
    for key in unknown:
        current_store().delete(key)
    return unknown


def forget_unknown(keys: list[str]) -> list[str]:
    """Remove what came for uploads that there are no more; return their keys in the inbox."""
    unknown = sorted(set(keys) - queries.known_handles(keys))
    for key in unknown:
        current_store().inbox.forget(key)
    return unknown
