"""Reads of data files. `READABLE_BY` is the one line that decides what a project sees."""

import json
import re
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from consentry_server.common.times import aware
from consentry_server.files.models import DataFile, FileTotal
from consentry_server.sharing.queries import LIVE_SQL

FIRST = 10  # files of each member in the members listing

# Which totals (and so which files) `t` of a member an authorization `a` opens, while it lives.
READABLE_BY = f"""
    {LIVE_SQL} AND t.member_id = a.member_id AND t.files > 0 AND (
        a.all_sources OR t.source_id = a.project_id OR EXISTS (
            SELECT 1 FROM sharing_grant r WHERE r.authorization_id = a.id AND r.source_id = t.source_id))"""

_PRESENT = "d.completed_at IS NOT NULL AND d.deleted_at IS NULL"

# Raw because the ORM has no aggregated subqueries that both databases run as two index look-ups a row.
_MEMBER = f"""
    SELECT a.id, a.project_member_id, a.member_id, {{{{time:p.created_at}}}}, p.number, a.username_shared, m.username,
        (SELECT string_agg(CAST(g.source_id AS text), ',') FROM sharing_grant g
            WHERE g.authorization_id = a.id AND NOT a.all_sources),
        (SELECT string_agg(CAST(t.source_id AS text) || ':' || CAST(t.files AS text), ',')
            FROM files_filetotal t WHERE {READABLE_BY})
    FROM {{authorizations}} a
    JOIN sharing_projectmember p ON p.id = a.project_member_id
    JOIN members_member m ON m.id = a.member_id"""

# The rows of the page are chosen first, so that those before it cost an index entry each and nothing more.
_MEMBERS_PAGE = (
    _MEMBER.format(
        authorizations=f"""(SELECT * FROM sharing_authorization a WHERE a.project_id = %s AND {LIVE_SQL}
        ORDER BY a.project_member_id LIMIT %s OFFSET %s)"""
    )
    + " ORDER BY a.project_member_id"
)
_ONE_MEMBER = _MEMBER.format(authorizations="sharing_authorization") + (
    f" WHERE a.project_id = %s AND {LIVE_SQL} AND p.number = %s"
)

_COLUMNS = "d.id, d.basename, {time:d.created_at}, d.metadata, d.source_id"

# As many files as are wanted of each (member, source) pair: an index look-up a pair, however many files there are.
# SQLite knows no limit that differs by row, so it gets the pairs sorted by how many are wanted of each.
_FIRST_FILES = {
    "postgresql": f"""
    SELECT w.nth - 1, f.* FROM unnest(%s::bigint[], %s::bigint[], %s::int[])
        WITH ORDINALITY AS w(member_id, source_id, wanted, nth)
    CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM files_datafile d
        WHERE d.member_id = w.member_id AND d.source_id = w.source_id AND {_PRESENT}
        ORDER BY d.id LIMIT w.wanted) f""",
    "sqlite": " UNION ALL ".join(
        f"""
    SELECT w.value ->> 0, {_COLUMNS} FROM json_each(%s) w JOIN files_datafile d ON d.id IN (
        SELECT d.id FROM files_datafile d
        WHERE d.member_id = w.value ->> 1 AND d.source_id = w.value ->> 2 AND {_PRESENT}
        ORDER BY d.id LIMIT {wanted})"""
        for wanted in range(1, FIRST + 1)
    ),
}
Wanted = tuple[int, int, int]  # so many of the files of a member from a source

FileRow = tuple[int, str, str, str, int]  # id, basename, time of creation, metadata, source id


class MemberRow(NamedTuple):
    """A live member as a project sees them. Times are in ISO 8601, as on the wire."""

    authorization_id: int
    seat_id: int
    member_id: int
    created: str
    number: str
    username_shared: bool
    username: str
    granted: list[int]
    totals: list[tuple[int, int]]  # readable sources in the order of the wire, with their number of files
    files: list[FileRow]

    @property
    def file_count(self) -> int:
        return sum(files for _, files in self.totals)


