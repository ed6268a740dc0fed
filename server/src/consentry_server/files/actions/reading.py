"""Reading, each time with a line of the ledger: it is written before anything is given away."""

from collections import Counter
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO, NamedTuple

from django.db import transaction

from consentry_server import database
from consentry_server.common.errors import NotFound
from consentry_server.files import queries, rules
from consentry_server.files.queries import MemberRow, Readable, handing
from consentry_server.files.queries.handing import Shared
from consentry_server.sharing import queries as sharing
from consentry_server.storage import current as current_store
from consentry_server.tokens.queries import Caller

GONE = "This file is unavailable."


class Line(NamedTuple):
    """A line of the ledger, by its columns. `at` is as the database takes it: `database.stamp`."""

    at: datetime | str
    kind: str
    project_id: int
    address: str
    fingerprint: str
    first_member: int
    last_member: int
    file_id: int | None = None
    first_file: int = 0
    files: int = 0
    size: int = 0


def read_members(caller: Caller, *, limit: int, offset: int, address: str, now: datetime) -> list[MemberRow]:
    """Return a page of a project's members with their first files, and note it in the ledger of each."""
    page = queries.members_page(caller.project_id, limit=limit, offset=offset)
    if page:
        who = (caller.project_id, address, caller.fingerprint)
        _note(Line(database.stamp(now), "members", *who, page[0].seat_id, page[-1].seat_id, files=queries.FIRST))
    return page


def read_member(
    caller: Caller, number: str, *, limit: int, offset: int, address: str, now: datetime
) -> MemberRow | None:
    """Return one member with a page of files, and note it in the ledger; None if not a live member."""
    member = queries.member_page(caller.project_id, number, limit=limit, offset=offset)
    if member is not None:
        who = (caller.project_id, address, caller.fingerprint, member.seat_id, member.seat_id)
        first = min(offset, member.file_count)
        _note(Line(database.stamp(now), "member", *who, first_file=first, files=len(member.files)))
    return member


def read_links(caller: Caller, ids: list[int], *, address: str, now: datetime) -> dict[int, Shared]:
    """Return those of these files that a project may read now, and note in each owner's ledger how many it asked for.

    One line a member: a range of members would name some of whom nothing was read.
    """
    found = handing.shared(caller.project_id, ids, number=caller.number)
    asked = Counter(file.seat_id for file in found.values())
    who = (database.stamp(now), "links", caller.project_id, address, caller.fingerprint)
    lines = [Line(*who, seat_id, seat_id, files=files) for seat_id, files in sorted(asked.items())]
    if lines:
        write_ledger(lines)
    return found


def readable_by_links(opened: Sequence[tuple[int, rules.Link]]) -> list[Readable | None]:
    """Return the file that each link opens, if whoever it was made for may still read it.

    One statement for all links of projects.
    """
    wanted = [(file_id, link.holder_id) for file_id, link in opened if link.role == "a"]
    found = iter(queries.readable_each(wanted))
    return [
        next(found) if link.role == "a" else queries.readable_by_owner(file_id=file_id, member_id=link.holder_id)
        for file_id, link in opened
    ]


def still_open(link: rules.Link) -> bool:
    """Say whether whoever a link was made for may still read anything: then it is the file that is gone."""
    return link.role == "m" or sharing.is_live(link.holder_id)


def read_file(file: Readable, *, start: int, size: int, address: str, fingerprint: str, now: datetime) -> BinaryIO:
    """Open a file's bytes at one of them, having noted in the owner's ledger that `size` of them go to a project.

    Raises NotFound if the bytes are gone.
    """
    try:
        if not size:
            current_store().size(file.key)
        blob = current_store().open(file.key, start=start) if size else BytesIO()
    except FileNotFoundError:
        raise NotFound(GONE) from None
    try:
        _note_download(file, size=size, address=address, fingerprint=fingerprint, now=now)
    except BaseException:
        blob.close()
        raise
    return blob


def read_elsewhere(file: Readable, *, size: int, address: str, fingerprint: str, now: datetime) -> str | None:
    """Return where the store itself sends a file's bytes for ten minutes, having noted that `size` of them are read.

    None: the store has no address of its own.
    """
    lifetime = timedelta(seconds=rules.TARGET_FOR)
    found = current_store().address(file.key, name=file.basename, lifetime=lifetime)
    if found is not None:
        _note_download(file, size=size, address=address, fingerprint=fingerprint, now=now)
    return found


def read_inside(file: Readable, *, address: str, fingerprint: str, now: datetime) -> str | None:
    """Return the path below the store's folder from which a proxy sends a whole file, having noted that it does.

    None: the store has no folder. Raises NotFound if the bytes are gone.
    """
    found = current_store().inside(file.key)
    if found is not None:
        try:
            current_store().size(file.key)
        except FileNotFoundError:
            raise NotFound(GONE) from None
        _note_download(file, size=file.size, address=address, fingerprint=fingerprint, now=now)
    return found


def tag_elsewhere(file: Readable) -> str | None:
    """Return the entity tag with which the store itself sends a file's bytes, if it does. Raises NotFound."""
    try:
        return current_store().tag(file.key)
    except FileNotFoundError:
        raise NotFound(GONE) from None


def _note_download(file: Readable, *, size: int, address: str, fingerprint: str, now: datetime) -> None:
    """Write the line of a download, unless it is its owner's."""
    if file.project_id is not None and file.seat_id is not None:
        who = (file.project_id, address, fingerprint, file.seat_id, file.seat_id, file.id)
        _note(Line(database.stamp(now), "download", *who, files=1, size=size))


_INTO = f"INSERT INTO files_access ({', '.join(Line._fields)}) VALUES "  # noqa: S608 - columns of ours
_VALUES = f"({', '.join(['%s'] * len(Line._fields))})"
AT_ONCE = 64  # lines in one statement: each number of them is another statement for a driver to remember
_gathered: ContextVar[list[Line] | None] = ContextVar("gathered", default=None)


class Gathering:
    """Gather the ledger's lines instead of writing each: whoever asks for this writes them before it answers."""

    def __enter__(self) -> list[Line]:
        lines: list[Line] = []
        self._token = _gathered.set(lines)
        return lines

    def __exit__(self, *_error: object) -> None:
        _gathered.reset(self._token)


def _note(line: Line) -> None:
    lines = _gathered.get()
    if lines is None:
        write_ledger([line])
    else:
        lines.append(line)


def write_ledger(lines: Sequence[Line]) -> None:
    """Write all of these lines of the ledger or none.

    By hand: it is on every hot path, where the ORM takes longer than the disk.
    """
    if len(lines) <= AT_ONCE:
        _write(lines)
        return
    with transaction.atomic():
        for begin in range(0, len(lines), AT_ONCE):
            _write(lines[begin : begin + AT_ONCE])


def _write(lines: Sequence[Line]) -> None:
    """Write lines in one statement: for each a thread would have to wait for the interpreter anew."""
    database.run(_INTO + ", ".join([_VALUES] * len(lines)), [value for line in lines for value in line])
