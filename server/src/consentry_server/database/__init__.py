"""Statements by hand, given to the driver itself: Django's cursor takes longer than a small statement does."""

import re
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["held", "moment", "rows", "run", "stamp", "vendor"]

# Reading times into Python takes longer than a page, and reading one as the driver for SQLite does than a statement.
_TIMES = {
    "postgresql": {
        "time": """replace(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')""",
        "moment": "{}",
    },
    "sqlite": {"time": "replace(CAST({} AS text), ' ', 'T') || 'Z'", "moment": "CAST({} AS text)"},
}
# Numbers and times come as they are; read from text, they cost a tenth of a small answer.
_HOW: dict[str, dict[str, Any]] = {"postgresql": {"binary": True}, "sqlite": {}}
_held: ContextVar[BaseDatabaseWrapper | None] = ContextVar("held", default=None)


@cache
def vendor() -> str:
    """Return `sqlite` or `postgresql`."""
    return connections["default"].vendor


def rows(sql: str, params: Sequence[Any]) -> list[Any]:
    """Return what a statement finds.

    `%s` stands for a parameter, `{time:column}` for a time as on the wire, `{moment:column}` for what `moment` reads.
    """
    django = _held.get() or connections["default"]
    if _is_for_django(django):
        with django.cursor() as cursor:
            cursor.execute(_with_times(sql), params)
            return list(cursor.fetchall())
    try:
        found: list[Any] = django.connection.execute(_for_driver(sql), params, **_HOW[vendor()]).fetchall()
    except Exception:  # those of the driver become Django's
        with django.wrap_database_errors:
            raise
    return found


def run(sql: str, params: Sequence[Any]) -> None:
    """Run a statement that finds nothing."""
    django = _held.get() or connections["default"]
    if _is_for_django(django):
        with django.cursor() as cursor:
            cursor.execute(sql, params)
        return
    try:
        django.connection.execute(_for_driver(sql), params)
    except Exception:
        with django.wrap_database_errors:
            raise


def held() -> BaseDatabaseWrapper:
    """Return the connection of this context, its only one from now on: Django looks for it each time, for 3 µs."""
    found = _held.get()
    if found is None:
        found = connections["default"]
        _held.set(found)
    return found


def stamp(value: datetime) -> datetime | str:
    """Return a time as a parameter of a statement."""
    return value.astimezone(UTC).isoformat(" ").removesuffix("+00:00") if vendor() == "sqlite" else value


def moment(given: str | datetime) -> datetime:
    """Return a time out of a statement in UTC; those of SQLite know no zone."""
    if isinstance(given, str):
        return _read(given)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


@lru_cache(maxsize=256)  # when a token ends is read with each of its calls
def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _is_for_django(django: BaseDatabaseWrapper) -> bool:
    """Say whether it has to connect, to note the statement, or to refuse it in a transaction that failed."""
    watched = django.force_debug_cursor or bool(django.execute_wrappers)
    return watched or django.connection is None or django.needs_rollback


@lru_cache(maxsize=512)
def _for_driver(sql: str) -> str:
    text = _with_times(sql)
    return text.replace("%s", "?") if vendor() == "sqlite" else text


@lru_cache(maxsize=512)
def _with_times(sql: str) -> str:
    ways = _TIMES[vendor()]
    return re.sub(r"\{(time|moment):([a-z._]+)\}", lambda found: ways[found[1]].format(found[2]), sql)
