"""Ending uploads that never became files: their project gives them up, or their time is over."""

from datetime import datetime

from django.db import transaction

from consentry_server.files import queries
from consentry_server.files.actions.abandoning import abandon
from consentry_server.files.actions.deleting import erase
from consentry_server.files.models import DataFile, Pending
from consentry_server.outbox import actions as outbox


def end(pending: Pending, *, now: datetime) -> None:
    """Give an upload up, and what came of it."""
    with transaction.atomic():
        ended = abandon(DataFile.objects.filter(id=pending.file_id), now=now)
    erase(ended, now=now)


def give_up(*, file_id: int, now: datetime) -> None:
    """End an upload that is past its time; one that went on meanwhile is looked at again when it will be."""
    with transaction.atomic():
        pending = Pending.objects.filter(file_id=file_id, expires_at__gt=now).first()
        if pending is not None:
            outbox.put(kind="files.give_up", payload={"file_id": file_id}, now=now, due_at=pending.expires_at)
        ended = abandon(queries.given_up(now=now).filter(id=file_id), now=now)
    erase(ended, now=now)


def give_up_all(*, now: datetime) -> int:
    """End all uploads that are past their time; return how many."""
    with transaction.atomic():
        ended = abandon(queries.given_up(now=now), now=now)
    erase(ended, now=now)
    return len(ended)


def abandon_uploads(*, authorization_id: int, now: datetime) -> int:
    """End all that is being brought by an authorization that is over; return how many there were."""
    with transaction.atomic():
        ended = abandon(queries.under_way_by(authorization_id), now=now)
    erase(ended, now=now)
    return len(ended)
