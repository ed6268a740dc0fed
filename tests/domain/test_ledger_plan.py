"""How the databases find the last lines about one member: by two indexes, however long the ledger of all is."""

from datetime import timedelta

import pytest
from django.db import connection

from bench.explain import captured
from consentry_server.files import queries
from consentry_server.files.models import Access
from tests.world import THEN, World

LINES = 2_000


@pytest.fixture
def plan(world: World) -> str:
    """What the database means to do for alice, where a long ledger is about bob and about both."""
    alice, bob = sorted((world.of_alice.project_member_id, world.of_bob.project_member_id))
    said = {"project_id": world.study.pk, "address": "127.0.0.1", "fingerprint": "0" * 8}
    about = ({"kind": "members", "first_member": alice}, {"kind": "member", "first_member": bob})
    Access.objects.bulk_create(
        Access(at=THEN + timedelta(seconds=number), last_member=bob, **about[number % 2], **said)
        for number in range(LINES)
    )
    (statement,) = captured(lambda: queries.ledger(world.alice.pk, limit=5, offset=0))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        words = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{words} {statement[0]}", statement[1])
        return "\n".join(str(row) for row in cursor.fetchall())


@pytest.mark.parametrize("index", ["accesses_of_a_member", "accesses_of_many"])
def test_both_kinds_of_lines_are_found_by_an_index_of_their_own(plan: str, index: str) -> None:
    assert index in plan
    assert "accesses_by_project" not in plan, "it has the lines of all members of a project"
