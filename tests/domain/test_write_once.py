"""Consents, reviewed versions and the trail are written once: the database itself refuses to change them."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from consentry_server.audit.models import Event
from consentry_server.projects.models import Version
from consentry_server.sharing.models import Consent


@pytest.mark.parametrize(("model", "column"), [(Consent, "text"), (Version, "text"), (Event, "name")])
@pytest.mark.usefixtures("world")
def test_301_a_row_is_neither_changed_nor_removed(model: type[Model], column: str) -> None:
    rows = model._default_manager.order_by("id")
    before = list(rows.values())
    assert before
    for attempt in (lambda: rows.update(**{column: "x"}), lambda: rows._raw_delete(rows.db)):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            attempt()
    assert list(rows.values()) == before


AT_ONCE = {
    "sqlite": [],  # it has one way to remove rows
    "postgresql": ["TRUNCATE {table}", "TRUNCATE {table} CASCADE", "TRUNCATE members_member, {table} CASCADE"],
}


@pytest.mark.parametrize("table", ["sharing_consent", "projects_version", "audit_event"])
@pytest.mark.usefixtures("world")
def test_301_not_even_by_hand(table: str) -> None:
    connection.check_constraints()  # nothing is left to be checked later, which would forbid a TRUNCATE too
    for statement in ("UPDATE {table} SET id = id", "DELETE FROM {table}", *AT_ONCE[connection.vendor]):
        sql = statement.format(table=table)
        with (
            pytest.raises(DatabaseError, match=r"never changed|cannot truncate a table referenced"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
