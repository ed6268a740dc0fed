"""Consents and the trail are written once: the database itself refuses to change them."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from consentry_server.audit.models import Event
from consentry_server.sharing.models import Consent


@pytest.mark.parametrize(("model", "column"), [(Consent, "text"), (Event, "name")])
@pytest.mark.usefixtures("world")
def test_301_a_row_is_neither_changed_nor_removed(model: type[Model], column: str) -> None:
    rows = model._default_manager.order_by("id")
    before = list(rows.values())
    assert before
    for attempt in (lambda: rows.update(**{column: "x"}), lambda: rows._raw_delete(rows.db)):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            attempt()
    assert list(rows.values()) == before


@pytest.mark.parametrize("table", ["sharing_consent", "audit_event"])
@pytest.mark.usefixtures("world")
def test_301_not_even_by_hand(table: str) -> None:
    for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
