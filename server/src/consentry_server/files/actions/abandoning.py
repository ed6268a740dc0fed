"""Uploads that are given up: their place and their bytes go."""

from datetime import datetime

from django.db.models import QuerySet

from consentry_server.files import queries
from consentry_server.files.models import DataFile, Pending
from consentry_server.storage import current as current_store


def abandon(uploads: QuerySet[DataFile], *, now: datetime) -> list[DataFile]:
    """End uploads inside the caller's transaction; return the files that had a place, for `erase` afterwards."""
    found = list(uploads.filter(completed_at=None, deleted_at=None).select_for_update())
    DataFile.objects.filter(id__in=[file.pk for file in found]).update(deleted_at=now)
    return found


def forget_uploads(files: list[DataFile]) -> None:
    """Remove the bytes that came for these files so far, and that they were under way."""
    ids = [file.pk for file in files]
    for handle in queries.handles(ids):
        current_store().inbox.forget(handle)
    Pending.objects.filter(file_id__in=ids).delete()
