"""Reads for whoever is handed many files at once: links to some, an archive of all."""

import json
from typing import NamedTuple

from consentry_server import database
from consentry_server.files.queries import _PRESENT, READABLE_BY


class Shared(NamedTuple):
    """A file that a project may read, and by which authorization."""

    id: int
    authorization_id: int
    seat_id: int


_SHARED = f"""
    SELECT d.id, a.id, a.project_member_id
    FROM files_datafile d
    JOIN sharing_authorization a ON a.project_id = %s AND a.member_id = d.member_id
    JOIN files_filetotal t ON {READABLE_BY} AND t.source_id = d.source_id
    WHERE {{among}} AND {_PRESENT}"""
_OF_ONE = " AND a.project_member_id = (SELECT id FROM sharing_projectmember WHERE number = %s)"
_AMONG = {"postgresql": "d.id = ANY(%s)", "sqlite": "d.id IN (SELECT value FROM json_each(%s))"}


def shared(project_id: int, ids: list[int], *, number: str | None = None) -> dict[int, Shared]:
    """Return those of these files that a project may read now, of one member if a number is given. One statement."""
    parameter = ids if database.vendor() == "postgresql" else json.dumps(ids)
    sql = _SHARED.format(among=_AMONG[database.vendor()])
    rows = database.rows(
        sql if number is None else sql + _OF_ONE, [project_id, parameter, *([number] if number else [])]
    )
    return {row[0]: Shared(*row) for row in rows}


class Listed(NamedTuple):
    """A file of a member, in the order of ids."""

    id: int
    basename: str
    size: int
    created: str


_LISTED = f"""
    SELECT d.id, d.basename, d.size, {{time:d.created_at}}
    FROM sharing_authorization a
    JOIN files_filetotal t ON {READABLE_BY}
    JOIN files_datafile d ON d.member_id = t.member_id AND d.source_id = t.source_id AND {_PRESENT}
    WHERE a.id = %s AND d.id > %s ORDER BY d.id LIMIT %s"""


def listed(authorization_id: int, *, after: int, limit: int) -> list[Listed]:
    """Return the next files that an authorization opens, by id."""
    return [Listed(*row) for row in database.rows(_LISTED, [authorization_id, after, limit])]


class Description(NamedTuple):
    """What is said about a file: its metadata as JSON, its source, when it changed last, ids of its data types."""

    metadata: str
    source_id: int
    modified: str
    datatypes: str


_DESCRIBED = f"""
    SELECT d.metadata, d.source_id, {{time:d.completed_at}}, d.datatypes
    FROM sharing_authorization a
    JOIN files_filetotal t ON {READABLE_BY}
    JOIN files_datafile d ON d.member_id = t.member_id AND d.source_id = t.source_id AND {_PRESENT}
    WHERE a.id = %s AND d.id = %s"""


def described(*, file_id: int, authorization_id: int) -> Description | None:
    """Return what is said about a file, if that authorization opens it at this moment."""
    rows = database.rows(_DESCRIBED, [authorization_id, file_id])
    return Description(*rows[0]) if rows else None
