"""Scrubbing: the bytes of each file are read once more, and compared with what they were when they came."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from consentry_server.audit.actions import record
from consentry_server.files.models import PRESENT, DataFile
from consentry_server.files.queries.checking import next_to_check
from consentry_server.storage import current as current_store

_PIECE = 1 << 20


@dataclass(frozen=True)
class Checked:
    """A file that was read; `fault` says what is wrong with its bytes, if anything."""

    file_id: int
    size: int
    fault: str


def check_next(*, before: datetime, now: datetime) -> Checked | None:
    """Check the file whose last check is oldest; None if all were checked since `before`. Raises StoreDown."""
    file = next_to_check(before=before)
    if file is None:
        return None
    fault = _fault(file)  # reading may take long: no transaction is open
    with transaction.atomic():
        # asked again: its owner may have deleted it meanwhile
        present = DataFile.objects.filter(PRESENT, id=file.pk).update(checked_at=now)
        if present and fault:
            record(name="file.damaged", actor="command", about=f"file:{file.pk}", now=now, fault=fault, key=file.key)
    return Checked(file.pk, file.size, fault if present else "")


def _fault(file: DataFile) -> str:
    """Return what is wrong with the bytes of a file, "" if nothing."""
    try:
        size, sha256 = _read(file.key)
    except FileNotFoundError:
        return "its bytes are gone"
    except OSError as error:  # of a bad place on a disk
        return f"its bytes cannot be read ({error.strerror})"
    if size != file.size:
        return f"has {size} bytes instead of {file.size}"
    return "" if sha256 == file.sha256 else "its bytes are not those that were uploaded"


def _read(key: str) -> tuple[int, str]:
    size, sha256 = 0, hashlib.sha256()
    with current_store().open(key) as blob:
        for piece in iter(partial(blob.read, _PIECE), b""):
            size += len(piece)
            sha256.update(piece)
    return size, sha256.hexdigest()
