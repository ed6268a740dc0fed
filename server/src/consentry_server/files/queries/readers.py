"""Who may see what a member has: `READABLE_BY`, asked from the member's side."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from consentry_server import database
from consentry_server.database import moment
from consentry_server.files.queries import _PRESENT, READABLE_BY
from consentry_server.sharing.queries import LIVE_SQL


class Reader(NamedTuple):
    """A project that may read something of a member at this moment, and since when it is let in."""

    authorization_id: int
    since: datetime
    slug: str
    name: str
    all_sources: bool
    own: bool  # it brought this itself
    files: int  # that it may read: of this source, or of all


_COLUMNS = "a.id, {moment:a.authorized_at}, j.slug, j.name, a.all_sources"
_OPENING = f"""
    FROM files_filetotal t
    JOIN sharing_authorization a ON {READABLE_BY}
    JOIN projects_project j ON j.id = a.project_id
    WHERE t.member_id = %s"""
_READERS = f"SELECT {_COLUMNS}, t.source_id = a.project_id, t.files {_OPENING} AND t.source_id = "
_LATEST = " ORDER BY a.authorized_at DESC, a.id DESC LIMIT %s"
_OF_FILE = f"""{_READERS} (
    SELECT d.source_id FROM files_datafile d WHERE d.id = %s AND d.member_id = t.member_id AND {_PRESENT}) {_LATEST}"""
_OF_SOURCE = f"{_READERS} %s {_LATEST}"
_BY_SOURCE = f"SELECT t.source_id, count(*) {_OPENING} GROUP BY t.source_id"
_OF_MEMBER = f"""
    SELECT {_COLUMNS}, 0 = 1, (SELECT coalesce(sum(t.files), 0) FROM files_filetotal t WHERE {READABLE_BY})
    FROM sharing_authorization a JOIN projects_project j ON j.id = a.project_id
    WHERE a.member_id = %s AND {LIVE_SQL} {_LATEST}"""


def of_file(file_id: int, *, member_id: int, most: int) -> list[Reader]:
    """Return each project that may read one of a member's files now, whoever was let in last first."""
    return _read(_OF_FILE, member_id, file_id, most)


def of_source(source_id: int, *, member_id: int, most: int) -> list[Reader]:
    """Return each project that may read what a member has from one source now."""
    return _read(_OF_SOURCE, member_id, source_id, most)


def of_member(member_id: int, *, most: int) -> list[Reader]:
    """Return each project that a member lets in now, with the number of files that it may read."""
    return _read(_OF_MEMBER, member_id, most)


def _read(sql: str, *params: Any) -> list[Reader]:
    found: Sequence[Any] = database.rows(sql, params)
    return [Reader(row[0], moment(row[1]), row[2], row[3], bool(row[4]), bool(row[5]), int(row[6])) for row in found]


def counted(member_id: int) -> dict[int, int]:
    """Return how many projects may read each of a member's sources now. One statement."""
    return dict(database.rows(_BY_SOURCE, [member_id]))
