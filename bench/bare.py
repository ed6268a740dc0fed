"""The limit: a bare ASGI function that runs the server's own SQL by hand, on the same application server.

It knows the first pages that the bench asks for and nothing else: no methods, no faults, no shapes of
`limit`. Rows go into structs and msgspec writes them; `bench.load` asserts that both answers are equal.
"""

import hashlib
import struct
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
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
from consentry_server.database import _for_driver  # noqa: E402
from consentry_server.files.queries import (  # noqa: E402
    _FIRST_FILES,
    _MEMBERS_PAGE,
    _ONE_MEMBER,
    FIRST,
    first_parameters,
    first_wanted,
    slice_statement,
    slices,
)
from consentry_server.projects.queries import _DESCRIPTION, Description  # noqa: E402
from consentry_server.tokens.queries.callers import _OF_PROJECT  # noqa: E402

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
DATABASE = settings.DATABASES["default"]
ON_SQLITE = "sqlite" in DATABASE["ENGINE"]
VENDOR = "sqlite" if ON_SQLITE else "postgresql"
SITE, KEY = settings.SITE_URL, derive("links")
LIMIT, LINK_FOR = 100, 3600
PATH = "/api/direct-sharing/project/"
_SIGNED = struct.Struct(">ccQQ")  # as in files.rules


TOKEN, PROJECT = _for_driver(_OF_PROJECT), _for_driver(_DESCRIPTION)
MEMBERS, MEMBER = _for_driver(_MEMBERS_PAGE), _for_driver(_ONE_MEMBER)
FIRST_FILES = _for_driver(_FIRST_FILES[VENDOR])
LEDGER = _for_driver(
    "INSERT INTO files_access (at, kind, project_id, first_member, last_member, first_file, files,"
    " size, address, fingerprint) VALUES (%s, %s, %s, %s, %s, 0, %s, 0, %s, %s)"
)


class File(msgspec.Struct):
    id: int
    basename: str
    created: str
    datatypes: tuple[()]
    download_url: str
    metadata: msgspec.Raw
    source: str
    source_project: str
    size: int
    sha256: str
    modified: str


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


async def application(scope: Scope, receive: Any, send: Send) -> None:  # noqa: ARG001 - ASGI
    """Answer one of the three pages that are measured."""
    now = datetime.now(UTC)
    headers = dict(scope["headers"])
    digest = hashlib.sha256(headers.get(b"authorization", b"")[7:]).digest()
    found = _fetch(TOKEN, [digest])
    if not found or _stamp(now) >= found[0][4]:
        return await _send(send, 401, b"{}")
    project, count = found[0][:2]
    path = scope["path"].removeprefix(PATH)
    if path == "members/":
        body = _members(scope, project, count, (now, digest))
    elif path == "exchange-member/":
        body = _member(scope, project, (now, digest))
    else:
        body = _project(project)
    return await _send(send, 200, body)


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _members(scope: Scope, project: int, count: int, caller: tuple[datetime, bytes]) -> bytes:
    rows = _fetch(MEMBERS, [project, LIMIT, 0])
    places = [(row[0], wanted) for row in rows for wanted in first_wanted(row[2], _totals(row[9]))]
    files: list[list[Any]] = [[] for _ in places]
    for found in _fetch(FIRST_FILES, first_parameters([wanted for _, wanted in places], VENDOR)):
        files[found[0]].append(found[1:])
    of: dict[int, list[Any]] = {}
    for (authorization, _), some in zip(places, files, strict=True):
        of.setdefault(authorization, []).extend(sorted(some))
    _note("members", project, (rows[0][1], rows[-1][1], FIRST), scope, caller)
    expires = int(time.time()) + LINK_FOR
    shown = [_row(row, _files(row[0], expires, of.get(row[0], []))) for row in rows]
    return encode(Listing(count, _next(scope, count), None, shown))


