"""A few places in which requests run, each with a database connection of its own.

There may be many threads, since an upload holds one for as long as its client takes. Whoever waits for a client
leaves the slot first. So there are as many connections as slots, and a waiting thread costs its memory, nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from consentry_server.common.waiting import leaving_by


class Busy(Exception):
    """No slot became free in time."""


class Slots:
    """Connections that threads take and give back."""

    def __init__(self, count: int) -> None:
        self._free: SimpleQueue[BaseDatabaseWrapper] = SimpleQueue()
        for _ in range(count):
            connection = connections.create_connection(DEFAULT_DB_ALIAS)
            connection.inc_thread_sharing()  # used by one thread at a time, but not always by the same
            self._free.put(connection)

    @contextmanager
    def taken(self, *, within: float | None = None) -> Iterator[None]:
        """Run in a slot, once one is free. Raises Busy after so many seconds; without them, it waits."""
        self._enter(within)
        try:
            with leaving_by(self.left):
                yield
        finally:
            self._leave()

    @contextmanager
    def left(self) -> Iterator[None]:
        """Wait for somebody outside, and let others use the slot meanwhile, unless a transaction needs it."""
        if connections[DEFAULT_DB_ALIAS].in_atomic_block:
            yield
            return
        self._leave()
        try:
            yield
        finally:
            self._enter()

    def _enter(self, within: float | None = None) -> None:
        try:
            connections[DEFAULT_DB_ALIAS] = self._free.get(timeout=within)
        except Empty:
            raise Busy from None

    def _leave(self) -> None:
        """A connection that broke is opened anew by whoever needs it."""
        connection = connections[DEFAULT_DB_ALIAS]
        try:
            connection.close_if_unusable_or_obsolete()
        finally:
            del connections[DEFAULT_DB_ALIAS]
            self._free.put(connection)
