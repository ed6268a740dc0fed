"""Writes the lines of many requests to the ledger at once: they wait for the disk together, and nobody else waits.

A request is answered when its lines are safe, not before.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from consentry_server.config.batches import Batches
from consentry_server.config.slots import Slots
from consentry_server.files.actions import Line, write_ledger

AT_ONCE = 1000  # requests whose lines are written in one transaction


class Ledger:
    """The one place of a process where lines are written; it has a thread and a connection of its own."""

    def __init__(self) -> None:
        self._slots = Slots(1)
        self._thread = ThreadPoolExecutor(1, "ledger")
        self._batches = Batches(self._write_all, most=AT_ONCE)

    async def write(self, lines: list[Line]) -> None:
        """Return when these lines are kept."""
        await self._batches.served(lines)

    async def _write_all(self, waiting: list[list[Line]]) -> list[None]:
        lines = [line for some in waiting for line in some]
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, lines)
        return [None] * len(waiting)

    def _write(self, lines: list[Line]) -> None:
        with self._slots.taken():
            write_ledger(lines)
