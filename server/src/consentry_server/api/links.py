"""`files/links/`: fresh download links for files that a listing named before."""

from django.conf import settings

from consentry_server.api.answers import encode
from consentry_server.api.endpoint import Call
from consentry_server.api.fields import read_fields
from consentry_server.api.shapes import iso
from consentry_server.common.errors import Invalid
from consentry_server.common.keys import derive
from consentry_server.common.strict import integer
from consentry_server.files import actions as files
from consentry_server.files.rules import LINK_FOR, Link, sign_link

MOST = 1000  # files of one request


def links(call: Call) -> tuple[int, bytes]:
    """Return new download links for up to 1,000 files; those that the project may not read are named."""
    ids = _ids(read_fields(call.request).every("file_ids"))
    found = files.read_links(call.caller, ids, address=call.address, now=call.now)
    expires = int(call.now.timestamp()) + LINK_FOR
    minted = [
        {"id": file_id, "download_url": _link(file_id, found[file_id].authorization_id, expires)}
        for file_id in ids
        if file_id in found
    ]
    unreadable = [file_id for file_id in ids if file_id not in found]
    return 200, encode({"expires": iso(expires), "links": minted, "not_readable": unreadable})


def _ids(values: list[object]) -> list[int]:
    """Return the files that are asked for, each once."""
    items = [item for value in values for item in (_split(value) if isinstance(value, str) else [value])]
    if not items:
        raise Invalid({"file_ids": ["This field is required."]})
    ids = list(dict.fromkeys(integer(item) for item in items))
    if len(ids) > MOST:
        raise Invalid({"file_ids": [f"Ask for {MOST} files at most."]})
    found = [file_id for file_id in ids if file_id is not None]
    if len(found) < len(ids):
        raise Invalid({"file_ids": ["Enter a list of whole numbers."]})
    return found


def _split(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _link(file_id: int, authorization_id: int, expires: int) -> str:
    signed = sign_link(derive("links"), Link("a", authorization_id, expires), stage="link", file_id=file_id)
    return f"{settings.SITE_URL}/data-management/datafile-download/{file_id}/?key={signed}"
