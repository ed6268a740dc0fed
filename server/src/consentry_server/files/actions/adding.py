"""Adding: a member puts a file of their own here, without any project."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Invalid, Refused
from consentry_server.files import queries, rules
from consentry_server.files.actions.repeating import repeated
from consentry_server.files.actions.storing import count, keep
from consentry_server.files.models import DataFile
from consentry_server.members import queries as members
from consentry_server.projects.actions.own import own_source
from consentry_server.storage import Staged

MOST_OWN = 10_000  # files that a member may have added


@dataclass(frozen=True)
class Addition:
    """What a member adds; `ticket` is of the form that it came with: sent again with it, it is the same file."""

    name: str
    description: str
    ticket: str
    blob: Staged


def add_own(*, member_id: int, addition: Addition, room: int, now: datetime) -> int:
    """Give a member a file of their own and return its id; together such files may have `room` bytes.

    What is refused leaves no byte behind. Raises Invalid with what is wrong with `file`, Refused once the account is
    shut, GoneSince for a file that was deleted since this form was sent, StoreFull.
    """
    blob = addition.blob
    try:
        file = _described(member_id, addition, now=now)
        return keep(file, blob, partial(_insert, file, room=room, now=now))
    finally:
        blob.discard()


def _described(member_id: int, addition: Addition, *, now: datetime) -> DataFile:
    """Return the row of the file, as far as it is known before its bytes are safe."""
    blob, name = addition.blob, rules.exact_basename(addition.name)
    if not name:
        raise _wrong(gettext("This file name cannot be used. Give it letters or digits."))
    if not blob.size:
        raise _wrong(gettext("This file is empty."))
    about = {"description": addition.description, "tags": []}
    metadata, _ = rules.read_metadata(json.dumps(about, ensure_ascii=False))
    same = f"{addition.ticket}\n{name}\n{metadata}\n{blob.sha256()}"
    return DataFile(
        member_id=member_id,
        source_id=own_source(now=now),
        basename=name,
        size=blob.size,
        sha256=blob.sha256(),
        metadata=metadata,
        once=sha256(same.encode()).hexdigest(),
        created_at=now,
        completed_at=now,
    )


def _wrong(reason: str) -> Invalid:
    return Invalid({"file": [reason]})


@transaction.atomic
def _insert(file: DataFile, *, room: int, now: datetime) -> int:
    if not members.held_open(file.member_id):
        raise Refused(gettext("Your account is shut at the moment, so you cannot add anything."))
    if first := repeated(file, now=now):
        return first.pk
    _check_room(file, room)
    file.save()
    count(file.member_id, file.source_id, files=1, size=file.size)
    actor, about = f"member:{file.member_id}", f"file:{file.pk}"
    record(name="file.add", actor=actor, about=about, now=now, size=file.size, sha256=file.sha256)
    return file.pk


def _check_room(file: DataFile, room: int) -> None:
    """Raise Invalid if a member has added too much; the lock on the account keeps two files from passing at once."""
    total = queries.total(member_id=file.member_id, source_id=file.source_id)
    if total is not None and total.files >= MOST_OWN:
        raise _wrong(
            gettext("You have added {most} files, and more do not fit. Delete some first.").format(
                most=number_format(MOST_OWN, force_grouping=True)
            )
        )
    if file.size + (total.size if total is not None else 0) > room:
        raise _wrong(gettext("There is not enough room left for this file. Delete some of those that you added first."))
