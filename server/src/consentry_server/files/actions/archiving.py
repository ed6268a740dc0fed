"""Handing over all that a project may read, file by file: before each it is asked whether it still may."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal

from consentry_server import database
from consentry_server.common.waiting import apart
from consentry_server.files import queries
from consentry_server.files.actions.reading import Line, write_ledger
from consentry_server.files.queries import handing
from consentry_server.files.queries.handing import Listed
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.queries import LiveMember
from consentry_server.storage import current as current_store
from consentry_server.tokens.queries import Caller

BATCH = 100  # files of one line of the ledger


@dataclass(frozen=True, slots=True)
class Given:
    """A file on its way to a project. Without a blob it does not go: it was withdrawn, or its bytes are missing."""

    number: str
    authorization_id: int
    file: Listed
    sha256: str
    state: Literal["sent", "withdrawn", "missing"]
    blob: BinaryIO | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, from where, and the clock of the door: an archive can take an hour."""

    caller: Caller
    address: str
    clock: Callable[[], datetime]


def read_all(reader: Reader, number: str | None) -> Iterator[Given]:
    """Give what all members of a project share, or one of them; each ledger has its line before the bytes go.

    Nothing is held between two files: whoever iterates may take as long as the network does. Close each blob.
    """
    seat_id = 0
    while members := sharing.live_after(reader.caller.project_id, number, seat_id=seat_id, limit=BATCH):
        for member in members:
            yield from _all_of(reader, member)
        seat_id = members[-1].seat_id


def _all_of(reader: Reader, member: LiveMember) -> Iterator[Given]:
    before = after = 0
    while batch := handing.listed(member.authorization_id, after=after, limit=BATCH):
        _note(reader, member, batch, before)
        for file in batch:
            yield _given(member, file)
        before, after = before + len(batch), batch[-1].id


def _note(reader: Reader, member: LiveMember, batch: list[Listed], before: int) -> None:
    who = (reader.caller.project_id, reader.address, reader.caller.fingerprint, member.seat_id, member.seat_id)
    size = sum(file.size for file in batch)
    write_ledger(
        [Line(database.stamp(reader.clock()), "archive", *who, first_file=before, files=len(batch), size=size)]
    )


def _given(member: LiveMember, listed: Listed) -> Given:
    file = queries.readable(file_id=listed.id, authorization_id=member.authorization_id)
    known = (member.number, member.authorization_id, listed)
    if file is None:
        return Given(*known, "", "withdrawn", None)
    try:
        with apart():
            blob = current_store().open(file.key)
    except FileNotFoundError:
        return Given(*known, file.sha256, "missing", None)
    return Given(*known, file.sha256, "sent", blob)
