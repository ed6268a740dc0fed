"""Reading with the ledger, storing, deleting, and leaving with or without one's files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.db.models import F

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, Invalid, NotFound
from consentry_server.files import queries, rules
from consentry_server.files.models import DataFile, FileTotal
from consentry_server.files.queries import MemberRow, Readable
from consentry_server.members import actions as members
from consentry_server.projects import queries as projects
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries
from consentry_server.storage import Staged
from consentry_server.storage import current as current_store
from consentry_server.tokens.queries import Caller

# --- reading: each of these writes its line of the ledger before it gives anything away


def read_members(caller: Caller, *, limit: int, offset: int, address: str, now: datetime) -> list[MemberRow]:
    """Return a page of a project's members with their first files, and note it in the ledger of each."""
    page = queries.members_page(caller.project_id, limit=limit, offset=offset)
    if page:
        covered = {"first_member": page[0].seat_id, "last_member": page[-1].seat_id}
        who = {"project_id": caller.project_id, "address": address, "fingerprint": caller.fingerprint}
        _note(at=now, kind="members", files=queries.FIRST, **covered, **who)
    return page


def read_member(
    caller: Caller, number: str, *, limit: int, offset: int, address: str, now: datetime
) -> MemberRow | None:
    """Return one member with a page of files, and note it in the ledger; None if not a live member."""
    member = queries.member_page(caller.project_id, number, limit=limit, offset=offset)
    if member is not None:
        covered = {"first_member": member.seat_id, "last_member": member.seat_id}
        covered |= {"first_file": min(offset, member.file_count), "files": len(member.files)}
        who = {"project_id": caller.project_id, "address": address, "fingerprint": caller.fingerprint}
        _note(at=now, kind="member", **covered, **who)
    return member


def readable_by_link(file_id: int, link: rules.Link) -> Readable | None:
    """Return the file that a link opens, if whoever it was made for may still read it."""
    if link.role == "a":
        return queries.readable(file_id=file_id, authorization_id=link.holder_id)
    return queries.readable_by_owner(file_id=file_id, member_id=link.holder_id)


def still_open(link: rules.Link) -> bool:
    """Say whether whoever a link was made for may still read anything: then it is the file that is gone."""
    return link.role == "m" or sharing_queries.is_live(link.holder_id)


def read_file(file: Readable, *, size: int, address: str, fingerprint: str, now: datetime) -> BinaryIO:
    """Open a file's bytes, having noted in the owner's ledger that `size` of them go to a project.

    Raises NotFound if the bytes are gone.
    """
    try:
        blob = current_store().open(file.key)
    except FileNotFoundError:
        raise NotFound("This file is unavailable.") from None
    if file.project_id is not None and file.seat_id is not None:
        covered = {"first_member": file.seat_id, "last_member": file.seat_id, "file_id": file.id}
        who = {"project_id": file.project_id, "address": address, "fingerprint": fingerprint}
        try:
            _note(at=now, kind="download", files=1, size=size, **covered, **who)
        except BaseException:
            blob.close()
            raise
    return blob


_LINE = {"file_id": None, "first_file": 0, "files": 0, "size": 0}


def _note(**line: Any) -> None:
    """Write a line of the ledger. By hand: it is on every hot path, where the ORM takes longer than the disk."""
    values = _LINE | line | {"at": connection.ops.adapt_datetimefield_value(line["at"])}
    sql = f"INSERT INTO files_access ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values.values()))


# --- storing


@dataclass(frozen=True)
class Upload:
    """What came with a request to store a file; `blob` holds its bytes, or None if there was no file part."""

    number: str | None
    metadata: str | None
    datatypes: str | None
    name: str
    blob: Staged | None


INVALID_MEMBER = Invalid({"project_member_id": "project_member_id is invalid"})


def stage() -> Staged:
    """Begin to take in the bytes of a file; `store` keeps them or forgets them."""
    return current_store().stage()


def store(project_id: int, upload: Upload, *, now: datetime) -> int:
    """Give a member of a project a file and return its id; what is refused leaves no byte behind.

    Raises Invalid with what is wrong, field by field, and StoreFull.
    """
    try:
        return _store(project_id, upload, now=now)
    finally:
        if upload.blob is not None:
            upload.blob.discard()


