"""Reads of data files. `READABLE_BY` is the one line that decides what a project sees."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from consentry_server import database
from consentry_server.files.models import DataFile, FileTotal, Pending
from consentry_server.files.queries.accesses import ledger as ledger
from consentry_server.sharing import queries as sharing
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
        p.muted_at IS NULL,
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

_COLUMNS = (
    "d.id, d.basename, {time:d.created_at}, d.metadata, d.source_id, d.size, d.sha256, {time:d.completed_at},"
    " d.datatypes"
)

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
# A page of one member's files, a look-up in the index a source. Written with plain values, PostgreSQL takes the order
# from the primary key and walks over everybody's files where it believes that there are many of this member.
_SLICES = f"""
    SELECT w.nth, f.* FROM unnest(%s::bigint[], %s::int[], %s::int[])
        WITH ORDINALITY AS w(source_id, taken, skipped, nth)
    CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM files_datafile d
        WHERE d.member_id = %s AND d.source_id = w.source_id AND {_PRESENT}
        ORDER BY d.id LIMIT w.taken OFFSET w.skipped) f
    ORDER BY 1, 2"""
_PART = f"""SELECT * FROM (SELECT NTH AS nth, {_COLUMNS} FROM files_datafile d
    WHERE d.member_id = %s AND d.source_id = %s AND {_PRESENT} ORDER BY d.id LIMIT %s OFFSET %s) AS partNTH"""

Wanted = tuple[int, int, int]  # so many of the files of a member from a source

# id, basename, time of creation, metadata, source id, size, SHA-256, time since when it is as it is, data types
FileRow = tuple[int, str, str, str, int, int, str, str, str]


class MemberRow(NamedTuple):
    """A live member as a project sees them. Times are in ISO 8601, as on the wire."""

    authorization_id: int
    seat_id: int
    member_id: int
    created: str
    number: str
    username_shared: bool
    username: str
    may_write: bool  # the member has not muted the project
    granted: list[int]
    totals: list[tuple[int, int]]  # readable sources in the order of the wire, with their number of files
    files: list[FileRow]

    @property
    def file_count(self) -> int:
        return sum(files for _, files in self.totals)


def members_page(project_id: int, *, limit: int, offset: int) -> list[MemberRow]:
    """Return a project's live members in the order in which they came, with their first files. Two statements."""
    rows = database.rows(_MEMBERS_PAGE, [project_id, limit, offset])
    members = [_member(row) for row in rows]
    places = [(member, wanted) for member in members for wanted in first_wanted(member.member_id, member.totals)]
    files: list[list[FileRow]] = [[] for _ in places]
    for row in _first_files([wanted for _, wanted in places]):
        files[row[0]].append(row[1:])
    for (member, _), found in zip(places, files, strict=True):
        member.files.extend(sorted(found))
    return members


def member_page(project_id: int, number: str, *, limit: int, offset: int) -> MemberRow | None:
    """Return one live member with a page of files, or None. Two statements."""
    rows = database.rows(_ONE_MEMBER, [project_id, number])
    if not rows:
        return None
    member = _member(rows[0])
    member.files.extend(_slice(member.member_id, member.totals, limit=limit, offset=offset))
    return member


def _member(row: tuple[Any, ...]) -> MemberRow:
    granted, totals = row[8], row[9]
    sources = [pair.split(":") for pair in totals.split(",")] if totals else []
    # the wire orders files by the text `direct-sharing-<id>`
    ordered = sorted(sources) if len(sources) > 1 else sources
    shared = sorted(map(int, granted.split(","))) if granted else []
    counted = [(int(source), int(files)) for source, files in ordered]
    return MemberRow._make((*row[:8], shared, counted, []))


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
    return database.rows(_FIRST_FILES[database.vendor()], first_parameters(wanted, database.vendor()))


def _slice(member_id: int, totals: list[tuple[int, int]], *, limit: int, offset: int) -> list[FileRow]:
    """Return files `offset` to `offset + limit` of a member, source after source. One statement."""
    parts = slices(totals, limit=limit, offset=offset)
    if not parts:
        return []
    sql, params = slice_statement(member_id, parts, database.vendor())
    return [row[1:] for row in database.rows(sql, params)]


