"""Whatever writes to the tree, and however many do at once: nothing comes to lie under itself."""

from typing import Any

from django.db import migrations

_UP = """WITH RECURSIVE up(id) AS (
    SELECT NEW.parent_id UNION SELECT d.parent_id FROM datatypes_datatype d JOIN up ON d.id = up.id)
    SELECT 1 FROM up WHERE id = NEW.id"""
_SQLITE = f"""
CREATE TRIGGER datatypes_no_circle BEFORE UPDATE OF parent_id ON datatypes_datatype WHEN NEW.parent_id IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a data type cannot lie under itself') WHERE EXISTS ({_UP}); END"""
# the lock has two who move types at once see each other's move
_POSTGRESQL = f"""
CREATE FUNCTION datatypes_no_circle() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('datatypes_datatype'));
    IF EXISTS ({_UP}) THEN
        RAISE EXCEPTION 'a data type cannot lie under itself' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER datatypes_no_circle BEFORE UPDATE OF parent_id ON datatypes_datatype
FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION datatypes_no_circle()"""


def _guard(_apps: Any, editor: Any) -> None:
    editor.execute(_POSTGRESQL if editor.connection.vendor == "postgresql" else _SQLITE)


class Migration(migrations.Migration):
    dependencies = [("datatypes", "0001_first")]
    operations = [migrations.RunPython(_guard, migrations.RunPython.noop)]
