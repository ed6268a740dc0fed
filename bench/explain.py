"""Runs the hot queries in a process of its own and asks the database for their plans.

Prints for each its time and the lines of its plans that are no index look-up, or that read many rows
which the statement does not give.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

ROUNDS = 9
READ_IN_VAIN = 1000  # rows that a look-up may throw away
Statement = tuple[str, list[Any]]


def calls(wanted: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """Return the hot reads by name."""
    from consentry_server.files import queries as files
    from consentry_server.projects import queries as projects
    from consentry_server.tokens import queries as tokens
    from consentry_server.tokens.queries import acting

    project, heavy, ordinary = wanted["project"], wanted["heavy"], wanted["ordinary"]
    page = {"limit": 100, "offset": 0}
    member = files.member_page(project, heavy, **page)
    assert member is not None
    opened = {"file_id": member.files[0][0], "authorization_id": member.authorization_id}
    return {
        "tokens.caller": lambda: tokens.caller(wanted["token"], now=datetime.now(UTC)),
        "tokens.caller, an app": lambda: tokens.caller(wanted["access"], now=datetime.now(UTC)),
        "a refresh token": lambda: acting.held_refresh(wanted["refresh"][0]),
        "what successors to clear": lambda: list(acting.told_again(replaced_before=datetime.now(UTC), family_id=1)),
        "projects.description": lambda: projects.description(project),
        "members, first page": lambda: files.members_page(project, **page),
        "one member, few files": lambda: files.member_page(project, ordinary, **page),
        "one member, many files": lambda: files.member_page(project, heavy, **page),
        "a file to download": lambda: files.readable(**opened),
    }


def told(name: str, call: Callable[[], Any]) -> dict[str, Any]:
    """Return how long a call takes in the middle, and what is suspect in its plans."""
    statements = captured(call)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    suspects = [line for statement in statements for line in suspicious(statement)]
    return {"call": name, "milliseconds": sorted(times)[ROUNDS // 2] * 1000, "suspects": suspects}


def captured(call: Callable[[], Any]) -> list[Statement]:
    """Return the statements that a call sends."""
    from django.db import connection

    sent: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        sent.append((sql, list(params or [])))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    return sent


def suspicious(statement: Statement) -> Iterator[str]:
    """Yield the lines of a statement's plan that a person should look at."""
    from django.db import connection

    sql, params = statement
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            yield from (row[3] for row in cursor.fetchall() if _scans(row[3]))
            return
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        yield from _nodes(cursor.fetchone()[0][0]["Plan"])


def _scans(line: str) -> bool:
    return bool(re.match(r"SCAN (?!\w+ VIRTUAL)|USE TEMP B-TREE", line))


def _nodes(plan: dict[str, Any]) -> Iterator[str]:
    """Yield what read many rows in a plan of PostgreSQL without an index, or in vain, or to sort them."""
    loops = plan["Actual Loops"]
    vain = plan.get("Rows Removed by Filter", 0) * loops
    whole = plan["Node Type"] == "Seq Scan" or plan.get("Sort Method")
    if vain + (plan["Actual Rows"] * loops if whole else 0) > READ_IN_VAIN:
        where = plan.get("Index Name") or plan.get("Relation Name") or plan.get("Sort Method", "")
        took = plan["Actual Total Time"] * loops
        yield f"{plan['Node Type']} on {where}: {vain:.0f} rows read in vain, {took:.1f} ms"
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)


def main() -> None:
    import django

    django.setup()
    wanted = json.loads(sys.argv[1])
    json.dump([told(name, call) for name, call in calls(wanted).items()], sys.stdout)


if __name__ == "__main__":
    main()
