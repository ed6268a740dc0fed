"""Fills the database that DATABASE and DATA name, by bulk inserts; prints what is in it as JSON.

Run in a process of its own: `python -m bench.seed --members=2000 --files=20 --heavy=2500`.
"""

import argparse
import hashlib
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - after Django is set up
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Model  # noqa: E402

from consentry_server.common.ids import new_key  # noqa: E402
from consentry_server.files.models import DataFile, FileTotal  # noqa: E402
from consentry_server.members.models import Member  # noqa: E402
from consentry_server.projects.models import Project  # noqa: E402
from consentry_server.sharing.models import Authorization, Grant, ProjectMember  # noqa: E402
from consentry_server.tokens import actions as tokens  # noqa: E402

THEN = datetime(2016, 4, 11, 19, 50, 49, 41825, tzinfo=UTC)
SMALL = 16 * 1024  # bytes of each small file
MIB = 1 << 20
FIRST_SOURCE = 2, 5  # of five files two come from the first source, so that a page takes from both
METADATA = (
    '{"tags":["GPS","åäö"],"dataYear":2016,"complete":false,'
    '"description":"Runkeeper GPS maps and imported activity data."}'
)


def main() -> None:
    wanted = _options()
    call_command("migrate", verbosity=0)
    if connection.vendor == "postgresql":
        _run("SET statement_timeout = 0")
    with transaction.atomic():
        elder, project, sources = _projects()
        _people(wanted.members)
        for each in (elder, project):
            _members(each, sources)
        _files(project, sources, each=wanted.files, heavy=wanted.heavy)
        _totals(project, count=wanted.members)
        token = _token(project)
    large = _large(project, wanted.large) if wanted.large else {}
    _write_small(wanted.blobs)
    if connection.vendor == "postgresql":
        _run("VACUUM ANALYZE")
    json.dump(_facts(project, sources, token) | large, sys.stdout)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, meaning, default in (
        ("members", "members of the project", 2000),
        ("files", "files of each member", 20),
        ("heavy", "more files of the first member", 2500),
        ("blobs", "how many files of the first member have bytes", 0),
        ("large", "MiB of one file of the last member", 0),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=meaning)
    return parser.parse_args()


def _projects() -> tuple[Project, Project, list[Project]]:
    """Make two sources, an elder project with the same members, and the project that is measured."""
    coordinator = Member.objects.create(username="coordinator", email="coordinator@example.org")
    names = ("Step counts", "Sleep diary", "Elder study", "Study of sleep")
    *sources, elder, project = [_project(coordinator, name) for name in names]
    for each in (elder, project):
        each.requested_sources.set(sources)
    return elder, project, sources


def _project(coordinator: Member, name: str) -> Project:
    return Project.objects.create(
        kind="on-site",
        coordinator=coordinator,
        name=name,
        slug=name.lower().replace(" ", "-"),
        leader="Ada Leader",
        organization="Institute of Sleep",
        contact_email="study@example.org",
        info_url="https://example.org/study",
        short_description="How people sleep",
        long_description="A study of how people sleep, and of what they do in the day before. " * 8,
        returned_data_description="Step counts by day",
        is_study=True,
        is_academic_or_nonprofit=True,
        add_data=True,
        request_username_access=True,
        consent_text="# Consent\n\nI agree to **share**.",
        created_at=THEN,
        approved_at=THEN,
    )


def _people(count: int) -> None:
    username = f"'bench' || CAST({10**6} + n AS text)"
    email = f"{username} || '@example.org'"
    _insert(Member, {"username": username, "email": email}, _series(count))


def _members(project: Project, sources: list[Project]) -> None:
    """Let everybody join a project and share."""
    mine = "FROM members_member m WHERE m.username LIKE 'bench1%' ORDER BY m.id"
    # an odd factor modulo a power of two meets no number twice, and follows no order
    number = f"CAST(10000000 + ((m.id * 2 + {project.pk % 2}) * 40692021) % 67108864 AS text)"
    seat = {"member_id": "m.id", "project_id": project.pk, "number": number, "joined_at": THEN}
    _insert(ProjectMember, seat, mine)
    authorization = {
        "member_id": "p.member_id",
        "project_id": project.pk,
        "project_member_id": "p.id",
        "username_shared": True,
    }
    here = f"WHERE p.project_id = {project.pk} ORDER BY p.id"
    _insert(Authorization, authorization, f"FROM sharing_projectmember p {here}")
    for source in sources:
        grant = {"authorization_id": "a.id", "source_id": source.pk}
        there = f"WHERE a.project_id = {project.pk} ORDER BY a.id"
        _insert(Grant, grant, f"FROM sharing_authorization a {there}")


