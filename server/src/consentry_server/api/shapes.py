"""The shapes on the wire of a member and a file, written straight from rows: a page has a thousand of them."""

from collections.abc import Callable
from datetime import datetime
from json.encoder import encode_basestring as quote

from django.conf import settings

from consentry_server.common.keys import derive
from consentry_server.files.queries import FileRow, MemberRow
from consentry_server.files.rules import LINK_FOR, Link, sign_link


def wire_time(value: datetime) -> str:
    """Return a time in UTC as ISO 8601 with Z; SQLite's know no zone, so it is cut off, not read."""
    return f"{value.isoformat()[: 26 if value.microsecond else 19]}Z"


def label(source_id: int) -> str:
    """Return the name on the wire of a project as a source of files."""
    return f"direct-sharing-{source_id}"


def file_encoder(authorization_id: int, now: datetime) -> Callable[[FileRow], str]:
    """Return a function that writes a file object, with a download link that dies with that authorization."""
    site, key = settings.SITE_URL, derive("links")
    link = Link("a", authorization_id, int(now.timestamp()) + LINK_FOR)

    def encode_file(row: FileRow) -> str:
        file_id, basename, created_at, metadata, source_id = row
        signed = sign_link(key, link, stage="link", file_id=file_id)
        return (
            f'{{"id":{file_id},"basename":{quote(basename)},"created":"{wire_time(created_at)}","datatypes":[],'
            f'"download_url":"{site}/data-management/datafile-download/{file_id}/?key={signed}",'
            f'"metadata":{metadata},"source":"{label(source_id)}",'
            f'"source_project":"{site}/api/public/project/{source_id}/"}}'
        )

    return encode_file


def files_json(member: MemberRow, now: datetime) -> str:
    """Write the list of a member's files."""
    return f"[{','.join(map(file_encoder(member.authorization_id, now), member.files))}]"


def sources_json(member: MemberRow) -> str:
    """Write the sources that were granted; none is named where all are open."""
    return f"[{','.join(quote(label(source)) for source in member.granted)}]"
