"""Lines over time out of a table: one column says when, others how much."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from django.utils.translation import gettext

from consentry_server.web.plots.chart import Scale, Series
from consentry_server.web.previews.tables import Table
from consentry_server.web.previews.values import clock, counted, moment, number

MOST = 4  # lines of one file
_LOOKED_AT = 200  # cells of a column, evenly, by which it is known
_NEARLY_ALL = 0.9
_MOSTLY = 0.7
_COUNTS_TIME = {"time", "timestamp", "date", "datetime", "ts", "unixtime", "unix_time", "epoch", "at", "created_at"}
_NO_MEASURE = {"id", "index", "nr", "no", "row", "lat", "latitude", "lon", "lng", "long", "longitude", "year"}

Read = Callable[[str], float | None]


def series_of(table: Table) -> list[Series]:
    """Return what a table says by time; nothing if no column says when, or none how much."""
    times, scale, used = _times(table)
    if times is None:
        return []
    measuring = (nth for nth in range(len(table.columns)) if _measures(table, nth, used))
    found = [_line(table, nth, times, scale) for nth in islice(measuring, MOST)]
    lines = [line for line in found if len(line.points) > 1]
    return lines or _lasting(table, times, used)


def column(table: Table, nth: int) -> Iterator[str]:
    """Return the cells of a column."""
    return (row[nth] for row in table.rows)


def share(table: Table, nth: int, read: Read) -> float:
    """Return how many of a column's cells that are not empty can be read so, of 1."""
    step = max(len(table.rows) // _LOOKED_AT, 1)
    cells = [text for row in table.rows[::step] if (text := row[nth].strip())]
    return sum(read(text) is not None for text in cells) / len(cells) if cells else 0.0


def _first(table: Table, read: Read, *, of: set[str] | None = None, besides: int = -1) -> int | None:
    """Return the first column that can be read so."""
    for nth, name in enumerate(table.columns):
        if nth != besides and (of is None or name.lower() in of) and share(table, nth, read) >= _NEARLY_ALL:
            return nth
    return None


def _times(table: Table) -> tuple[list[float | None] | None, Scale, set[int]]:
    """Return when each row was, by which clock, and the columns that say so."""
    day = _first(table, moment)
    if day is not None:
        return _with_clock(table, day)
    seconds = _first(table, counted, of=_COUNTS_TIME)
    if seconds is not None:
        return list(map(counted, column(table, seconds))), "date", {seconds}
    hours = _first(table, clock)
    if hours is not None:
        return list(map(clock, column(table, hours))), "clock", {hours}
    return None, "date", set()


def _with_clock(table: Table, day: int) -> tuple[list[float | None], Scale, set[int]]:
    """Return moments of a column of days, with the time of day beside it if there is one."""
    days = list(map(moment, column(table, day)))
    hours = _first(table, clock)
    if hours is None or any(second is not None and second % 86400 for second in days):
        return days, "date", {day}
    pairs = zip(days, map(clock, column(table, hours)), strict=True)
    return [None if one is None or two is None else one + two for one, two in pairs], "date", {day, hours}


def _measures(table: Table, nth: int, used: set[int]) -> bool:
    named = table.columns[nth].lower().rsplit(".", 1)[-1]
    return nth not in used and named not in _NO_MEASURE and share(table, nth, _reader(table)) >= _MOSTLY


def _reader(table: Table) -> Read:
    return lambda text: number(text, comma=table.comma)


def _line(table: Table, nth: int, times: Sequence[float | None], scale: Scale) -> Series:
    read = _reader(table)
    pairs = zip(times, map(read, column(table, nth)), strict=True)
    points = sorted((when, value) for when, value in pairs if when is not None and value is not None)
    return Series(table.columns[nth], points, scale)


def _lasting(table: Table, times: Sequence[float | None], used: set[int]) -> list[Series]:
    """Return how long each row lasted, of a table that says nothing but when things began and ended."""
    begun = next(iter(used))
    ended = _first(table, moment, besides=begun)
    if ended is None or len(used) > 1:
        return []
    pairs = zip(times, map(moment, column(table, ended)), strict=True)
    points = sorted((one, (two - one) / 3600) for one, two in pairs if one is not None and two is not None)
    title = gettext("Hours from {begin} to {end}").format(begin=table.columns[begun], end=table.columns[ended])
    return [Series(title, points)] if len(points) > 1 else []
