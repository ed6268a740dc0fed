"""The names of what is in an archive, without unpacking more than a little of it."""

import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from zipfile import BadZipFile, ZipFile

from consentry_server.web.previews.texts import plain

NAMED = 100  # of what is in an archive
UNPACKED = 1 << 20  # bytes that are unpacked of one, at most
_LONGEST = 200  # characters of a name


@dataclass(frozen=True)
class Entry:
    """Something in an archive, and how large it says that it is."""

    name: str
    size: int


@dataclass(frozen=True)
class Listing:
    """What is in an archive; `count` is how many there are, if that is known."""

    entries: list[Entry]
    count: int | None


def _entry(name: str, size: int) -> Entry:
    return Entry(plain(name)[:_LONGEST], max(size, 0))


def in_zip(end: bytes) -> Listing | None:
    """Return what a zip's list of its contents says, which lies at its end; None if the list is not all in there."""
    try:
        with ZipFile(BytesIO(end)) as archive:
            found = [_entry(one.filename, one.file_size) for one in archive.infolist()[:NAMED]]
            return Listing(found, len(archive.infolist()))
    except (BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
        return None


def in_tar(data: bytes, *, whole: bool) -> Listing:
    """Return what is in the beginning of a tar archive."""
    found = list(islice(_members(data), NAMED + 1))
    return Listing(found[:NAMED], len(found) if whole and len(found) <= NAMED else None)


def _members(data: bytes) -> Iterator[Entry]:
    try:
        with tarfile.open(fileobj=BytesIO(data), mode="r:") as archive:
            for one in archive:
                yield _entry(one.name, one.size)
    except (tarfile.TarError, ValueError, OSError, EOFError):
        return


def unpacked(data: bytes) -> tuple[bytes, bool]:
    """Return the beginning of what is packed in gzip, and whether it is all of it; never more than a few megabytes."""
    inflating = zlib.decompressobj(wbits=31)
    try:
        found = inflating.decompress(data, UNPACKED)
    except zlib.error:
        return b"", False
    return found, inflating.eof


def is_tar(data: bytes) -> bool:
    """Say whether bytes are the beginning of a tar archive."""
    return data[257:262] == b"ustar"
