"""The worker: one thread leases effects and keeps the leases, others do them."""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from consentry_server.ops._clock import Clock
from consentry_server.ops._perform import perform
from consentry_server.ops.effects import HANDLERS
from consentry_server.outbox import actions as outbox
from consentry_server.outbox.rules import Leased

log = logging.getLogger(__name__)

POLL = 0.25  # seconds until a new effect is seen
DATABASE_PAUSE = 1.0  # seconds before a database that is away is asked again
GRACE = 15.0  # seconds that effects in hand have when the worker is told to stop
FINISHED_FOR = timedelta(days=7)
DEAD_FOR = timedelta(days=30)
PRUNE_EVERY = 3600.0


class Worker:
    """Several effects in hand at once, but never all of one kind, nor too many for one project."""

    def __init__(self, *, name: str, threads: int, lease_for: timedelta, orphaned: Callable[[], bool]) -> None:
        self._name, self._threads, self._lease_for, self._orphaned = name, threads, lease_for, orphaned
        self._of_kind = max(1, threads * 3 // 4)
        self._of_one = max(1, threads // 4)
        self._stopping = False
        self._clock = Clock()
        self._hands: dict[int, Leased] = {}
        self._todo: SimpleQueue[Leased] = SimpleQueue()
        self._done: SimpleQueue[int | None] = SimpleQueue()
        self._renewed_at = self._pruned_at = 0.0

    def stop(self) -> None:
        """Begin nothing more; may be called by a signal."""
        self._stopping = True
        self._done.put(None)

    def run(self) -> None:
        """Work until told to stop."""
        for _ in range(self._threads):
            Thread(target=self._lane, daemon=True).start()
        while not self._stopping and not self._orphaned():
            try:
                self._turn()
            except DatabaseError as error:
                log.error("the database did not answer: %s", type(error).__name__)  # noqa: TRY400 - no news in the rest
                connection.close()
                self._collect(DATABASE_PAUSE)
        self._wind_up()

    def _turn(self) -> None:
        self._clock.look()
        self._keep()
        self._prune()
        self._collect(0 if self._begin() else POLL)

    def _begin(self) -> bool:
        """Take the next effect, if there is one and a thread for it."""
        if len(self._hands) >= self._threads:
            return False
        effect = outbox.lease(
            kinds=self._free_kinds(),
            worker=self._name,
            lease_for=self._lease_for,
            now=self._clock.now(),
            passing_over=self._busy(),
        )
        if effect is None:
            return False
        self._hands[effect.id] = effect
        self._todo.put(effect)
        return True

    def _free_kinds(self) -> list[str]:
        """Return the kinds that may have one more thread."""
        counts = Counter(effect.kind for effect in self._hands.values())
        return [kind for kind in HANDLERS if counts[kind] < self._of_kind]

    def _busy(self) -> list[tuple[str, str]]:
        """Return what has as many threads as one project may have."""
        counts = Counter((effect.kind, effect.about) for effect in self._hands.values() if effect.about)
        return [pair for pair, count in counts.items() if count >= self._of_one]

    def _collect(self, wait: float) -> None:
        """Let go of what is done; wait that long for the first."""
        with suppress(Empty):
            self._let_go(self._done.get(timeout=wait) if wait else self._done.get_nowait())
            while True:
                self._let_go(self._done.get_nowait())

    def _let_go(self, effect_id: int | None) -> None:
        if effect_id is not None:
            self._hands.pop(effect_id, None)

    def _keep(self) -> None:
        """Renew the leases of what takes long."""
        if time.monotonic() - self._renewed_at < self._lease_for.total_seconds() / 3:
            return
        for effect in self._hands.values():
            outbox.renew(effect, until=self._clock.now() + self._lease_for)
        self._renewed_at = time.monotonic()

    def _prune(self) -> None:
        if self._pruned_at and time.monotonic() - self._pruned_at < PRUNE_EVERY:
            return
        now = self._clock.now()
        outbox.prune(finished_before=now - FINISHED_FOR, dead_before=now - DEAD_FOR)
        self._pruned_at = time.monotonic()

    def _lane(self) -> None:
        """Do one effect after the other."""
        while True:
            effect = self._todo.get()
            close_old_connections()
            try:
                _settle(perform(effect, clock=self._clock.now))
            except Exception:  # it is taken again when its lease ends; the thread lives on
                log.exception("%s %d was lost sight of", effect.kind, effect.id)
            self._done.put(effect.id)

    def _wind_up(self) -> None:
        """Finish what is in hand, and give back what takes too long."""
        until = time.monotonic() + GRACE
        while self._hands and time.monotonic() < until:
            with suppress(DatabaseError):
                self._keep()
            self._collect(POLL)
        _give_back(self._hands.values())
        if self._hands:
            os._exit(0)  # their threads cannot be told to stop


def _settle(write_down: Callable[[], None]) -> None:
    """Write down an outcome, also past a short outage of the database; after a long one the effect is done again."""
    for pause in (0.1, 1, 5, 10, 0):
        try:
            return write_down()
        except DatabaseError as error:
            log.error("an outcome could not be written down: %s", type(error).__name__)  # noqa: TRY400
            connection.close()
            time.sleep(pause)
    return None


def _give_back(effects: Iterable[Leased]) -> None:
    with suppress(DatabaseError):
        for effect in effects:
            outbox.give_back(effect)