def members_page(project_id: int, *, limit: int, offset: int) -> list[MemberRow]:
    """Return a project's live members in the order in which they came, with their first files. Two statements."""
    rows = _fetch(_MEMBERS_PAGE, [project_id, limit, offset])
    members = [_member(row) for row in rows]
    places = [(member, wanted) for member in members for wanted in first_wanted(member.member_id, member.totals)]
    files: list[list[FileRow]] = [[] for _ in places]
    for nth, *file in _first_files([wanted for _, wanted in places]):
        files[nth].append(tuple(file))
    for (member, _), found in zip(places, files, strict=True):
        member.files.extend(sorted(found))
    return members


def member_page(project_id: int, number: str, *, limit: int, offset: int) -> MemberRow | None:
    """Return one live member with a page of files, or None. Two statements."""
    rows = _fetch(_ONE_MEMBER, [project_id, number])
    if not rows:
        return None
    member = _member(rows[0])
    member.files.extend(_slice(member.member_id, member.totals, limit=limit, offset=offset))
    return member


def _member(row: tuple[Any, ...]) -> MemberRow:
    granted, totals = row[7], row[8]
    sources = [pair.split(":") for pair in totals.split(",")] if totals else []
    # the wire orders files by the text `direct-sharing-<id>`
    ordered = sorted(sources) if len(sources) > 1 else sources
    shared = sorted(map(int, granted.split(","))) if granted else []
    counted = [(int(source), int(files)) for source, files in ordered]
    return MemberRow._make((*row[:7], shared, counted, []))


def first_wanted(member_id: int, totals: list[tuple[int, int]]) -> list[Wanted]:
    """Return from which sources the first ten files of a member come, and how many from each."""
    chosen, left = [], FIRST
    for source, files in totals:
        if left > 0:
            chosen.append((member_id, source, min(files, left)))
        left -= files
    return chosen


def first_parameters(wanted: list[Wanted], vendor: str) -> list[Any]:
    """Return what `_FIRST_FILES` is run with: three columns, or ten lists by how many are wanted."""
    if vendor == "postgresql":
        return [list(column) for column in zip(*wanted, strict=True)] or [[], [], []]
    groups: list[list[Wanted]] = [[] for _ in range(FIRST)]
    for nth, (member_id, source_id, count) in enumerate(wanted):
        groups[count - 1].append((nth, member_id, source_id))
    return [json.dumps(group) for group in groups]


def _first_files(wanted: list[Wanted]) -> list[Any]:
    return _fetch(_FIRST_FILES[connection.vendor], first_parameters(wanted, connection.vendor))


def _slice(member_id: int, totals: list[tuple[int, int]], *, limit: int, offset: int) -> list[FileRow]:
    """Return files `offset` to `offset + limit` of a member, source after source. One statement."""
    parts, params = [], []
    for nth, (source, files) in enumerate(totals):
        skip, take = min(offset, files), min(limit, max(files - offset, 0))
        if take:
            parts.append(
                f"SELECT * FROM (SELECT {nth} AS nth, {_COLUMNS} FROM files_datafile d WHERE d.member_id = %s"
                f" AND d.source_id = %s AND {_PRESENT} ORDER BY d.id LIMIT %s OFFSET %s) AS part{nth}"
            )
            params += [member_id, source, take, skip]
        offset, limit = offset - skip, limit - take
    if not parts:
        return []
    return [row[1:] for row in _fetch(" UNION ALL ".join(parts) + (" ORDER BY 1, 2" if len(parts) > 1 else ""), params)]


def _fetch(sql: str, params: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_with_times(sql, connection.vendor), params)
        rows: list[Any] = cursor.fetchall()
    return rows


@lru_cache(maxsize=64)
def _with_times(sql: str, vendor: str) -> str:
    """Have the database write out `{time:column}` as on the wire: reading it into Python takes longer than the page."""
    return re.sub(r"\{time:([a-z._]+)\}", _ISO[vendor], sql)


_ISO = {
    "postgresql": r"""replace(to_char(\1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')""",
    "sqlite": r"replace(CAST(\1 AS text), ' ', 'T') || 'Z'",
}


