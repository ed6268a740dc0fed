"""The same request again: a client that did not hear the answer is given the file of the first, and makes no second."""

from datetime import datetime, timedelta

from consentry_server.common.errors import Conflict
from consentry_server.files.models import DataFile

KEPT_FOR = timedelta(days=1)
_SAID = ("basename", "metadata", "datatypes")
_STORED = (*_SAID, "size", "sha256")


class AnotherFile(Conflict):
    """The key of one file, sent with another."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key came with another file. Send another key with this one; to try the first again, "
            "send exactly what you sent with it."
        )


class GoneSince(Conflict):
    """The file of this key is not there any more; whoever deleted it does not want it back by accident."""

    def __init__(self) -> None:
        super().__init__(
            "The file of this Idempotency-Key is gone: it was deleted, or its upload is over. To bring it again, "
            "send another key."
        )


def repeated(file: DataFile, *, now: datetime) -> DataFile | None:
    """Return the file that this one is again, inside a transaction that holds its member's authorization.

    Raises AnotherFile and GoneSince.
    """
    if file.once is None:
        return None
    forget_keys(now=now, source_id=file.source_id, member_id=file.member_id)
    first = DataFile.objects.filter(source_id=file.source_id, member_id=file.member_id, once=file.once).first()
    if first is None:
        return None
    alike = _SAID if file.completed_at is None else _STORED
    if any(getattr(first, name) != getattr(file, name) for name in alike):
        raise AnotherFile
    if first.deleted_at is not None:
        raise GoneSince
    return first


def forget_keys(*, now: datetime, **whose: int) -> None:
    """Forget the keys of requests that are older than a day."""
    DataFile.objects.filter(once__isnull=False, created_at__lte=now - KEPT_FOR, **whose).update(once=None)
