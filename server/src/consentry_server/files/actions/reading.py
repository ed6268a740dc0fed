"""Reading, each time with a line of the ledger: it is written before anything is given away."""

from datetime import datetime
from typing import Any, BinaryIO

from django.db import connection

from consentry_server.common.errors import NotFound
from consentry_server.files import queries, rules
from consentry_server.files.queries import MemberRow, Readable
from consentry_server.sharing import queries as sharing
from consentry_server.storage import current as current_store
from consentry_server.tokens.queries import Caller


def read_members(caller: Caller, *, limit: int, offset: int, address: str, now: datetime) -> list[MemberRow]:
    """Return a page of a project's members with their first files, and note it in the ledger of each."""
    page = queries.members_page(caller.project_id, limit=limit, offset=offset)
    if page:
        covered = {"first_member": page[0].seat_id, "last_member": page[-1].seat_id}
        who = {
            "project_id": caller.project_id,
            "address": address,
            "fingerprint": caller.fingerprint,
        }
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
        who = {
            "project_id": caller.project_id,
            "address": address,
            "fingerprint": caller.fingerprint,
        }
        _note(at=now, kind="member", **covered, **who)
    return member


def readable_by_link(file_id: int, link: rules.Link) -> Readable | None:
    """Return the file that a link opens, if whoever it was made for may still read it."""
    if link.role == "a":
        return queries.readable(file_id=file_id, authorization_id=link.holder_id)
    return queries.readable_by_owner(file_id=file_id, member_id=link.holder_id)


def still_open(link: rules.Link) -> bool:
    """Say whether whoever a link was made for may still read anything: then it is the file that is gone."""
    return link.role == "m" or sharing.is_live(link.holder_id)


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
