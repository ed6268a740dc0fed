"""How the cost of some work grows with its input: a ratio, which a slow or busy machine does not change."""

import time
from collections.abc import Callable

TIMES = 8
LINEAR = 3 * TIMES  # what grows with the square would take 64 times as long


def growth(work: Callable[[int], object], size: int) -> float:
    """Return how many times the processor's work for eight times the input is that for the input."""
    few = _cost(work, size, rounds=4)
    return _cost(work, TIMES * size, rounds=2) / few


def _cost(work: Callable[[int], object], size: int, *, rounds: int) -> float:
    """Return the least time of this thread on a processor in some rounds, of which the first may warm up."""
    times = []
    for _ in range(rounds):
        before = time.thread_time_ns()
        work(size)
        times.append(time.thread_time_ns() - before)
    return max(min(times), 1)
