"""Statements by hand: what Django would have done for them."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from consentry_server import database
from tests.world import World

NAMES = "SELECT username, id, is_active, NULL FROM members_member WHERE id = %s"


@pytest.mark.django_db
def test_a_row_is_the_same_whether_somebody_counts_statements_or_not(world: World) -> None:
    found = database.rows(NAMES, [world.alice.pk])
    with CaptureQueriesContext(connection) as captured:
        assert database.rows(NAMES, [world.alice.pk]) == found
    assert found == [("alice", world.alice.pk, True, None)]
    assert len(captured) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("2016-04-11 19:50:49.041825", "2016-04-11T19:50:49.041825Z"),
        ("2016-04-11 19:50:49", "2016-04-11T19:50:49Z"),
    ],
)
def test_a_time_is_written_as_on_the_wire(world: World, kept: str, shown: str) -> None:
    zone = "+00" if database.vendor() == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_project SET created_at = %s", [kept + zone])
    found = database.rows("SELECT {time:p.created_at} FROM projects_project p WHERE p.id = %s", [world.study.pk])
    assert found == [(shown,)]


@pytest.fixture
def fresh(db: None) -> Iterator[BaseDatabaseWrapper]:
    """A connection that is not open yet, for statements in this test."""
    found = connections.create_connection("default")
    token = database._held.set(found)
    try:
        yield found
    finally:
        database._held.reset(token)
        found.close()


def test_the_first_statement_connects_and_so_does_the_first_after_an_error(fresh: BaseDatabaseWrapper) -> None:
    for _ in range(2):
        fresh.close()
        assert database.rows("SELECT 1 + CAST(%s AS integer)", [1]) == [(2,)]
        with pytest.raises(DatabaseError):
            database.rows("SELECT nothing FROM nowhere", [])
        fresh.close_if_unusable_or_obsolete()
        assert database.rows("SELECT 1 + CAST(%s AS integer)", [2]) == [(3,)]


def test_a_connection_that_broke_is_told_from_one_that_is_good(fresh: BaseDatabaseWrapper) -> None:
    database.rows("SELECT 1", [])
    assert not fresh.errors_occurred
    with pytest.raises(DatabaseError):
        database.rows("SELECT nothing FROM nowhere", [])
    assert fresh.errors_occurred


@pytest.mark.django_db
def test_nothing_is_read_in_a_transaction_that_failed(world: World) -> None:
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic(savepoint=False), connection.cursor() as cursor:
            cursor.execute("UPDATE members_member SET username = 'alice'")
        with pytest.raises(TransactionManagementError):
            database.rows(NAMES, [world.alice.pk])


@pytest.mark.django_db
def test_a_time_goes_in_as_it_comes_out_whether_somebody_counts_statements_or_not(world: World) -> None:
    when = datetime(2016, 4, 11, 21, 50, 49, 41825, tzinfo=timezone(timedelta(hours=2)))
    change = "UPDATE projects_project SET paused_at = %s WHERE id = %s"
    for counted in (CaptureQueriesContext(connection), nullcontext()):
        with counted:
            database.run(change, [database.stamp(when), world.study.pk])
        asked = "SELECT {moment:p.paused_at} FROM projects_project p WHERE p.id = %s"
        assert database.moment(database.rows(asked, [world.study.pk])[0][0]) == when
        world.study.refresh_from_db()
        assert world.study.paused_at == when
