"""The limit: a bare WSGI function that runs the server's own SQL by hand, on the same application server.

It knows the first pages that the bench asks for and nothing else: no methods, no faults, no shapes of
`limit`. Rows go into structs and msgspec writes them; `bench.load` asserts that both answers are equal.
"""

import hashlib
import struct
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qs

import django
import msgspec
import psycopg

django.setup()

from django.conf import settings  # noqa: E402 - after Django is set up
from pysqlite3 import dbapi2  # noqa: E402

from consentry_server.common.keys import derive  # noqa: E402
from consentry_server.files.queries import (  # noqa: E402
    _COLUMNS,
    _FIRST_FILES,
    _MEMBERS_PAGE,
    _ONE_MEMBER,
    _PRESENT,
    FIRST,
    _with_times,
    first_parameters,
    first_wanted,
)
from consentry_server.projects.queries import _ANSWER, _DESCRIPTION  # noqa: E402
from consentry_server.tokens.queries import _CALLER  # noqa: E402

Start = Callable[[str, list[tuple[str, str]]], object]
DATABASE = settings.DATABASES["default"]
ON_SQLITE = "sqlite" in DATABASE["ENGINE"]
SITE, KEY = settings.SITE_URL, derive("links")
LIMIT, LINK_FOR = 100, 3600
PATH = "/api/direct-sharing/project/"
_SIGNED = struct.Struct(">ccQQ")  # as in files.rules


def _sql(text: str) -> str:
    timed = _with_times(text, "sqlite" if ON_SQLITE else "postgresql")
    return timed.replace("%s", "?") if ON_SQLITE else timed


TOKEN, PROJECT = _sql(_CALLER), _sql(_DESCRIPTION)
MEMBERS, MEMBER = _sql(_MEMBERS_PAGE), _sql(_ONE_MEMBER)
FIRST_FILES = _sql(_FIRST_FILES["sqlite" if ON_SQLITE else "postgresql"])
FILES = _sql(  # as `_slice` writes it for one source
    f"SELECT * FROM (SELECT 0 AS nth, {_COLUMNS} FROM files_datafile d WHERE d.member_id = %s"
    f" AND d.source_id = %s AND {_PRESENT} ORDER BY d.id LIMIT %s OFFSET %s) AS part0"
)
LEDGER = _sql(
    "INSERT INTO files_access (at, kind, project_id, first_member, last_member, first_file, files,"
    " size, address, fingerprint) VALUES (%s, %s, %s, %s, %s, 0, %s, 0, %s, %s)"
)
_of_thread = threading.local()


class File(msgspec.Struct):
    id: int
    basename: str
    created: str
    datatypes: tuple[()]
    download_url: str
    metadata: msgspec.Raw
    source: str
    source_project: str


class Row(msgspec.Struct):
    created: str
    project_member_id: str
    message_permission: bool
    username_shared: bool
    file_count: int
    exchange_member: str
    sources_shared: list[str]
    username: str
    data: list[File]


class Listing(msgspec.Struct):
    count: int
    next: str | None
    previous: None
    results: list[Row]


class One(msgspec.Struct):
    count: int
    next: str | None
    previous: None
    created: str
    project_member_id: str
    message_permission: bool
    username_shared: bool
    sources_shared: list[str]
    username: str
    data: list[File]


encode = msgspec.json.Encoder().encode


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """Answer one of the three pages that are measured."""
    now = datetime.now(UTC)
    digest = hashlib.sha256(environ.get("HTTP_AUTHORIZATION", "")[7:].encode()).digest()
    found = _fetch(TOKEN, [digest])
    if not found or _stamp(now) >= found[0][2]:
        return _send(start_response, "401 Unauthorized", b"{}")
    project, count = found[0][:2]
    path = environ["PATH_INFO"].removeprefix(PATH)
    if path == "members/":
        body = _members(environ, project, count, (now, digest))
    elif path == "exchange-member/":
        body = _member(environ, project, (now, digest))
    else:
        body = _project(project)
    return _send(start_response, "200 OK", body)


def _send(start_response: Start, status: str, body: bytes) -> Iterable[bytes]:
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def _members(environ: dict[str, Any], project: int, count: int, caller: tuple[datetime, bytes]) -> bytes:
    rows = _fetch(MEMBERS, [project, LIMIT, 0])
    places = [(row[0], wanted) for row in rows for wanted in first_wanted(row[2], _totals(row[8]))]
    files: list[list[Any]] = [[] for _ in places]
    vendor = "sqlite" if ON_SQLITE else "postgresql"
    for found in _fetch(FIRST_FILES, first_parameters([wanted for _, wanted in places], vendor)):
        files[found[0]].append(found[1:])
    of: dict[int, list[Any]] = {}
    for (authorization, _), some in zip(places, files, strict=True):
        of.setdefault(authorization, []).extend(sorted(some))
    _note("members", project, (rows[0][1], rows[-1][1], FIRST), environ, caller)
    expires = int(time.time()) + LINK_FOR
    shown = [_row(row, _files(row[0], expires, of.get(row[0], []))) for row in rows]
    return encode(Listing(count, _next(environ, count), None, shown))


