"""The body of a request: a short one is read before anything runs, a long one by the thread that needs it."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from io import BytesIO, IOBase
from typing import Any, Protocol

from consentry_server.config.slots import Slots

Receive = Callable[[], Awaitable[dict[str, Any]]]
SHORT = 1 << 18  # bytes
PIECE = 1 << 20  # bytes of a long body that are handed on at once; as many again are on their way
SHORT_WITHIN, PIECE_WITHIN = 60.0, 600.0  # seconds


class Incomplete(OSError):
    """The client went away or was too slow; Django takes the end of a stream for the end of a form."""


class Body(Protocol):
    """What the application reads from."""

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, fewer at the end. Raises Incomplete."""


async def body_of(receive: Receive, length: int, slots: Slots) -> Body:
    """Return the body; a short one is there as a whole. Raises Incomplete."""
    incoming = Incoming(receive)
    if length > SHORT:
        return Long(incoming, length, slots)
    return BytesIO(await incoming.take(length, SHORT_WITHIN))


class Incoming:
    """What comes from the client."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False
        self._left = b""

    async def take(self, size: int, within: float) -> bytes:
        """Return exactly so many bytes. Raises Incomplete if they do not come in that many seconds."""
        found, count = [self._left], len(self._left)
        try:
            async with asyncio.timeout(within):
                while count < size:
                    found.append(await self._next())
                    count += len(found[-1])
        except TimeoutError:
            raise Incomplete("The request came too slowly.") from None
        data = b"".join(found)
        self._left = data[size:]
        return data[:size]

    async def _next(self) -> bytes:
        if self._ended:
            raise Incomplete("The request ended before it was complete.")
        message = await self._receive()
        self._ended = not message.get("more_body", False)
        data: bytes = message.get("body", b"")
        return data


class Long(IOBase):
    """A body that is read in a thread while the next piece of it is on its way."""

    def __init__(self, incoming: Incoming, length: int, slots: Slots) -> None:
        self._incoming, self._slots = incoming, slots
        self._loop = asyncio.get_running_loop()
        self._unasked = length
        self._piece, self._at = b"", 0
        self._coming = self._ask()

    def read(self, size: int = -1) -> bytes:
        found: list[bytes] = []
        while size and (data := self._some(size)):
            found.append(data)
            size -= len(data) if size > 0 else 0
        return b"".join(found)

    def _some(self, size: int) -> bytes:
        if self._at == len(self._piece):
            with self._slots.left():
                self._piece, self._at = self._coming.result(), 0
            self._coming = self._ask()
        data = self._piece[self._at : self._at + size if size > 0 else None]
        self._at += len(data)
        return data

    def _ask(self) -> Future[bytes]:
        size = min(PIECE, self._unasked)
        self._unasked -= size
        return asyncio.run_coroutine_threadsafe(self._incoming.take(size, PIECE_WITHIN), self._loop)
