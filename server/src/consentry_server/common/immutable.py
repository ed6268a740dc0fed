"""Tables whose rows are written once: the database itself refuses to change or remove them."""

from typing import Any

from django.db.migrations.operations import RunPython

_SQLITE = """
CREATE TRIGGER {table}_keep_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"""
_POSTGRESQL = """
CREATE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of {table} are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_keep()"""


def write_once(table: str) -> RunPython:
    """Return the migration step that makes a table's rows unchangeable."""

    def forbid(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(_POSTGRESQL.format(table=table))
            return
        for verb in ("UPDATE", "DELETE"):
            editor.execute(_SQLITE.format(table=table, verb=verb))

    return RunPython(forbid, RunPython.noop)
