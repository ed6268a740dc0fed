"""Rows and columns out of JSON: the longest list of things that have parts, wherever it is."""

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext, ngettext

from consentry_server.web.previews.tables import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Table
from consentry_server.web.previews.values import moment

_LOOKED_AT = 20_000  # places in which the list may be
_DEEP = 3  # how far the parts of a thing are taken apart
_LONGEST = 200  # characters of a cell


def read_json(text: str) -> Any:
    """Return what JSON says, or, of one value a line, a list of them; None if it is neither."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _lines(text)


def _lines(text: str) -> list[Any] | None:
    rows = text.splitlines()[:MOST_ROWS]
    if len(rows) < 2 or not rows[0].lstrip().startswith("{"):
        return None
    try:
        return [json.loads(row) for row in rows if row.strip()]
    except (ValueError, RecursionError):
        return None


def table_of(value: Any) -> Table | None:
    """Return the longest list of objects in a value as a table, or values by day; None if there is neither."""
    things = max(_lists(value), key=len, default=[])
    if not things:
        return None
    first = [dict(_parts(thing)) for thing in things[:200]]
    columns = list(dict.fromkeys(name for part in first for name in part))[:MOST_COLUMNS]
    if not columns:
        return None
    most = min(MOST_ROWS, MOST_CELLS // len(columns))
    rows = [[part.get(name, "") for name in columns] for part in map(dict, map(_parts, things[:most]))]
    return Table(tuple(columns), rows, cut=len(things) > most)


def _lists(value: Any) -> Iterator[list[dict[str, Any]]]:
    """Find lists of objects, and objects whose names are days, as lists."""
    waiting, seen = deque([value]), 0
    while waiting and seen < _LOOKED_AT:
        one, seen = waiting.popleft(), seen + 1
        if isinstance(one, list):
            if one and all(isinstance(item, dict) for item in one[:50]):
                yield [item for item in one if isinstance(item, dict)]
            waiting.extend(item for item in one[:1000] if isinstance(item, dict | list))
        elif isinstance(one, dict):
            if _is_by_day(one):
                yield [{"day": name, "value": item} for name, item in one.items()]
            waiting.extend(item for item in one.values() if isinstance(item, dict | list))


def _is_by_day(value: dict[str, Any]) -> bool:
    names = list(value)[:20]
    return len(names) > 2 and all(moment(name) is not None for name in names)


def _parts(thing: dict[str, Any], before: str = "", deep: int = 1) -> Iterator[tuple[str, str]]:
    for name, value in list(thing.items())[:MOST_COLUMNS]:
        label = f"{before}{name}"[:80]
        if isinstance(value, dict) and deep < _DEEP:
            yield from _parts(value, f"{label}.", deep + 1)
        else:
            yield label, _cell(value)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, list):
        return ngettext("{count} item", "{count} items", len(value)).format(count=len(value))
    if isinstance(value, dict):
        return ngettext("{count} part", "{count} parts", len(value)).format(count=len(value))
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    return repr(value) if isinstance(value, float) or abs(value) < 10**18 else gettext("a very large number")