def _row(row: Any, files: list[File]) -> Row:
    _, _, _, created, number, shared, username, writable, granted, totals = row
    address = f"{SITE}{PATH}exchange-member/?project_member_id={number}"
    count = sum(files for _, files in _totals(totals))
    return Row(created, number, bool(writable), bool(shared), count, address, _labels(granted), username, files)


def _member(scope: Scope, project: int, caller: tuple[datetime, bytes]) -> bytes:
    number = parse_qs(scope["query_string"].decode())["project_member_id"][0]
    row = _fetch(MEMBER, [project, number])[0]
    totals = _totals(row[9])
    count, expires = sum(files for _, files in totals), int(time.time()) + LINK_FOR
    statement, params = slice_statement(row[2], slices(totals, limit=LIMIT, offset=0), VENDOR)
    rows = _fetch(_for_driver(statement), params)
    files = _files(row[0], expires, [found[1:] for found in rows])
    _note("member", project, (row[1], row[1], len(files)), scope, caller)
    about = (row[3], number, bool(row[7]), bool(row[5]), _labels(row[8]), row[6])
    return encode(One(count, _next(scope, count), None, *about, files))


def _project(project: int) -> bytes:
    of = Description._make(_fetch(PROJECT, [project])[0])
    sources = sorted(map(int, of.requested.split(",")))
    shape = {
        "active": bool(of.active),
        "approved": bool(of.approved),
        "authorized_members": of.authorized_members,
        "badge_image": None,
        "contact_email": of.contact_email,
        "id": of.id,
        "id_label": f"direct-sharing-{of.id}",
        "info_url": of.info_url,
        "is_academic_or_nonprofit": bool(of.is_academic_or_nonprofit),
        "is_study": bool(of.is_study),
        "leader": of.leader,
        "long_description": of.long_description,
        "name": of.name,
        "organization": of.organization,
        "registered_datatypes": [],
        "requested_sources": [f"/api/public/project/{source}/" for source in sources],
        "request_sources_access": [f"direct-sharing-{source}" for source in sources],
        "request_username_access": bool(of.request_username_access),
        "returned_data_description": of.returned_data_description,
        "short_description": of.short_description,
        "slug": of.slug,
        "type": of.kind,
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
            size,
            sha256,
            modified,
        )
        for file_id, basename, created, metadata, source, size, sha256, modified, _ in rows
    ]


def _tag(begin: bytes, file_id: int) -> str:
    return blake2b(begin + file_id.to_bytes(8, "big"), key=KEY, digest_size=16).hexdigest()


def _next(scope: Scope, count: int) -> str | None:
    if count <= LIMIT:
        return None
    asked = scope["query_string"].decode()
    query = f"limit={LIMIT}&offset={LIMIT}{'&' if asked else ''}{asked}"
    return f"http://{dict(scope['headers'])[b'host'].decode()}{scope['path']}?{query}"


def _note(
    kind: str,
    project: int,
    what: tuple[int, int, int],
    scope: Scope,
    caller: tuple[datetime, bytes],
) -> None:
    now, digest = caller
    who = (scope["client"][0], digest.hex()[:8])
    _connection().execute(LEDGER, [_stamp(now), kind, project, *what, *who])


def _stamp(now: datetime) -> Any:
    return str(now.replace(tzinfo=None)) if ON_SQLITE else now


def _fetch(statement: str, params: list[Any]) -> list[Any]:
    found: list[Any] = _connection().execute(statement, params).fetchall()
    return found


@cache
def _connection() -> Any:
    return _sqlite() if ON_SQLITE else _postgresql()


def _sqlite() -> Any:
    connection = dbapi2.connect(DATABASE["NAME"], isolation_level=None)
    connection.executescript(DATABASE["OPTIONS"]["init_command"] + "PRAGMA foreign_keys=ON;")
    return connection


def _postgresql() -> Any:
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    where: dict[str, Any] = {name: DATABASE[key] for name, key in names.items() if DATABASE[key]}
    options: dict[str, Any] = {"prepare_threshold": 2, "options": "-c jit=off -c timezone=UTC"}
    return psycopg.connect(**where, **options, autocommit=True)
