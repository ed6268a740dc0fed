"""How the databases find what apps bear: by an index, each row of it, whoever asks."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from bench.explain import Statement, captured
from consentry_server.common.ids import new_secret
from consentry_server.projects import queries as projects
from consentry_server.tokens import actions, queries
from consentry_server.tokens.actions import Pair
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import ACCESS, CODE, DEVICE, REFRESH
from tests.world import World, allow, make_app

NOW = datetime.now(UTC)


@pytest.fixture
def calls(world: World) -> dict[str, Callable[[], Any]]:
    """Every look-up of an app that calls, by name."""
    project, client_id, _ = make_app(world.coordinator, "Tracker")
    pair = allow(world.alice, project, now=NOW)
    held = acting.held_refresh(pair.refresh)
    assert held is not None
    following = Pair(new_secret(ACCESS), new_secret(REFRESH))
    return {
        "the caller": lambda: queries.caller(pair.access, now=NOW),
        "the app": lambda: projects.client(client_id),
        "its secrets": lambda: acting.proofs_of(project.pk, now=NOW),
        "a code": lambda: acting.held_code(new_secret(CODE)),
        "a device": lambda: acting.held_device(new_secret(DEVICE)),
        "a refresh token": lambda: acting.held_refresh(pair.refresh),
        "a renewal": lambda: actions.refresh(token=held, pair=following, scope="read", now=NOW + timedelta(hours=1)),
        "what acts now": lambda: list(acting.living([held.authorization_id])),
        "what is covered": lambda: acting.covered(held.authorization_id, "read", now=NOW),
        "apps of a member": lambda: acting.apps_of([held.authorization_id], now=NOW),
    }


def whole_tables(statement: Statement) -> Iterator[str]:
    """Yield where a statement has to read a table from end to end, however large it is."""
    sql, params = statement
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            yield from (row[3] for row in cursor.fetchall() if row[3].startswith("SCAN "))
            return
        cursor.execute("SET LOCAL enable_seqscan = off")  # they are small here: what is left knows no index
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()[0]
        found = plan if isinstance(plan, dict) else json.loads(plan)
        yield from _scans(found["Plan"])


def _scans(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield f"Seq Scan on {plan['Relation Name']}"
    for inner in plan.get("Plans", []):
        yield from _scans(inner)


NAMES = ["the caller", "the app", "its secrets", "a code", "a device", "a refresh token", "a renewal", "what acts now"]


@pytest.mark.parametrize("name", [*NAMES, "what is covered", "apps of a member"])
def test_no_look_up_reads_a_whole_table(calls: dict[str, Callable[[], Any]], name: str) -> None:
    statements = [one for one in captured(calls[name]) if one[0].split()[0] in ("SELECT", "UPDATE")]
    assert statements
    assert [line for statement in statements for line in whole_tables(statement)] == []


def test_a_statement_that_knows_no_index_is_caught(world: World) -> None:
    assert list(whole_tables(("SELECT id FROM tokens_accesstoken WHERE scope = %s", ["read"])))


def test_what_is_kept_for_a_minute_is_found_without_reading_all_that_came_before(
    calls: dict[str, Callable[[], Any]],
) -> None:
    (update,) = [one for one in captured(calls["a renewal"]) if "NOT (" in one[0] and one[0].startswith("UPDATE")]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        words = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{words} {update[0]}", update[1])
        assert "kept_successors" in str(cursor.fetchall())