def _files(project: Project, sources: list[Project], *, each: int, heavy: int) -> None:
    """The nth file of every member before the next: as they come in, not sorted for the reader."""
    mine = f"a.project_id = {project.pk}"
    of_all = f"{_series(each)} CROSS JOIN sharing_authorization a WHERE {mine} ORDER BY n, a.id"
    some, of = FIRST_SOURCE
    source = f"CASE WHEN n % {of} < {some} THEN {sources[0].pk} ELSE {sources[1].pk} END"
    file: dict[str, Any] = {
        "member_id": "a.member_id",
        "source_id": source,
        "key": f"'{'0' * 16}' || CAST({10**15} + a.id * {10**6} + n AS text)",
        "basename": "'activity-' || CAST(100000 + n AS text) || '.csv'",
        "size": SMALL,
        "sha256": _quoted(hashlib.sha256(small()).hexdigest()),
        "metadata": _quoted(METADATA),
        "completed_at": THEN,
    }
    _insert(DataFile, file, of_all)
    first = f"a.id = (SELECT min(a.id) FROM sharing_authorization a WHERE {mine})"
    more = f"{_series(heavy)} CROSS JOIN sharing_authorization a WHERE {first} ORDER BY n"
    numbered = file["key"].replace("+ n", "+ 500000 + n")
    _insert(DataFile, file | {"source_id": sources[0].pk, "key": numbered}, more)


def _totals(project: Project, *, count: int) -> None:
    total = {"member_id": "d.member_id", "source_id": "d.source_id", "files": "count(*)"}
    grouped = "FROM files_datafile d GROUP BY d.member_id, d.source_id ORDER BY 1"
    _insert(FileTotal, total | {"size": "sum(d.size)"}, grouped)
    Project.objects.filter(id=project.pk).update(authorized_members=count)


def _series(count: int) -> str:
    return (
        f"FROM (WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count})"
        f" SELECT n FROM s WHERE n <= {count}) AS series"
    )


def _insert(model: type[Model], given: dict[str, Any], rows: str) -> None:
    """Insert what SQL makes; columns that are not given get the field's default."""
    columns, values = [], []
    field: Any
    for field in model._meta.concrete_fields:  # noqa: SLF001 - Django's documented name
        if field.primary_key:
            continue
        columns.append(f'"{field.column}"')
        values.append(str(_literal(given.get(field.column, _default(field)))))
    # the names are ours, the values literals
    insert = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"  # noqa: SLF001
    _run(f"{insert} SELECT {', '.join(values)} {rows}")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _default(field: Any) -> Any:
    if not field.null and field.get_internal_type() == "DateTimeField":
        return THEN
    found = field.get_default()
    return _quoted(found) if isinstance(found, str) else found


def _literal(value: Any) -> Any:
    """Return SQL: texts are SQL already."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return _quoted(str(connection.ops.adapt_datetimefield_value(value)))
    return value


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _token(project: Project) -> str:
    now, day = datetime.now(UTC), timedelta(days=1)
    return tokens.mint(project_id=project.pk, actor="bench", wanted=tokens.Wanted(day), now=now)


def small() -> bytes:
    """Return the bytes that every small file has."""
    return b"2016-04-11,8000\n" * (SMALL // 16)


def _write_small(count: int) -> None:
    for file in _heavy()[:count]:
        _path(file.key).write_bytes(small())


def _heavy() -> list[DataFile]:
    first = Authorization.objects.order_by("-project_id", "id")[:1]
    files = DataFile.objects.filter(member_id__in=first.values("member_id"))
    return list(files.order_by("source_id", "id"))


def _large(project: Project, mib: int) -> dict[str, Any]:
    """Give the last member one large file, brought by the project itself."""
    holder = Authorization.objects.select_related("project_member").order_by("-id")[0]
    key, sha256 = new_key(), hashlib.sha256()
    with _path(key).open("wb") as out:
        for _ in range(mib):
            block = os.urandom(MIB)
            sha256.update(block)
            out.write(block)
    file = DataFile.objects.create(
        member_id=holder.member_id,
        source=project,
        key=key,
        basename="large.bin",
        size=mib * MIB,
        sha256=sha256.hexdigest(),
        metadata=METADATA,
        created_at=THEN,
        completed_at=THEN,
    )
    total = {"member_id": holder.member_id, "source": project, "files": 1, "size": file.size}
    FileTotal.objects.create(**total)
    path = _path(key)
    return {"large": holder.project_member.number, "large_path": str(path), "large_id": file.pk}


def _path(key: str) -> Path:
    folder = Path(settings.STORAGE) / key[:2] / key[2:4]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / key


def _facts(project: Project, sources: list[Project], token: str) -> dict[str, Any]:
    seats = ProjectMember.objects.filter(project=project).order_by("id")
    numbers = list(seats.values_list("number", flat=True)[:2])
    return {
        "token": token,
        "project": project.pk,
        "sources": [source.pk for source in sources],
        "heavy": numbers[0],
        "ordinary": numbers[1],
        "site": settings.SITE_URL,
    }


if __name__ == "__main__":
    main()
