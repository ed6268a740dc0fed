"""Lets many slow clients wait in many threads, while few run our code at once.

The server gives each request a thread. A request needs a slot to run in, and leaves it whenever it waits
for its client: a slow upload or a slow reader costs a sleeping thread, nothing else. A slot owns the
database connection, so there are as many connections as slots, however many threads there are.
"""

from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Slots:
    """A few places in which requests run, each with its own connection."""

    def __init__(self, count: int) -> None:
        self._free: SimpleQueue[BaseDatabaseWrapper] = SimpleQueue()
        for _ in range(count):
            connection = connections.create_connection(DEFAULT_DB_ALIAS)
            connection.inc_thread_sharing()  # used by one thread at a time, but not always by the same
            self._free.put(connection)

    def enter(self) -> None:
        """Wait for a free slot and take its connection."""
        connections[DEFAULT_DB_ALIAS] = self._free.get()

    def leave(self) -> None:
        """Give the slot to the next; a connection that broke is opened anew by whoever needs it."""
        connection = connections[DEFAULT_DB_ALIAS]
        try:
            connection.close_if_unusable_or_obsolete()
        finally:
            del connections[DEFAULT_DB_ALIAS]
            self._free.put(connection)


class Body:
    """The body of a request; whoever waits for more of it does so without a slot."""

    def __init__(self, stream: Any, slots: Slots) -> None:
        self._stream, self._slots = stream, slots

    def read(self, size: int = -1) -> bytes:
        self._slots.leave()
        try:
            data: bytes = self._stream.read(size)
        finally:
            self._slots.enter()
        return data

    def readline(self, size: int = -1) -> bytes:
        self._slots.leave()
        try:
            line: bytes = self._stream.readline(size)
        finally:
            self._slots.enter()
        return line


def in_slots(application: Application, count: int) -> Application:
    """Return the application run in slots. A streamed answer is sent without one."""
    slots = Slots(count)

    def run(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING"):  # the end of such a body looks like a broken connection
            start_response("411 Length Required", [("Content-Length", "0"), ("Connection", "close")])
            return [b""]
        slots.enter()
        try:
            environ["wsgi.input"] = Body(environ["wsgi.input"], slots)
            return application(environ, start_response)
        finally:
            slots.leave()

    return run