class Readable(NamedTuple):
    """A file that somebody may have now, and by which project and project member it is read (none: the owner)."""

    id: int
    key: str
    basename: str
    size: int
    sha256: str
    project_id: int | None
    seat_id: int | None


_READABLE = f"""
    SELECT d.id, d.key, d.basename, d.size, d.sha256, a.project_id, a.project_member_id
    FROM sharing_authorization a
    JOIN files_filetotal t ON {READABLE_BY}
    JOIN files_datafile d ON d.member_id = t.member_id AND d.source_id = t.source_id AND {_PRESENT}
    WHERE a.id = %s AND d.id = %s"""


def readable(*, file_id: int, authorization_id: int) -> Readable | None:
    """Return a file if that authorization opens it at this moment."""
    rows = _fetch(_READABLE, [authorization_id, file_id])
    return Readable(*rows[0]) if rows else None


def readable_by_owner(*, file_id: int, member_id: int) -> Readable | None:
    """Return a member's own file."""
    file = own(member_id).filter(id=file_id).first()
    return Readable(file.pk, file.key, file.basename, file.size, file.sha256, None, None) if file else None


def own(member_id: int) -> QuerySet[DataFile]:
    """Return all the files that a member has here."""
    rows = DataFile.objects.filter(member_id=member_id, deleted_at=None).exclude(completed_at=None)
    return rows.select_related("source").order_by("source__name", "id")


def deposited(*, member_id: int, source_id: int) -> QuerySet[DataFile]:
    """Return the files that one project brought to one member."""
    return own(member_id).filter(source_id=source_id)


def totals(member_id: int) -> QuerySet[FileTotal]:
    """Return how much a member has from each source."""
    rows = FileTotal.objects.filter(member_id=member_id, files__gt=0)
    return rows.select_related("source").order_by("source__name")


def count_by_source(*, member_id: int, source_ids: list[int]) -> dict[int, int]:
    """Return how many files a member has now from each of these sources."""
    rows = FileTotal.objects.filter(member_id=member_id, source_id__in=source_ids)
    return dict(rows.values_list("source_id", "files"))


def blobs_to_erase(limit: int) -> QuerySet[DataFile]:
    """Return deleted files whose bytes may still be there."""
    return DataFile.objects.filter(deleted_at__isnull=False, blob_erased_at=None).order_by("id")[:limit]


def known_keys(keys: list[str]) -> set[str]:
    """Return those of these keys that a file which is not deleted has."""
    return set(DataFile.objects.filter(key__in=keys, deleted_at=None).values_list("key", flat=True))


def present_keys(*, after: int, limit: int) -> list[tuple[int, str, int]]:
    """Return id, key and size of files that must have bytes, in the order of their ids."""
    rows = DataFile.objects.filter(id__gt=after, deleted_at=None).exclude(completed_at=None)
    return list(rows.order_by("id").values_list("id", "key", "size")[:limit])


_LEDGER = """
    SELECT x.id, x.at, x.kind, x.project_id, j.name, f.basename, x.first_file, x.files, x.size, x.address
    FROM files_access x
    JOIN sharing_projectmember p ON p.project_id = x.project_id
        AND x.first_member <= p.id AND x.last_member >= p.id
    JOIN projects_project j ON j.id = x.project_id
    LEFT JOIN files_datafile f ON f.id = x.file_id
    WHERE p.member_id = %s AND (x.kind <> 'members' OR EXISTS (
        SELECT 1 FROM sharing_authorization a WHERE a.project_member_id = p.id AND a.authorized_at <= x.at
        AND (a.revoked_at IS NULL OR a.revoked_at > x.at)))
    ORDER BY x.id DESC LIMIT %s OFFSET %s"""


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


def ledger(member_id: int, *, limit: int, offset: int) -> list[LedgerLine]:
    """Return who read what of a member, the latest first. Raw: a range join, which the ORM cannot say."""
    lines = (LedgerLine(*row) for row in _fetch(_LEDGER, [member_id, limit, offset]))
    return [line._replace(at=aware(line.at)) for line in lines]