def _store(project_id: int, upload: Upload, *, now: datetime) -> int:
    faults: dict[str, list[str] | str] = {}
    metadata, declared = _read_fields(upload, faults)
    basename = rules.clean_basename(upload.name)
    if upload.blob is not None and not upload.blob.size:
        faults["data_file"] = ["The submitted file is empty."]
    elif upload.blob is not None and not basename:
        faults["data_file"] = ["This file name cannot be used. Give it letters or digits."]
    if faults or upload.blob is None:
        raise Invalid(faults)
    authorization = _member(project_id, upload.number)
    _compare_checksums(declared, upload.blob)
    file = DataFile(
        member_id=authorization.member_id,
        source_id=project_id,
        basename=basename,
        size=upload.blob.size,
        sha256=upload.blob.sha256(),
        metadata=metadata,
        created_at=now,
        completed_at=now,
    )
    # bytes before the row: a row always has its bytes, and bytes without a row are found by reconcile
    file.key = upload.blob.commit()
    try:
        return _insert(file, authorization_id=authorization.pk, now=now)
    except BaseException:
        current_store().delete(file.key)
        raise


def _read_fields(upload: Upload, faults: dict[str, list[str] | str]) -> tuple[str, dict[str, Any]]:
    """Check each field, gathering every fault; return the metadata as kept and as a dictionary."""
    metadata: tuple[str, dict[str, Any]] = ("", {})
    if not upload.number:
        faults["project_member_id"] = [rules.REQUIRED]
    try:
        metadata = rules.read_metadata(upload.metadata)
    except Invalid as invalid:
        faults.update(invalid.faults)
    try:
        rules.read_datatypes(upload.datatypes)
    except Invalid as invalid:
        faults.update(invalid.faults)
    if upload.blob is None:
        faults["data_file"] = [rules.REQUIRED]
    return metadata


def check_member(project_id: int, number: str | None) -> None:
    """Raise Invalid unless that is the number of a live member of the project."""
    _member(project_id, number)


def _member(project_id: int, number: str | None) -> Any:
    authorization = sharing_queries.live_by_number(project_id=project_id, number=number)
    if authorization is None:
        raise INVALID_MEMBER
    return authorization


def _compare_checksums(declared: dict[str, Any], blob: Staged) -> None:
    if "sha256" in declared and declared["sha256"].lower() != blob.sha256():
        raise Invalid({"metadata": ["The SHA-256 is not that of the uploaded file. Send the file again."]})
    if "md5" in declared and declared["md5"][:32].lower() != blob.md5():
        raise Invalid({"metadata": ["The MD5 is not that of the uploaded file. Send the file again."]})


@transaction.atomic
def _insert(file: DataFile, *, authorization_id: int, now: datetime) -> int:
    # asked once more, under a lock: the member may have left while the bytes came in
    if not sharing_queries.held_live(authorization_id):
        raise INVALID_MEMBER
    file.save()
    _count(file.member_id, file.source_id, files=1, size=file.size)
    actor, about = f"project:{file.source_id}", f"file:{file.pk}"
    record(name="file.store", actor=actor, about=about, now=now, size=file.size, sha256=file.sha256)
    return file.pk


def _count(member_id: int, source_id: int, *, files: int, size: int) -> None:
    total, _ = FileTotal.objects.get_or_create(member_id=member_id, source_id=source_id)
    FileTotal.objects.filter(id=total.pk).update(files=F("files") + files, size=F("size") + size)


def deposit(*, member_id: int, source_id: int, name: str, metadata: str, chunks: Iterable[bytes], now: datetime) -> int:
    """Give a member a file from a source, as commands do (the demo, an import); the member need not be in it."""
    text, declared = rules.read_metadata(metadata)
    blob = stage()
    try:
        for chunk in chunks:
            blob.write(chunk)
        _compare_checksums(declared, blob)
        with transaction.atomic():
            file = DataFile.objects.create(
                member_id=member_id,
                source_id=source_id,
                key=blob.key,
                basename=rules.clean_basename(name),
                size=blob.size,
                sha256=blob.sha256(),
                metadata=text,
                created_at=now,
                completed_at=now,
            )
            _count(member_id, source_id, files=1, size=blob.size)
            blob.commit()
    finally:
        blob.discard()
    return file.pk


