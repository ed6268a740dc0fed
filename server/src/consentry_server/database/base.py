"""Django's connection to PostgreSQL with an end to its patience.

A server that is gone refuses at once. One that is cut off, stopped or waiting for its disk says nothing at all, and the
drivers would wait for minutes: in the event loop everybody would wait along. So a silent server counts as gone, and
for a moment afterwards nobody else tries whether it is back.
"""

from asyncio import get_running_loop
from time import monotonic
from types import ModuleType
from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import PQGen

T = TypeVar("T")

PATIENCE = 35.0  # seconds for a statement; the server itself ends one after 30
PATIENCE_IN_LOOP = 5.0  # seconds: only short reads are there, and nobody else is answered meanwhile
LEFT_ALONE = 2.0  # seconds after silence in which nobody tries to connect


class Silence:
    """When this process last waited in vain."""

    def __init__(self) -> None:
        self._until = 0.0

    def begin(self) -> None:
        """Leave the server alone from now on for a moment."""
        self._until = monotonic() + LEFT_ALONE

    def lasts(self) -> bool:
        """Say whether that moment is not over."""
        return monotonic() < self._until


silence = Silence()


class Connection(psycopg.Connection[Any]):
    """One that is given up for lost when its server says nothing for so many seconds."""

    patience = PATIENCE

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - the documented error of this method
            silence.begin()
            self.pgconn.finish()
            raise psycopg.OperationalError(f"The database said nothing for {self.patience:g} seconds.") from None


def _driver() -> ModuleType:
    """Return psycopg as Django asks it for connections and errors, with our connections."""
    found = ModuleType("psycopg")
    vars(found).update(vars(psycopg), connect=Connection.connect)
    return found


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, which connects as above."""

    Database = _driver()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises OperationalError at once while the server is left alone."""
        if silence.lasts():
            raise psycopg.OperationalError("The database said nothing a moment ago.")
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.errors.ConnectionTimeout:
            silence.begin()
            raise
        connection.patience = PATIENCE_IN_LOOP if _in_event_loop() else PATIENCE
        return connection


def _in_event_loop() -> bool:
    try:
        get_running_loop()
    except RuntimeError:
        return False
    return True
