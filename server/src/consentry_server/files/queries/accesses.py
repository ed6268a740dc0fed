"""The access ledger as its member reads it: who read what, and when."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from consentry_server import database
from consentry_server.database import moment
from consentry_server.files.models import Access

BATCH = 500  # lines that are read at once of a whole ledger


class LedgerLine(NamedTuple):
    """One time that a project read something of a member."""

    id: int
    at: datetime
    kind: str
    project_id: int
    project: str
    basename: str | None
    first_file: int
    files: int
    size: int
    address: str


@dataclass(frozen=True)
class Wanted:
    """Which lines somebody looks for; what is left out may be anything."""

    project_id: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  # the id of a line: only earlier ones


EVERYTHING = Wanted()

# Raw: a range join, which the ORM cannot say. The last lines of each project come from two indexes: those about this
# member alone, and those about many, which are narrowed where they stand. The latest of both are what is asked for, and
# only these are looked up; SQLite has no lateral joins. That a line is about one is not said with `=`: PostgreSQL would
# put the member in the place of both columns, and no longer see that the index has all that is asked for.
_SEEN = """(y.kind <> 'members' OR EXISTS (
        SELECT 1 FROM sharing_authorization a WHERE a.project_member_id = p.id AND a.authorized_at <= y.at
        AND (a.revoked_at IS NULL OR a.revoked_at > y.at)))"""
_ALONE = "WHERE y.first_member >= y.last_member AND y.last_member = p.id"
_AMONG = """WHERE y.first_member < y.last_member AND y.project_id = p.project_id
        AND y.first_member <= p.id AND y.last_member >= p.id"""
# Else SQLite takes the one of all lines of the project.
_BY = {"postgresql": "", "sqlite": "INDEXED BY accesses_of_many "}
_LAST = f"SELECT y.id FROM files_access y {{where}} {{narrowed}} AND {_SEEN} ORDER BY y.id DESC LIMIT %s"
_OF_EACH = {
    "postgresql": f"SELECT n.id FROM sharing_projectmember p CROSS JOIN LATERAL ({_LAST}) n",
    "sqlite": f"SELECT x.id FROM sharing_projectmember p JOIN files_access x ON x.id IN ({_LAST})",
}
_LINES = """
    SELECT x.id, {{moment:x.at}}, x.kind, x.project_id, j.name, f.basename, x.first_file, x.files, x.size, x.address
    FROM ({alone} WHERE p.member_id = %s UNION ALL {among} WHERE p.member_id = %s ORDER BY 1 DESC LIMIT %s OFFSET %s) n
    JOIN files_access x ON x.id = n.id
    JOIN projects_project j ON j.id = x.project_id
    LEFT JOIN files_datafile f ON f.id = x.file_id
    ORDER BY x.id DESC"""
_NARROWED = {
    "project_id": "AND y.project_id = %s",
    "kind": "AND y.kind = %s",
    "since": "AND y.at >= %s",
    "until": "AND y.at < %s",
    "before": "AND y.id < %s",
}


def ledger(member_id: int, *, limit: int, offset: int, wanted: Wanted = EVERYTHING) -> list[LedgerLine]:
    """Return who read what of a member, the latest first. One statement, an index look-up for each project."""
    asked = {name: value for name in _NARROWED if (value := getattr(wanted, name)) not in (None, "")}
    each = [*map(_parameter, asked.values()), limit + offset, member_id]
    lines = (LedgerLine(*row) for row in database.rows(_sql(tuple(asked)), [*each, *each, limit, offset]))
    return [line._replace(at=moment(line.at)) for line in lines]


def last_read(project_id: int) -> datetime | None:
    """Return when a project last read something of any member. One look-up in an index."""
    return Access.objects.filter(project_id=project_id).order_by("-id").values_list("at", flat=True).first()


def _sql(asked: tuple[str, ...]) -> str:
    narrowed, each = " ".join(_NARROWED[name] for name in asked), _OF_EACH[database.vendor()]
    wheres = _ALONE, f"{_BY[database.vendor()]}{_AMONG}"
    alone, among = (each.format(where=where, narrowed=narrowed) for where in wheres)
    return _LINES.format(alone=alone, among=among)


def _parameter(value: Any) -> Any:
    """Write a time as the database keeps it: statements by hand go past Django."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def whole_ledger(member_id: int, wanted: Wanted) -> Iterator[list[LedgerLine]]:
    """Give all lines, some hundred at once, the latest first; those that come meanwhile are left out."""
    while lines := ledger(member_id, limit=BATCH, offset=0, wanted=wanted):
        yield lines
        wanted = replace(wanted, before=lines[-1].id)
