"""Turns: what a machine bears only a little of at a time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from consentry_server.common.errors import TooMany
from consentry_server.common.waiting import leaving_by
from consentry_server.limits import hashing
from consentry_server.limits.turns import Turns


class Work:
    """Something that takes until it is told to end; it knows how many do it at once, and how many ever did."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.end = turns, threading.Event()
        self.begun = threading.Semaphore(0)
        self.lock, self.inside, self.most, self.done = threading.Lock(), 0, 0, 0

    def __call__(self) -> None:
        with self.turns.taken():
            with self.lock:
                self.inside += 1
                self.most = max(self.most, self.inside)
            self.begun.release()
            assert self.end.wait(20)
            with self.lock:
                self.inside, self.done = self.inside - 1, self.done + 1


def free_places(turns: Turns) -> int:
    return turns._places._value  # type: ignore[no-any-return]


def wait_until(reached: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(2000):
        if reached():
            return
        pause.wait(0.01)
    raise AssertionError("it never came so far")


def test_202_a_few_at_once_some_wait_and_nobody_else_does() -> None:
    turns = Turns(2, waiting=3)
    work = Work(turns)
    with ThreadPoolExecutor(5) as callers:
        for _ in range(5):
            callers.submit(work)
        wait_until(lambda: free_places(turns) == 0)
        assert work.begun.acquire(timeout=20)
        assert work.begun.acquire(timeout=20)
        with pytest.raises(TooMany), turns.taken():
            pass
        work.end.set()
    assert (work.most, work.done) == (2, 5)
    assert free_places(turns) == 5


def test_202_whoever_waits_too_long_for_a_turn_is_sent_away_and_holds_no_place() -> None:
    turns = Turns(1, waiting=1)
    with turns.taken():
        with pytest.raises(TooMany), turns.taken(within=0.01):
            pass
        assert free_places(turns) == 1


def test_202_a_password_is_hashed_in_turn_and_without_a_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    class Noted(Turns):
        @contextmanager
        def taken(self, *, within: float = 1.0) -> Iterator[None]:
            steps.append("turn")
            with super().taken(within=within):
                yield

    @contextmanager
    def leaving() -> Iterator[None]:
        steps.append("left")
        yield
        steps.append("back")

    monkeypatch.setattr(hashing, "turns", Noted(1, waiting=0))
    hasher = hashing.Argon2()
    with leaving_by(leaving):
        encoded = hasher.encode("a few words", hasher.salt())
        assert hasher.verify("a few words", encoded)
    assert steps == ["left", "turn", "back"] * 2
