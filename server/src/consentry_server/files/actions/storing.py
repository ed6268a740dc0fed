"""Storing: what is refused leaves no byte behind, what is acknowledged is durable."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from consentry_server.audit.actions import record
from consentry_server.common.errors import ConsentryError, Invalid
from consentry_server.common.failpoints import reach
from consentry_server.files import rules
from consentry_server.files.actions.repeating import repeated
from consentry_server.files.actions.typing import datatypes_of
from consentry_server.files.models import DataFile, FileTotal
from consentry_server.sharing import queries as sharing
from consentry_server.storage import Staged
from consentry_server.storage import current as current_store


@dataclass(frozen=True)
class Upload:
    """What came with a request to store a file; `blob` holds its bytes, or None if there was no file part."""

    number: str | None
    metadata: str | None
    datatypes: str | None
    name: str
    blob: Staged | None = None
    once: str | None = None  # asked for again with the same, it is the same file


INVALID_MEMBER = Invalid({"project_member_id": "project_member_id is invalid"})


def stage() -> Staged:
    """Begin to take in the bytes of a file; `store` keeps them or forgets them."""
    return current_store().stage()


def store(project_id: int, upload: Upload, *, now: datetime) -> int:
    """Give a member of a project a file and return its id; what is refused leaves no byte behind.

    The same again, by its `once`, stores nothing. Raises Invalid with what is wrong, field by field, StoreFull, and as
    `repeated` does.
    """
    try:
        return _store(project_id, upload, now=now)
    finally:
        if upload.blob is not None:
            upload.blob.discard()


def _store(project_id: int, upload: Upload, *, now: datetime) -> int:
    faults: dict[str, list[str] | str] = {}
    metadata, declared, datatypes = read_fields(project_id, upload, faults)
    basename = rules.clean_basename(upload.name)
    if upload.blob is None:
        faults["data_file"] = [rules.REQUIRED]
    elif not upload.blob.size:
        faults["data_file"] = ["The submitted file is empty."]
    elif not basename:
        faults["data_file"] = ["This file name cannot be used. Give it letters or digits."]
    if faults or upload.blob is None:
        raise Invalid(faults)
    authorization = live_member(project_id, upload.number)
    compare_checksums(declared, sha256=upload.blob.sha256(), md5=upload.blob.md5)
    file = DataFile(
        member_id=authorization.member_id,
        source_id=project_id,
        basename=basename,
        size=upload.blob.size,
        sha256=upload.blob.sha256(),
        metadata=metadata,
        datatypes=datatypes,
        once=upload.once,
        created_at=now,
        completed_at=now,
    )
    return keep(file, upload.blob, partial(_insert, file, authorization_id=authorization.pk, now=now))


def keep(file: DataFile, blob: Staged, insert: Callable[[], int]) -> int:
    """Make bytes durable, then their row by `insert`, which may find that the file is there already; return its id."""
    # bytes before the row: a row always has its bytes, and bytes without a row are found by reconcile
    file.key = blob.commit()
    reach("upload.before-row")
    try:
        file_id = insert()
    except ConsentryError:
        current_store().delete(file.key)
        raise  # after any other error the row may be there: a commit whose answer is lost has happened all the same
    if file_id != file.pk:
        current_store().delete(file.key)
    reach("upload.committed")
    return file_id


def read_fields(project_id: int, upload: Upload, faults: dict[str, list[str] | str]) -> tuple[str, dict[str, Any], str]:
    """Check each field, gathering every fault; return the metadata as kept and as a dictionary, and the data types."""
    metadata: tuple[str, dict[str, Any]] = ("", {})
    datatypes = ""
    if not upload.number:
        faults["project_member_id"] = [rules.REQUIRED]
    try:
        metadata = rules.read_metadata(upload.metadata)
    except Invalid as invalid:
        faults.update(invalid.faults)
    try:
        datatypes = datatypes_of(project_id, upload.datatypes)
    except Invalid as invalid:
        faults.update(invalid.faults)
    return *metadata, datatypes


def check_member(project_id: int, number: str | None) -> None:
    """Raise Invalid unless that is the number of a live member of the project."""
    live_member(project_id, number)


def live_member(project_id: int, number: str | None) -> Any:
    """Return the live authorization of that number; raises Invalid."""
    authorization = sharing.live_by_number(project_id=project_id, number=number)
    if authorization is None:
        raise INVALID_MEMBER
    return authorization


def compare_checksums(declared: dict[str, Any], *, sha256: str, md5: Callable[[], str]) -> None:
    """Raise Invalid unless the bytes are those that the metadata say."""
    if "sha256" in declared and declared["sha256"].lower() != sha256:
        raise Invalid({"metadata": ["The SHA-256 is not that of the uploaded file. Send the file again."]})
    if "md5" in declared and declared["md5"][:32].lower() != md5():
        raise Invalid({"metadata": ["The MD5 is not that of the uploaded file. Send the file again."]})


@transaction.atomic
def _insert(file: DataFile, *, authorization_id: int, now: datetime) -> int:
    # asked once more, under a lock: the member may have left while the bytes came in
    if not sharing.held_live(authorization_id):
        raise INVALID_MEMBER
    if first := repeated(file, now=now):
        return first.pk
    file.save()
    note_stored(file, now=now)
    reach("upload.before-commit")
    return file.pk


def note_stored(file: DataFile, *, now: datetime) -> None:
    """Count a file that is complete now, and put it in the trail, inside the caller's transaction."""
    count(file.member_id, file.source_id, files=1, size=file.size)
    actor, about = f"project:{file.source_id}", f"file:{file.pk}"
    record(name="file.store", actor=actor, about=about, now=now, size=file.size, sha256=file.sha256)


def count(member_id: int, source_id: int, *, files: int, size: int) -> None:
    """Change what is kept of how much a member has from a source."""
    total, _ = FileTotal.objects.get_or_create(member_id=member_id, source_id=source_id)
    FileTotal.objects.filter(id=total.pk).update(files=F("files") + files, size=F("size") + size)


def deposit(
    *,
    member_id: int,
    source_id: int,
    name: str,
    metadata: str,
    chunks: Iterable[bytes],
    now: datetime,
) -> int:
    """Give a member a file from a source, as commands do (the demo, an import); the member need not be in it."""
    text, declared = rules.read_metadata(metadata)
    blob = stage()
    try:
        for chunk in chunks:
            blob.write(chunk)
        compare_checksums(declared, sha256=blob.sha256(), md5=blob.md5)
        with transaction.atomic():
            file = DataFile.objects.create(
                member_id=member_id,
                source_id=source_id,
                key=blob.key,
                basename=rules.clean_basename(name),
                size=blob.size,
                sha256=blob.sha256(),
                metadata=text,
                datatypes=datatypes_of(source_id, None),
                created_at=now,
                completed_at=now,
            )
            count(member_id, source_id, files=1, size=blob.size)
            blob.commit()
    finally:
        blob.discard()
    return file.pk
