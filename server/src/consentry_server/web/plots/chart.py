"""A line over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from consentry_server.web.plots import Plot, ticks
from consentry_server.web.plots.svg import at, drawing, element, path
from consentry_server.web.plots.thin import Point, runs, thinned

WIDTH, HEIGHT = 640, 288
LEFT, RIGHT, TOP, BOTTOM = 72, 16, 14, 44
COLUMNS = 160  # of the width, with up to four points each
DOTTED = 40  # so few points are seen one by one
LARGEST = 1e15  # what is beyond it is no measurement, and no axis can say it
Figures = tuple[tuple[str, str], ...]
Scale = Literal["date", "clock"]
GAP = 8  # times the usual distance of two points without one is a gap


@dataclass(frozen=True)
class Series:
    """Values by time: moments in seconds since 1970, or times of day in seconds; in the order of time."""

    label: str
    points: Sequence[Point]
    scale: Scale = "date"


@dataclass(frozen=True)
class _Frame:
    """The box of values that is drawn, and where each of them lies."""

    left: float
    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - self.left) / (self.right - self.left)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.low) / (self.high - self.low)


def chart(series: Series, *, ident: str, figures: Figures = ()) -> Plot | None:
    """Draw a series with its key figures, or with those given; None if there is nothing in it that can be drawn."""
    points = [(x, y) for x, y in series.points if abs(x) <= LARGEST and abs(y) <= LARGEST]
    if not points:
        return None
    figures = figures or _figures(points, series.scale)
    frame, levels = _framed(points)
    parts = [*_levels(levels, frame), *_times(frame), *_line(points, frame)]
    about = ". ".join(f"{name}: {value}" for name, value in figures)
    size = (WIDTH, HEIGHT)
    return Plot(series.label, drawing(parts, size=size, ident=ident, title=series.label, about=about), figures)


def _framed(points: Sequence[Point]) -> tuple[_Frame, list[float]]:
    levels = ticks.numbers(min(y for _, y in points), max(y for _, y in points))
    left, right = points[0][0], points[-1][0]
    spare = 0.0 if right > left else 1.0
    return _Frame(left - spare, right + spare, levels[0], levels[-1]), levels


def _levels(levels: list[float], frame: _Frame) -> list[SafeString]:
    parts = []
    for level in levels:
        height = at(frame.y(level))
        parts.append(
            element(
                "path",
                d=f"M{LEFT} {height}H{WIDTH - RIGHT}",
                css="grid",
            )
        )
        parts.append(element("text", ticks.short(level), x=LEFT - 8, y=height, dy="0.35em", css="level"))
    return parts


def _times(frame: _Frame) -> list[SafeString]:
    found, form = ticks.moments(frame.left, frame.right)
    marks = [(frame.x(second), ticks.written(second, form)) for second in found]
    parts = []
    for nth, (x, words) in enumerate(marks):
        css = "time" if nth % 2 == 0 else "time more"  # a phone shows every second one
        parts.append(element("path", d=f"M{at(x)} {HEIGHT - BOTTOM}v5", css="grid"))
        parts.append(element("text", words, x=at(min(x, WIDTH - 30)), y=HEIGHT - 9, css=css))
    return parts


def _line(points: Sequence[Point], frame: _Frame) -> list[SafeString]:
    placed = [(frame.x(x), frame.y(y)) for x, y in thinned(points, COLUMNS)]
    parts = [element("path", d=path(runs(placed, _gap(points, frame))), css="line")]
    if len(placed) <= DOTTED:
        parts += [element("circle", cx=at(x), cy=at(y), r=3, css="dot") for x, y in placed]
    return parts


def _gap(points: Sequence[Point], frame: _Frame) -> float:
    """Return from which distance on two points are not joined."""
    steps = [frame.x(after) - frame.x(before) for (before, _), (after, _) in pairwise(points)]
    apart = [step for step in steps if step > 0]
    return max(GAP * median(apart), 3 * WIDTH / COLUMNS) if apart else WIDTH


def _figures(points: Sequence[Point], scale: Scale) -> Figures:
    values = [y for _, y in points]
    return (
        (gettext("Values"), ticks.local(f"{len(values):,}")),
        (gettext("From"), _when(points[0][0], scale)),
        (gettext("To"), _when(points[-1][0], scale)),
        (gettext("Lowest"), ticks.figure(min(values))),
        (gettext("Mean"), ticks.figure(fmean(values))),
        (gettext("Highest"), ticks.figure(max(values))),
    )


def _when(seconds: float, scale: Scale) -> str:
    if scale == "clock":
        return ticks.written(seconds, "%H:%M:%S" if seconds % ticks.MINUTE else "%H:%M")
    return ticks.written(seconds, "~ %b %Y, %H:%M" if seconds % ticks.DAY else "~ %b %Y")
