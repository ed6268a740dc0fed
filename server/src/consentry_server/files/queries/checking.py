"""Reads for the scrub: which files were not compared with their checksum for longest."""

from datetime import datetime

from consentry_server.files.models import PRESENT, DataFile


def next_to_check(*, before: datetime) -> DataFile | None:
    """Return a file that was never checked, else the one whose check is oldest, if that was before a moment."""
    present = DataFile.objects.filter(PRESENT)
    return (
        present.filter(checked_at=None).order_by("checked_at", "id").first()  # so PostgreSQL walks along the index
        or present.filter(checked_at__lt=before).order_by("checked_at", "id").first()
    )


def unchecked_since(before: datetime) -> int:
    """Return how many files are there since before a moment, and were not checked after it."""
    present = DataFile.objects.filter(PRESENT, completed_at__lt=before)
    return present.filter(checked_at=None).count() + present.filter(checked_at__lt=before).count()
