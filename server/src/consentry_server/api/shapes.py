"""The shapes on the wire of members and files, keys in its order: a page of a thousand is written in one call."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from django.conf import settings
from msgspec import UNSET, Raw, Struct, UnsetType

from consentry_server.common.keys import derive
from consentry_server.files.queries import MemberRow
from consentry_server.files.rules import LINK_FOR, Link, link_signer


class File(Struct, gc=False):  # nothing in it leads back to it
    """A data file, with a download link that dies with the member's authorization."""

    id: int
    basename: str
    created: str
    datatypes: Sequence[str]
    download_url: str
    metadata: Raw
    source: str
    source_project: str
    size: int
    sha256: str
    modified: str


class Member(Struct, gc=False):
    """A member in the listing, with their first files."""

    created: str
    project_member_id: str
    message_permission: bool
    username_shared: bool
    file_count: int
    exchange_member: str
    sources_shared: list[str]
    username: str | None
    data: list[File]


class Members(Struct):
    """A page of members."""

    count: int
    next: str | None
    previous: str | None
    results: list[Member]


class OneMember(Struct):
    """A page of one member's files. A username that is not shared has no key at all."""

    count: int
    next: str | None
    previous: str | None
    created: str
    project_member_id: str
    message_permission: bool
    username_shared: bool
    sources_shared: list[str]
    username: str | UnsetType
    data: list[File]


def listed(member: MemberRow, exchange: str, now: datetime) -> Member:
    """Shape a member of the listing; `exchange` is the address of their own page."""
    return Member(
        created=member.created,
        project_member_id=member.number,
        message_permission=bool(member.may_write),
        username_shared=bool(member.username_shared),
        file_count=member.file_count,
        exchange_member=exchange,
        sources_shared=[label(source) for source in member.granted],  # none is named where all are open
        username=member.username if member.username_shared else None,
        data=_files(member, now),
    )


def alone(member: MemberRow, links: tuple[str | None, str | None], now: datetime) -> OneMember:
    """Shape one member; `links` lead to the next and the previous page of their files."""
    return OneMember(
        count=member.file_count,
        next=links[0],
        previous=links[1],
        created=member.created,
        project_member_id=member.number,
        message_permission=bool(member.may_write),
        username_shared=bool(member.username_shared),
        sources_shared=[label(source) for source in member.granted],
        username=member.username if member.username_shared else UNSET,
        data=_files(member, now),
    )


def _files(member: MemberRow, now: datetime) -> list[File]:
    site = settings.SITE_URL
    link = Link("a", member.authorization_id, int(now.timestamp()) + LINK_FOR)
    sign = link_signer(derive("links"), link, stage="link")
    return [
        File(
            file_id,
            basename,
            created,
            datatype_addresses(datatypes) if datatypes else (),
            f"{site}/data-management/datafile-download/{file_id}/?key={sign(file_id)}",
            Raw(metadata),
            *_source(site, source_id),
            size,
            sha256,
            modified,
        )
        for file_id, basename, created, metadata, source_id, size, sha256, modified, datatypes in member.files
    ]


@lru_cache(maxsize=1024)
def _source(site: str, source_id: int) -> tuple[str, str]:
    return label(source_id), f"{site}/api/public/project/{source_id}/"


def iso(seconds: int) -> str:
    """Return a moment as the wire has it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def label(source_id: int) -> str:
    """Return the name on the wire of a project as a source of files."""
    return f"direct-sharing-{source_id}"


def datatype_addresses(ids: str) -> list[str]:
    """Return the addresses of a file's data types, of which the file keeps the ids."""
    return [f"{settings.SITE_URL}{datatype_path(one)}" for one in ids.split(",")] if ids else []


def datatype_path(datatype_id: int | str) -> str:
    """Return the path of a data type in the public API."""
    return f"/api/public/datatype/{datatype_id}/"
