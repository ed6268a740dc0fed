"""Whoever waits for the same thing is served together, and whoever comes meanwhile with the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Batches(Generic[T, R]):
    """One batch after the other, of whatever waits in an event loop."""

    def __init__(self, serve: Callable[[list[T]], Awaitable[Sequence[R]]], *, most: int) -> None:
        """`serve` gives each of at most so many what it waits for, in their order; what it raises, all are told."""
        self._serve, self._most = serve, most
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def served(self, one: T) -> R:
        """Return what it waits for, once its batch is done."""
        told: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, told))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve_waiting())
        return await told

    async def _serve_waiting(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._serve_batch(batch)
        finally:
            self._serving = None

    async def _serve_batch(self, batch: "list[tuple[T, asyncio.Future[R]]]") -> None:
        try:
            found = await self._serve([one for one, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            for _, told in batch:
                _tell(told, None, error)
        else:
            for (_, told), result in zip(batch, found, strict=True):
                _tell(told, result)


def _tell(told: "asyncio.Future[R]", result: R | None, error: Exception | None = None) -> None:
    """Tell who waits; somebody whose client went away waits no more."""
    if told.cancelled():
        return
    if error is None:
        told.set_result(result)  # type: ignore[arg-type]
    else:
        told.set_exception(error)
