"""Tables whose rows are written once: the database itself refuses to change or remove them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.migrations.operations import RunPython

_SQLITE = """
CREATE TRIGGER {table}_keep_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"""
_POSTGRESQL = """
CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of {table} are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_keep()"""

# an empty table may be emptied: a test database is
_ALL_AT_ONCE = """
CREATE FUNCTION {table}_keep_all() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM {table}) THEN
        RAISE EXCEPTION 'rows of {table} are never changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_keep_all()"""

_NEVER_EMPTIED = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE '%\\_keep\\_all'"


def write_once(table: str) -> RunPython:
    """Return the migration step that makes a table's rows unchangeable."""

    def forbid(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(_POSTGRESQL.format(table=table))
            return
        for verb in ("UPDATE", "DELETE"):
            editor.execute(_SQLITE.format(table=table, verb=verb))

    return RunPython(forbid, RunPython.noop)


def never_emptied(table: str) -> RunPython:
    """Return the migration step after which PostgreSQL does not truncate a table either; SQLite knows no such thing."""

    def forbid(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(_ALL_AT_ONCE.format(table=table))

    return RunPython(forbid, RunPython.noop)


@contextmanager
def emptying() -> Iterator[None]:
    """Let a demo empty the database that it made itself; to PostgreSQL only the owner of the tables may say so."""
    with connection.cursor() as cursor:
        kept = _never_emptied(cursor)
        _switch(cursor, kept, "DISABLE")
        try:
            yield
        finally:
            _switch(cursor, kept, "ENABLE")


def _never_emptied(cursor: Any) -> list[tuple[str, str]]:
    if connection.vendor != "postgresql":
        return []
    cursor.execute(_NEVER_EMPTIED)
    return list(cursor.fetchall())


def _switch(cursor: Any, triggers: list[tuple[str, str]], verb: str) -> None:
    for table, trigger in triggers:
        cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER {trigger}")
