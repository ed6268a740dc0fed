"""Times out of raw SQL."""

from datetime import UTC, datetime


def aware(value: datetime) -> datetime:
    """Return a time in UTC; those of SQLite know no zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