def _row(row: Any, files: list[File]) -> Row:
    _, _, _, created, number, shared, username, granted, totals = row
    address = f"{SITE}{PATH}exchange-member/?project_member_id={number}"
    count = sum(files for _, files in _totals(totals))
    return Row(created, number, True, bool(shared), count, address, _labels(granted), username, files)


def _member(environ: dict[str, Any], project: int, caller: tuple[datetime, bytes]) -> bytes:
    number = parse_qs(environ["QUERY_STRING"])["project_member_id"][0]
    row = _fetch(MEMBER, [project, number])[0]
    totals = _totals(row[8])
    assert totals[0][1] >= LIMIT, "only a page of one source is known here"
    count, expires = sum(files for _, files in totals), int(time.time()) + LINK_FOR
    rows = _fetch(FILES, [row[2], totals[0][0], LIMIT, 0])
    files = _files(row[0], expires, [found[1:] for found in rows])
    _note("member", project, (row[1], row[1], len(files)), environ, caller)
    about = (row[3], number, True, bool(row[5]), _labels(row[7]), row[6])
    return encode(One(count, _next(environ, count), None, *about, files))


def _project(project: int) -> bytes:
    *columns, found = _fetch(PROJECT, [project])[0]
    of = dict(zip(_ANSWER, columns, strict=True))
    sources = sorted(map(int, found.split(",")))
    shape = {
        "active": of["paused_at"] is None,
        "approved": of["approved_at"] is not None,
        "authorized_members": of["authorized_members"],
        "badge_image": None,
        "contact_email": of["contact_email"],
        "id": of["id"],
        "id_label": f"direct-sharing-{of['id']}",
        "info_url": of["info_url"],
        "is_academic_or_nonprofit": bool(of["is_academic_or_nonprofit"]),
        "is_study": bool(of["is_study"]),
        "leader": of["leader"],
        "long_description": of["long_description"],
        "name": of["name"],
        "organization": of["organization"],
        "registered_datatypes": [],
        "requested_sources": [f"/api/public/project/{source}/" for source in sources],
        "request_sources_access": [f"direct-sharing-{source}" for source in sources],
        "request_username_access": bool(of["request_username_access"]),
        "returned_data_description": of["returned_data_description"],
        "short_description": of["short_description"],
        "slug": of["slug"],
        "type": of["kind"],
    }
    return encode(shape)


def _totals(text: str) -> list[tuple[int, int]]:
    pairs = sorted(pair.split(":") for pair in text.split(",")) if text else []
    return [(int(source), int(files)) for source, files in pairs]


def _labels(granted: str) -> list[str]:
    return [f"direct-sharing-{source}" for source in sorted(map(int, granted.split(",")))]


def _files(authorization: int, expires: int, rows: list[Any]) -> list[File]:
    begin = _SIGNED.pack(b"l", b"a", authorization, expires)
    said = f"a{authorization:x}-{expires:x}-"
    return [
        File(
            file_id,
            basename,
            created,
            (),
            f"{SITE}/data-management/datafile-download/{file_id}/?key={said}{_tag(begin, file_id)}",
            msgspec.Raw(metadata),
            f"direct-sharing-{source}",
            f"{SITE}/api/public/project/{source}/",
        )
        for file_id, basename, created, metadata, source in rows
    ]


def _tag(begin: bytes, file_id: int) -> str:
    return blake2b(begin + file_id.to_bytes(8, "big"), key=KEY, digest_size=16).hexdigest()


def _next(environ: dict[str, Any], count: int) -> str | None:
    if count <= LIMIT:
        return None
    asked = environ["QUERY_STRING"]
    query = f"limit={LIMIT}&offset={LIMIT}{'&' if asked else ''}{asked}"
    return f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}?{query}"


def _note(
    kind: str,
    project: int,
    what: tuple[int, int, int],
    environ: dict[str, Any],
    caller: tuple[datetime, bytes],
) -> None:
    now, digest = caller
    who = (environ["REMOTE_ADDR"], digest.hex()[:8])
    _connection().execute(LEDGER, [_stamp(now), kind, project, *what, *who])


def _stamp(now: datetime) -> Any:
    return str(now.replace(tzinfo=None)) if ON_SQLITE else now


def _fetch(statement: str, params: list[Any]) -> list[Any]:
    found: list[Any] = _connection().execute(statement, params).fetchall()
    return found


def _connection() -> Any:
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = _sqlite() if ON_SQLITE else _postgresql()
    return _of_thread.connection


def _sqlite() -> Any:
    connection = dbapi2.connect(DATABASE["NAME"], isolation_level=None)
    connection.executescript(DATABASE["OPTIONS"]["init_command"] + "PRAGMA foreign_keys=ON;")
    return connection


def _postgresql() -> Any:
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    where: dict[str, Any] = {name: DATABASE[key] for name, key in names.items() if DATABASE[key]}
    options: dict[str, Any] = {"prepare_threshold": 2, "options": "-c jit=off -c timezone=UTC"}
    return psycopg.connect(**where, **options, autocommit=True)


FIXED = b"2016-04-11,8000\n" * 1024


def fixed(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:  # noqa: ARG001 - WSGI
    """Give the same 16 KiB to everybody."""
    return _send(start_response, "200 OK", FIXED)
