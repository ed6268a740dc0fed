"""Writes a zip while it is sent: no temporary file, and no more in memory than a piece and the names."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from io import RawIOBase
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from consentry_server.api.shapes import iso
from consentry_server.common.waiting import apart
from consentry_server.files.actions import Given
from consentry_server.files.rules import unpacked_name

PIECE = 1 << 17  # bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a file. Damaged: its bytes are in the archive, and are not those that were uploaded."""

    name: str
    number: str
    file_id: int
    authorization_id: int
    basename: str
    size: int
    created: str
    sha256: str
    state: str


class Sink(RawIOBase):
    """Where the zip is written; what is in it goes to the client. It cannot seek, so no length is written ahead."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        held, self._held, self.size = b"".join(self._held), [], 0
        return held


@dataclass
class Zip:
    """A zip of files in a folder for each member."""

    entries: list[Entry] = field(default_factory=list)
    _sink: Sink = field(default_factory=Sink)
    _taken: set[str] = field(default_factory=set)
    _number: str = ""

    def pieces(self, given: Iterator[Given], manifest: "Manifest") -> Iterator[bytes]:
        """Write the files as they are given and then the manifest; the first piece comes with the first file."""
        with ZipFile(self._sink, "w", ZIP_STORED) as out:
            for nth, one in enumerate(given):
                yield from self._file(out, one)
                if self._sink.size >= PIECE or not nth:
                    yield from self._ready()
            yield from self._manifest(out, manifest)
        yield from self._ready()

    def _ready(self) -> Iterator[bytes]:
        if self._sink.size:
            yield self._sink.take()

    def _file(self, out: ZipFile, one: Given) -> Iterator[bytes]:
        if one.number != self._number:
            self._number, self._taken = one.number, set()
        name = f"{one.number}/{unpacked_name(one.file.basename, one.file.id, self._taken)}"
        state: str = one.state
        if one.blob is not None:
            info = ZipInfo(name, _moment(one.file.created))
            info.external_attr = 0o100600 << 16
            info.file_size = one.file.size  # tells whether it needs the long form
            digest = sha256()
            with one.blob as blob, out.open(info, "w") as into:
                while chunk := _read(blob):
                    digest.update(chunk)
                    into.write(chunk)
                    if self._sink.size >= PIECE:
                        yield self._sink.take()
            state = "sent" if digest.hexdigest() == one.sha256 else "damaged"
        about = (one.file.basename, one.file.size, one.file.created, one.sha256, state)
        self.entries.append(Entry(name, one.number, one.file.id, one.authorization_id, *about))

    def _manifest(self, out: ZipFile, manifest: "Manifest") -> Iterator[bytes]:
        info = ZipInfo("manifest.json", manifest.made.timetuple()[:6])
        info.external_attr = 0o100600 << 16
        with out.open(info, "w", force_zip64=True) as into:
            for text in manifest.lines(self.entries):
                into.write(text.encode())
                if self._sink.size >= PIECE:
                    yield self._sink.take()


def _read(blob: IO[bytes]) -> bytes:
    with apart():
        return blob.read(PIECE)


def _moment(created: str) -> tuple[int, int, int, int, int, int]:
    """Return a time as a zip can have it: not before 1980."""
    at = datetime.fromisoformat(created)
    return max((at.year, at.month, at.day, at.hour, at.minute, at.second), (1980, 1, 1, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in the archive, written after everything else, so that it is true."""

    made: datetime
    project: str
    describe: Any  # from an entry to what a listing says about the file, or None if it may not be read any more

    def lines(self, entries: list[Entry]) -> Iterator[str]:
        """Write it a file at a time."""
        complete = all(entry.state == "sent" for entry in entries)
        head = {"project": self.project, "made": iso(int(self.made.timestamp())), "complete": complete}
        yield json.dumps(head)[:-1] + ', "files": ['
        for nth, entry in enumerate(entries):
            yield ("," * bool(nth)) + "\n" + self._line(entry)
        yield "\n]}\n"

    def _line(self, entry: Entry) -> str:
        about = {
            "name": entry.name if entry.state in ("sent", "damaged") else None,
            "state": entry.state,
            "project_member_id": entry.number,
            "id": entry.file_id,
            "basename": entry.basename,
            "size": entry.size,
            "sha256": entry.sha256 or None,
            "created": entry.created,
        }
        return json.dumps(about, ensure_ascii=False)[:-1] + f", {self.describe(entry)}}}"
