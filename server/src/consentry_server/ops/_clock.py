"""One clock for all workers: the database's, where several machines may share it."""

import time
from datetime import datetime, timedelta

from django.db import connection

from consentry_server.ops._start import now

LOOK_EVERY = 60.0  # seconds


class Clock:
    """Tells the time of the database server, asked once a minute; SQLite lives on this machine."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._looked_at: float | None = None

    def look(self) -> None:
        """Compare clocks, if that is long ago."""
        if self._looked_at is not None and time.monotonic() - self._looked_at < LOOK_EVERY:
            return
        self._ahead = _of_database() - now()
        self._looked_at = time.monotonic()

    def now(self) -> datetime:
        """Return the present moment."""
        return now() + self._ahead


def _of_database() -> datetime:
    if connection.vendor != "postgresql":
        return now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found
