"""Fewer points that look the same."""

from collections.abc import Sequence
from math import ceil
from typing import TypeVar

T = TypeVar("T")
Point = tuple[float, float]


def thinned(points: Sequence[Point], columns: int) -> list[Point]:
    """Return points in the order of x with at most four in each column: its first, last, lowest and highest."""
    if len(points) <= 4 * columns:
        return list(points)
    left, right = points[0][0], points[-1][0]
    width = (right - left) / columns or 1.0
    found: list[Point] = []
    start = 0
    for column in range(columns):
        stop, until = start, left + (column + 1) * width
        while stop < len(points) and (points[stop][0] < until or column == columns - 1):
            stop += 1
        found += _extremes(points[start:stop])
        start = stop
    return found


def _extremes(points: Sequence[Point]) -> list[Point]:
    if len(points) <= 4:
        return list(points)
    height = [y for _, y in points]
    chosen = {0, height.index(min(height)), height.index(max(height)), len(points) - 1}
    return [points[nth] for nth in sorted(chosen)]


def every(items: Sequence[T], most: int) -> list[T]:
    """Return at most so many of these, evenly, with the first and the last."""
    if len(items) <= most:
        return list(items)
    step = ceil(len(items) / (most - 1))
    return [*items[:-1:step], items[-1]]


def runs(points: Sequence[Point], gap: float) -> list[list[Point]]:
    """Return the same points as lines that end where nothing is known for longer than `gap`."""
    lines: list[list[Point]] = []
    for point in points:
        if lines and point[0] - lines[-1][-1][0] <= gap:
            lines[-1].append(point)
        else:
            lines.append([point])
    return lines