def slices(totals: list[tuple[int, int]], *, limit: int, offset: int) -> list[tuple[int, int, int]]:
    """Return from which sources a page of files comes: how many are taken of each, after how many that are not."""
    parts = []
    for source, files in totals:
        skip, take = min(offset, files), min(limit, max(files - offset, 0))
        if take:
            parts.append((source, take, skip))
        offset, limit = offset - skip, limit - take
    return parts


def slice_statement(member_id: int, parts: list[tuple[int, int, int]], vendor: str) -> tuple[str, list[Any]]:
    """Return what fetches those files, in the order of the parts."""
    if vendor == "postgresql":
        sources, takes, skips = (list(column) for column in zip(*parts, strict=True))
        return _SLICES, [sources, takes, skips, member_id]
    params = [value for source, take, skip in parts for value in (member_id, source, take, skip)]
    order = " ORDER BY 1, 2" if len(parts) > 1 else ""
    return " UNION ALL ".join(_PART.replace("NTH", str(nth)) for nth in range(len(parts))) + order, params


class Readable(NamedTuple):
    """A file that somebody may have now, and by which project and project member it is read (none: the owner)."""

    id: int
    key: str
    basename: str
    size: int
    sha256: str
    project_id: int | None
    seat_id: int | None


# A list however long is one statement to prepare; seeing the arrays, PostgreSQL would plan each length anew.
_WANTED = {
    "postgresql": "unnest((SELECT %s::bigint[]), (SELECT %s::bigint[])) WITH ORDINALITY w(file_id, holder_id, nth)",
    "sqlite": "(SELECT key + 1 nth, value ->> 0 file_id, value ->> 1 holder_id FROM json_each(%s)) w",
}
# The authorizations come first, by their ids: a member may have given hundreds.
_READABLE = f"""
    WITH a AS MATERIALIZED (
        SELECT w.nth, w.file_id, s.* FROM {{wanted}} JOIN sharing_authorization s ON s.id = w.holder_id)
    SELECT a.nth - 1, d.id, d.key, d.basename, d.size, d.sha256, a.project_id, a.project_member_id
    FROM a
    JOIN files_datafile d ON d.id = a.file_id AND d.member_id = a.member_id AND {_PRESENT}
    JOIN files_filetotal t ON t.source_id = d.source_id AND {READABLE_BY}"""
_READABLE_ON = {vendor: _READABLE.format(wanted=wanted) for vendor, wanted in _WANTED.items()}


def readable(*, file_id: int, authorization_id: int) -> Readable | None:
    """Return a file if that authorization opens it at this moment."""
    return readable_each([(file_id, authorization_id)])[0]


def readable_each(wanted: Sequence[tuple[int, int]]) -> list[Readable | None]:
    """Return each file if the authorization beside it opens it at this moment. One statement."""
    if not wanted:
        return []
    vendor = database.vendor()
    params = [json.dumps(wanted)] if vendor == "sqlite" else [list(column) for column in zip(*wanted, strict=True)]
    found: list[Readable | None] = [None] * len(wanted)
    for nth, *file in database.rows(_READABLE_ON[vendor], params):
        found[nth] = Readable._make(file)
    return found


def readable_by_owner(*, file_id: int, member_id: int) -> Readable | None:
    """Return a member's own file."""
    file = own_file(member_id=member_id, file_id=file_id)
    return Readable(file.pk, file.key, file.basename, file.size, file.sha256, None, None) if file else None


def own(member_id: int) -> QuerySet[DataFile]:
    """Return all the files that a member has here."""
    rows = DataFile.objects.filter(member_id=member_id, deleted_at=None).exclude(completed_at=None)
    return rows.select_related("source").order_by("source__name", "id")


def own_file(*, member_id: int, file_id: int) -> DataFile | None:
    """Return one of a member's own files; somebody else's is as good as none."""
    return own(member_id).filter(id=file_id).first()


def deposited(*, member_id: int, source_id: int) -> QuerySet[DataFile]:
    """Return the files that one project brought to one member."""
    return own(member_id).filter(source_id=source_id)


def totals(member_id: int) -> QuerySet[FileTotal]:
    """Return how much a member has from each source."""
    rows = FileTotal.objects.filter(member_id=member_id, files__gt=0)
    return rows.select_related("source").order_by("source__name")


def total(*, member_id: int, source_id: int) -> FileTotal | None:
    """Return how much a member has from one source; none of it may be left."""
    return FileTotal.objects.select_related("source").filter(member_id=member_id, source_id=source_id).first()


