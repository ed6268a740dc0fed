"""Rows and columns out of text: separated by commas, tabs, semicolons or bars, with remarks before them or not."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice

from consentry_server.web.previews.values import is_value

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 40_000, 100, 500_000
_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE = 20  # rows by which a table is known
_SAMPLED = 65_536  # characters in which they must lie
_ALIKE = 0.8  # of them have the same number of columns


@dataclass(frozen=True)
class Table:
    """Rows of text, all of the same length, under the names of their columns."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    cut: bool = False  # there is more of it than was read
    comma: bool = False  # numbers may have a comma for a point


def read_table(text: str, *, whole: bool, named: bool = False) -> Table | None:
    """Return the table that a text is; None if it is none. `named`: it calls itself one, so that one row is enough.

    Of a text that is not there as a whole, the last line is left out.
    """
    if not whole:
        text = text[: text.rfind("\n") + 1]
    heading, body = _without_remarks(text)
    delimiter = _delimiter(body, least=1 if named else 2)
    if delimiter is None:
        return None
    try:
        rows = [row[:MOST_COLUMNS] for row in islice(_parsed(body, delimiter), MOST_ROWS + 1) if any(row)]
    except csv.Error:
        return None
    return _titled(rows, next(_parsed(heading, delimiter), []), whole=whole, comma=delimiter == ";")


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=delimiter)


def _without_remarks(text: str) -> tuple[str, str]:
    """Return the last of the lines with a # before a table, without that, and what follows them."""
    start, remark = 0, ""
    while text.startswith("#", start):
        stop = text.find("\n", start) + 1 or len(text)
        remark, start = text[start:stop].strip().lstrip("# "), stop
    return remark, text[start:]


def _delimiter(text: str, *, least: int) -> str | None:
    """Return what separates the columns: that which gives most rows the same number of them, two at least."""
    sample = text[:_SAMPLED]
    votes = [vote for delimiter in _DELIMITERS if (vote := _vote(sample, delimiter, least))]
    return max(votes)[2] if votes else None


def _vote(sample: str, delimiter: str, least: int) -> tuple[float, int, str] | None:
    try:
        widths = [len(row) for row in islice(_parsed(sample, delimiter), _SAMPLE) if row]
    except csv.Error:
        return None
    if len(widths) < least:
        return None
    width, count = Counter(widths).most_common(1)[0]
    share = count / len(widths)
    return (share, min(width, MOST_COLUMNS), delimiter) if width > 1 and share >= _ALIKE else None


def _titled(rows: list[list[str]], heading: list[str], *, whole: bool, comma: bool) -> Table | None:
    if not rows:
        return None
    width = Counter(len(row) for row in rows[:_SAMPLE]).most_common(1)[0][0]
    if len(heading) == width:
        titles = heading
    elif len(rows) > 1 and not any(map(is_value, rows[0])):
        titles, rows = rows[0], rows[1:]
    else:
        titles = []
    columns = tuple(name.strip() or f"Column {nth}" for nth, name in enumerate(_even(titles, width), 1))
    most = min(MOST_ROWS, MOST_CELLS // width)
    cut = not whole or len(rows) > most or width == MOST_COLUMNS
    return Table(columns, [_even(row, width) for row in rows[:most]], cut, comma)


def _even(row: Iterable[str], width: int) -> list[str]:
    cells = list(row)[:width]
    return cells + [""] * (width - len(cells))
