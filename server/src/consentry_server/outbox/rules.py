"""When an effect is tried again, and what a worker is told of it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


class Retry(Exception):
    """It did not work, and may work later; `after`: the receiver asked for that much patience."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason, self.after = reason, after


class Dead(Exception):
    """It will never work: a person has to look."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Leased:
    """An effect in the hands of one worker. `attempt` counts from 1; `sealed` is what to do, encrypted."""

    id: int
    kind: str
    about: str
    sealed: str
    attempt: int
    worker: str


@dataclass(frozen=True)
class Entry:
    """An effect as it is listed: what it does stays sealed."""

    id: int
    kind: str
    about: str
    put_at: datetime
    due_at: datetime
    attempts: int
    dead_at: datetime | None
    finished_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Schedule:
    """How patiently something is tried: `first`, then `factor` times longer each time up to `most`."""

    first: timedelta = timedelta(seconds=5)
    factor: int = 3
    most: timedelta = timedelta(hours=1)
    keep_on_for: timedelta = timedelta(hours=76)

    def pauses(self) -> list[timedelta]:
        """Return the pauses between the tries; together they last at least `keep_on_for`."""
        found = [self.first]
        while sum(found, timedelta()) < self.keep_on_for:
            found.append(min(found[-1] * self.factor, self.most))
        return found

    def pause_after(self, attempt: int, *, chance: float) -> timedelta | None:
        """Return how long to wait after that attempt, up to a quarter longer by `chance`; None: no more."""
        pauses = self.pauses()
        return pauses[attempt - 1] * (1 + chance / 4) if attempt <= len(pauses) else None