def count_by_source(*, member_id: int, source_ids: list[int]) -> dict[int, int]:
    """Return how many files a member has now from each of these sources."""
    rows = FileTotal.objects.filter(member_id=member_id, source_id__in=source_ids)
    return dict(rows.values_list("source_id", "files"))


class Opened(NamedTuple):
    """A source that an ask would open, with how many files the member has from it now."""

    source_id: int
    name: str
    files: int


def opened_by(sources: Iterable[tuple[int, str]], *, all_of_them: bool, member_id: int) -> list[Opened]:
    """Return each source that an ask would open."""
    if all_of_them:
        return [Opened(total.source_id, total.source.name, total.files) for total in totals(member_id)]
    named = dict(sources)
    counts = count_by_source(member_id=member_id, source_ids=list(named))
    return [Opened(pk, name, counts.get(pk, 0)) for pk, name in named.items()]


def blobs_to_erase(limit: int) -> QuerySet[DataFile]:
    """Return deleted files whose bytes may still be there."""
    return DataFile.objects.filter(deleted_at__isnull=False, blob_erased_at=None).order_by("id")[:limit]


def known_keys(keys: list[str]) -> set[str]:
    """Return those of these keys that a file which is not deleted has."""
    return set(DataFile.objects.filter(key__in=keys, deleted_at=None).values_list("key", flat=True))


def sums(keys: list[str]) -> dict[str, str]:
    """Return the SHA-256 of those of these keys that a file has, complete and not deleted."""
    rows = DataFile.objects.filter(key__in=keys, deleted_at=None).exclude(completed_at=None)
    return dict(rows.values_list("key", "sha256"))


def present_keys(*, after: int, limit: int) -> list[tuple[int, str, int]]:
    """Return id, key and size of files that must have bytes, in the order of their ids."""
    rows = DataFile.objects.filter(id__gt=after, deleted_at=None).exclude(completed_at=None)
    return list(rows.order_by("id").values_list("id", "key", "size")[:limit])


def uploaded(*, file_id: int, project_id: int, member_id: int) -> DataFile | None:
    """Return a file that a project brought or is bringing to a member."""
    return DataFile.objects.filter(id=file_id, source_id=project_id, member_id=member_id, deleted_at=None).first()


def brought(*, file_id: int, project_id: int) -> DataFile | None:
    """Return a file that a project brought to somebody who takes part in it."""
    file = DataFile.objects.filter(id=file_id, source_id=project_id, deleted_at=None).exclude(completed_at=None).first()
    if file is None or sharing.live(member_id=file.member_id, project_id=project_id) is None:
        return None
    return file


def under_way(*, file_id: int, now: datetime) -> Pending | None:
    """Return an upload that can still go on: neither over nor complete, for somebody who takes part."""
    rows = Pending.objects.filter(file_id=file_id, file__deleted_at=None, file__completed_at=None, expires_at__gt=now)
    found = rows.select_related("file").first()
    return found if found is not None and sharing.is_live(found.authorization_id) else None


def parts_of(*, file_id: int, project_id: int, now: datetime) -> Pending | None:
    """Return an upload of a project whose bytes come in parts, if it can still go on."""
    found = under_way(file_id=file_id, now=now)
    return found if found is not None and found.length > 0 and found.file.source_id == project_id else None


def unchanged(pending: Pending) -> QuerySet[Pending]:
    """Return an upload, if it is neither over nor gone on since it was read."""
    return Pending.objects.filter(file_id=pending.file_id, received=pending.received, file__deleted_at=None)


def under_way_by(authorization_id: int) -> QuerySet[DataFile]:
    """Return the files that are being brought by one authorization."""
    return DataFile.objects.filter(pending__authorization_id=authorization_id, completed_at=None, deleted_at=None)


def given_up(*, now: datetime) -> QuerySet[DataFile]:
    """Return files whose uploads are past their time."""
    return DataFile.objects.filter(pending__expires_at__lte=now, completed_at=None, deleted_at=None)


def handles(file_ids: list[int]) -> list[str]:
    """Return the keys in the inbox of uploads."""
    return list(Pending.objects.filter(file_id__in=file_ids).values_list("handle", flat=True))


def known_handles(keys: list[str]) -> set[str]:
    """Return those of these keys that an upload has."""
    return set(Pending.objects.filter(handle__in=keys).values_list("handle", flat=True))
