"""The shapes on the wire of a member and a file, written straight from rows: a page has a thousand of them."""

from datetime import datetime
from json.encoder import encode_basestring as quote

from django.conf import settings

from consentry_server.common.keys import derive
from consentry_server.files.queries import MemberRow
from consentry_server.files.rules import LINK_FOR, Link, link_signer


def label(source_id: int) -> str:
    """Return the name on the wire of a project as a source of files."""
    return f"direct-sharing-{source_id}"


def files_json(member: MemberRow, now: datetime) -> str:
    """Write the list of a member's files, with download links that die with the member's authorization."""
    site = settings.SITE_URL
    link = Link("a", member.authorization_id, int(now.timestamp()) + LINK_FOR)
    sign = link_signer(derive("links"), link, stage="link")
    files = [
        f'{{"id":{file_id},"basename":{quote(basename)},"created":"{created}","datatypes":[],'
        f'"download_url":"{site}/data-management/datafile-download/{file_id}/?key={sign(file_id)}",'
        f'"metadata":{metadata},"source":"direct-sharing-{source_id}",'
        f'"source_project":"{site}/api/public/project/{source_id}/"}}'
        for file_id, basename, created, metadata, source_id in member.files
    ]
    return f"[{','.join(files)}]"


def sources_json(member: MemberRow) -> str:
    """Write the sources that were granted; none is named where all are open."""
    return f"[{','.join(quote(label(source)) for source in member.granted)}]"
