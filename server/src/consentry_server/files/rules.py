"""What is wrong with an upload; names of files; signed links. No database, no clock."""

import re
import struct
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, Literal, NamedTuple

from consentry_server.common import strict
from consentry_server.common.errors import Invalid
from consentry_server.common.keys import mac

LINK_FOR = 3600  # seconds that a download link works
TARGET_FOR = 600  # seconds that the address works to which it leads
UPLOAD_FOR = 6 * 3600  # seconds that an upload may take; a resumable one, after its last bytes
MAX_METADATA = 1_000_000
MAX_TAGS = 1_000
MAX_DATATYPES = 1_000
NAMED_AT_MOST = 20  # things that are wrong, in one sentence
MAX_NAME = 255  # bytes, as on most disks
REQUIRED = "This field is required."


# --- names


def clean_basename(name: str) -> str:
    """Return the last part of a name, without what a disk, a shell or a screen could misread; "" if none is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = re.sub(r"[^-\w.]", "", last.strip().replace(" ", "_"))
    return "" if kept in (".", "..") else _fitting(kept)


def exact_basename(name: str) -> str:
    """Return the last part of a name as it is, but for what no screen shows; "" if none is left."""
    last = re.split(r"[/\\]", name.strip())[-1]
    kept = "".join(filter(str.isprintable, last)).strip()
    return "" if kept in (".", "..") else _fitting(kept)


def _fitting(name: str) -> str:
    """Cut a name to 255 bytes between two characters, keeping its ending."""
    excess = len(name.encode()) - MAX_NAME
    if excess <= 0:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    room = MAX_NAME - len(f"{dot}{ending}".encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending


_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)  # no file on Windows


def unpacked_name(basename: str, file_id: int, taken: set[str]) -> str:
    """Return a name that can be unpacked anywhere, unlike those taken, even where case does not matter; take it."""
    name = clean_basename(basename).rstrip(".") or "file"
    if _DEVICES.match(name):
        name = f"_{name}"
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    number = 0
    while name.casefold() in taken:
        number += 1
        behind = f"-{file_id}{f'-{number}' if number > 1 else ''}{dot}{ending}"
        name = stem.encode()[: MAX_NAME - len(behind.encode())].decode(errors="ignore") + behind
    taken.add(name.casefold())
    return name


# --- metadata


def read_metadata(text: str | None) -> tuple[str, dict[str, Any]]:
    """Return metadata as it is kept and as a dictionary; raises Invalid with the first thing that is wrong."""
    if not text or not text.strip():
        raise _wrong(REQUIRED)
    if len(text) > MAX_METADATA:
        raise _wrong(f"The metadata may have {MAX_METADATA} characters at most.")
    try:
        value = strict.parse_json(text)
    except strict.NotStrict:
        raise _wrong("could not parse the uploaded metadata") from None
    if not isinstance(value, dict):
        raise _wrong("could not parse the uploaded metadata")
    for fault in (_description_fault, _tags_fault, _dates_fault, _checksum_fault):
        found = fault(value)
        if found:
            raise _wrong(found)
    return strict.compact_json(text), value


def _wrong(reason: str) -> Invalid:
    return Invalid({"metadata": [reason]})


def _description_fault(value: dict[str, Any]) -> str | None:
    if "description" not in value:
        return '"description" is a required field of the metadata'
    return None if isinstance(value["description"], str) else '"description" must be a string'


def _tags_fault(value: dict[str, Any]) -> str | None:
    if "tags" not in value:
        return '"tags" is a required field of the metadata'
    if not isinstance(value["tags"], list):
        return '"tags" must be an array of strings'
    return None if len(value["tags"]) <= MAX_TAGS else f'"tags" may have {MAX_TAGS} items at most'


def _dates_fault(value: dict[str, Any]) -> str | None:
    dates = (value[name] for name in ("creation_date", "start_date", "end_date") if name in value)
    return None if all(map(is_date, dates)) else "Dates must be in ISO 8601 format"


def _checksum_fault(value: dict[str, Any]) -> str | None:
    if "md5" in value and not _matches(r"[0-9A-Za-z]{32}", value["md5"]):
        return "Invalid MD5 specified"
    if "sha256" in value and not _matches(r"[0-9a-fA-F]{64}\Z", value["sha256"]):
        return "Invalid SHA-256 specified"
    return None


def _matches(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.match(pattern, value, re.ASCII) is not None


def is_date(value: object) -> bool:
    """Say whether this is an ISO 8601 date or time, or seconds since 1970."""
    try:
        if isinstance(value, str):
            _parse_date(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            datetime.fromtimestamp(value, UTC)
        else:
            return False
    except (ValueError, OverflowError, OSError):
        return False
    return True


def _parse_date(text: str) -> datetime:
    if len(text) > 40 or not text.isascii():
        raise ValueError(text)
    if re.fullmatch(r"\d{4}", text):
        text += "-01-01"
    elif re.fullmatch(r"\d{4}-\d\d", text):
        text += "-01"
    elif re.fullmatch(r"\d{9,11}", text):
        return datetime.fromtimestamp(int(text), UTC)
    return datetime.fromisoformat(text)


def read_datatypes(text: str | None) -> list[int] | list[str] | None:
    """Return the ids or the names of data types that an upload gives; None if it says nothing. Raises Invalid."""
    if text is None or not text.strip():
        return None
    try:
        value = strict.parse_json(text)
    except strict.NotStrict:
        value = None
    if not isinstance(value, list) or not all(type(item) in (str, int) for item in value):
        raise _unparsed(text)
    items = list(dict.fromkeys(value))
    if len(items) > MAX_DATATYPES:
        raise Invalid({"datatypes": [f"A file may be of {MAX_DATATYPES} data types at most."]})
    ids = [number for item in items if (number := strict.integer(item)) is not None]
    if len(ids) == len(items):
        return list(dict.fromkeys(ids))
    if ids and not all(isinstance(item, str) for item in items):
        raise _unparsed(text)  # some ids and some names
    return [str(item) for item in items]


def keepable_ids(ids: Iterable[int]) -> str:
    """Write ids of data types as a file keeps them."""
    return ",".join(map(str, sorted(ids)))


def _unparsed(text: str) -> Invalid:
    return Invalid({"datatypes": [f"Could not parse the uploaded datatypes from: {text[:200]!r}"]})


# --- links


class Link(NamedTuple):
    """Who a link was made for: an authorization of a project, or the member whose file it is; and until when."""

    role: Literal["a", "m"]
    holder_id: int
    expires: int  # seconds since 1970


_SIGNED = struct.Struct(">ccQQ")
_LINK = re.compile(r"([am])([0-9a-f]{1,15})-([0-9a-f]{1,10})-[0-9a-f]{32}", re.ASCII)


def link_signer(key: bytes, link: Link, *, stage: Literal["link", "target"]) -> Callable[[int], str]:
    """Return a function from a file's id to the text that opens it until the link's end.

    `stage` keeps the two kinds of address apart.
    """
    said = f"{link.role}{link.holder_id:x}-{link.expires:x}-"
    message = _SIGNED.pack(stage[0].encode(), link.role.encode(), link.holder_id, link.expires)
    begun = blake2b(message, key=key, digest_size=16)  # it has read the key: a copy takes half the time of a new one

    def sign(file_id: int) -> str:
        tag = begun.copy()
        tag.update(file_id.to_bytes(8, "big"))
        return said + tag.hexdigest()

    return sign


def sign_link(key: bytes, link: Link, *, stage: Literal["link", "target"], file_id: int) -> str:
    """Return the text that opens one file."""
    return link_signer(key, link, stage=stage)(file_id)


def read_link(key: bytes, text: str, *, stage: Literal["link", "target"], file_id: int, now: datetime) -> Link | None:
    """Return what a link says, or None if it is not ours, for another file, or past its time."""
    match = _LINK.fullmatch(text)
    if match is None or file_id >= 2**63:
        return None
    link = Link("a" if match[1] == "a" else "m", int(match[2], 16), int(match[3], 16))
    expected = sign_link(key, link, stage=stage, file_id=file_id)
    return link if compare_digest(expected, text) and now.timestamp() < link.expires else None


# --- addresses to which a file is sent


def sign_upload(key: bytes, *, file_id: int, largest: int, expires: int) -> str:
    """Return the text that lets one file of at most so many bytes be sent until then (seconds since 1970)."""
    said = f"{largest:x}-{expires:x}-"
    return said + mac(key, f"upload {file_id:x} {said}".encode())


def read_upload(key: bytes, text: str, *, file_id: int, now: datetime) -> int | None:
    """Return how many bytes may be sent to an address; None if it is not ours, for another file, or past its time."""
    match = re.fullmatch(r"([0-9a-f]{1,15})-([0-9a-f]{1,10})-[0-9a-f]{32}", text, re.ASCII)
    if match is None:
        return None
    largest, expires = int(match[1], 16), int(match[2], 16)
    expected = sign_upload(key, file_id=file_id, largest=largest, expires=expires)
    return largest if compare_digest(expected, text) and now.timestamp() < expires else None
