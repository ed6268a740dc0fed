"""Writes the lines of many requests to the ledger at once: they wait for the disk together, and nobody else waits.

A request is answered when its lines are safe, not before.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from consentry_server.config.slots import Slots
from consentry_server.files.actions import Line, write_ledger


class Ledger:
    """The one place of a process where lines are written; it has a thread and a connection of its own."""

    def __init__(self) -> None:
        self._slots = Slots(1)
        self._thread = ThreadPoolExecutor(1, "ledger")
        self._waiting: list[tuple[list[Line], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, lines: list[Line]) -> None:
        """Return when these lines are kept."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, kept))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting())
        await kept

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            lines = [line for some, _ in batch for line in some]
            outcome = await self._written(lines)
            for _, kept in batch:
                _tell(kept, outcome)
        self._writing = None

    async def _written(self, lines: list[Line]) -> Exception | None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._write, lines)
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            return error
        return None

    def _write(self, lines: list[Line]) -> None:
        with self._slots.taken():
            write_ledger(lines)


def _tell(kept: "asyncio.Future[None]", outcome: BaseException | None) -> None:
    """Tell who waits; somebody whose client went away waits no more."""
    if kept.cancelled():
        return
    if outcome is None:
        kept.set_result(None)
    else:
        kept.set_exception(outcome)