# --- deleting


@dataclass(frozen=True)
class Choice:
    """Which of a project's own files of a member to delete: exactly one of the three."""

    file_id: int | None = None
    basename: str | None = None
    all_files: bool = False


def delete_deposited(project_id: int, number: str | None, choice: Choice, *, now: datetime) -> list[int]:
    """Delete files that a project brought to one of its members; return the ids of those there were."""
    authorization = _member(project_id, number)
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
        raise NotFound("There is no such file among yours.")
    _delete(files, actor=f"member:{member_id}", now=now)


def delete_own_from(*, member_id: int, source_id: int, now: datetime) -> int:
    """Delete all of a member's files from one source; return how many."""
    files = list(queries.deposited(member_id=member_id, source_id=source_id))
    return len(_delete(files, actor=f"member:{member_id}", now=now))


def _delete(files: list[DataFile], *, actor: str, now: datetime) -> list[int]:
    """First the rows, in one transaction; then the bytes. What a crash leaves, `erase_deleted` ends."""
    with transaction.atomic():
        deleted = [file for file in files if _tombstone(file, actor=actor, now=now)]
    _erase(deleted, now=now)
    return [file.pk for file in deleted]


def _tombstone(file: DataFile, *, actor: str, now: datetime) -> bool:
    if not DataFile.objects.filter(id=file.pk, deleted_at=None).update(deleted_at=now):
        return False
    _count(file.member_id, file.source_id, files=-1, size=-file.size)
    record(name="file.delete", actor=actor, about=f"file:{file.pk}", now=now)
    return True


def _erase(files: list[DataFile], *, now: datetime) -> None:
    for file in files:
        current_store().delete(file.key)
    DataFile.objects.filter(id__in=[file.pk for file in files]).update(blob_erased_at=now)


def erase_deleted(*, now: datetime) -> int:
    """Remove the bytes of deleted files that a crash left behind; return how many."""
    erased = 0
    while files := list(queries.blobs_to_erase(500)):
        _erase(files, now=now)
        erased += len(files)
    return erased


def remove_unknown(keys: list[str]) -> list[str]:
    """Remove those of these bytes that neither a file nor a project knows; return their keys."""
    unknown = sorted(set(keys) - queries.known_keys(keys) - projects.badges(keys))
    for key in unknown:
        current_store().delete(key)
    return unknown


# --- leaving


def leave(
    *, member_id: int, authorization_id: int, remove_files: bool, erasure: bool, now: datetime
) -> None:
    """End one of a member's authorizations, and delete what the project brought if the member wants that.

    Raises NotFound for somebody else's.
    """
    authorization = sharing_queries.own(member_id=member_id, authorization_id=authorization_id)
    if authorization is None:
        raise NotFound("You do not share anything with this project.")
    removed: list[DataFile] = []
    with transaction.atomic():
        sharing.revoke(authorization=authorization, by="member", erasure=erasure, now=now)
        if remove_files:
            own = queries.deposited(member_id=member_id, source_id=authorization.project_id)
            removed = [file for file in own if _tombstone(file, actor=f"member:{member_id}", now=now)]
    _erase(removed, now=now)


def close_account(*, member_id: int, now: datetime) -> None:
    """Leave every project, delete every file and end the account. Raises Conflict while coordinating a project."""
    if projects.coordinated_by(member_id).exists():
        raise Conflict("You run a project. Hand it over to somebody else before you close your account.")
    with transaction.atomic():
        for authorization in sharing_queries.unrevoked_of(member_id):
            sharing.revoke(authorization=authorization, by="account", erasure=True, now=now)
        files = [file for file in queries.own(member_id) if _tombstone(file, actor=f"member:{member_id}", now=now)]
        members.close(member_id=member_id, now=now)
    _erase(files, now=now)


def suspend(*, member_id: int, suspended: bool, actor: str, now: datetime) -> None:
    """Shut a member's account and every path to their data, or open both again."""
    with transaction.atomic():
        members.set_suspended(member_id=member_id, suspended=suspended, actor=actor, now=now)
        sharing.suspend(member_id=member_id, suspended=suspended, now=now)
