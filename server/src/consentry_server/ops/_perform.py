"""Doing one effect, and saying what became of it."""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from consentry_server.ops.effects import HANDLERS, SCHEDULES
from consentry_server.outbox import actions as outbox
from consentry_server.outbox.rules import Dead, Leased, Retry, Schedule

log = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(days=1)  # that a receiver can ask for


def perform(effect: Leased, *, clock: Callable[[], datetime]) -> Callable[[], None]:
    """Try to do an effect; return what writes down the outcome, which may be called until it works."""
    try:
        HANDLERS[effect.kind](outbox.payload(effect), effect.id, clock())
    except Dead as error:
        return _failed(effect, error.reason, None, clock)
    except Retry as error:
        return _failed(effect, error.reason, _pause(effect, error.after), clock)
    except Exception as error:
        log.exception("%s %d failed", effect.kind, effect.id)
        return _failed(
            effect, type(error).__name__, _pause(effect), clock
        )  # its text may hold what is nobody's business
    return lambda: outbox.finish(effect, now=clock())


def _failed(effect: Leased, reason: str, pause: timedelta | None, clock: Callable[[], datetime]) -> Callable[[], None]:
    now = clock()
    retry_at = None if pause is None else now + pause
    log.warning("%s %d: %s (try %d, next %s)", effect.kind, effect.id, reason, effect.attempt, retry_at or "never")
    return lambda: outbox.fail(effect, reason=reason, retry_at=retry_at, now=now)


def _pause(effect: Leased, asked: timedelta | None = None) -> timedelta | None:
    """Return how long to wait before the next try, as the receiver asked if that is longer; None: no more tries."""
    schedule = SCHEDULES.get(effect.kind, Schedule())
    pause = schedule.pause_after(effect.attempt, chance=random.random())  # noqa: S311 - so that not all come at once
    if pause is None or asked is None:
        return pause
    return max(pause, min(asked, LONGEST_PAUSE))
