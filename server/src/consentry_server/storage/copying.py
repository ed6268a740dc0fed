"""Copies blobs from one store to another: as often as it takes, comparing what arrived."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from consentry_server.storage.contract import BlobStore

PIECE = 1 << 20


@dataclass
class Report:
    """What was done. `wrong` needs a person."""

    copied: int = 0
    there: int = 0
    size: int = 0
    wrong: list[str] = field(default_factory=list)


class Different(Exception):
    """The bytes are not those of the file."""


class Copying:
    """From one store to another, on one journal, in as many runs as it takes."""

    def __init__(self, source: "BlobStore", target: "BlobStore", journal: Path) -> None:
        self._source, self._target, self._journal = source, target, journal
        self._done = set(journal.read_text().split()) if journal.exists() else set()
        self._report = Report()

    def run(self, known: Iterable[tuple[str, str]]) -> Report:
        """Copy the bytes of these keys, each compared with its SHA-256 if known. Raises StoreFull and StoreDown."""
        with self._journal.open("a", buffering=1) as journal:
            for key, sha256 in known:
                if key in self._done and self._has(key):
                    self._report.there += 1
                elif self._moved(key, sha256):
                    journal.write(f"{key}\n")
        return self._report

    def _has(self, key: str) -> bool:
        """Say whether a key that was compared before is still there."""
        try:
            self._target.size(key)
        except FileNotFoundError:
            return False
        return True

    def _moved(self, key: str, sha256: str) -> bool:
        """Copy and compare one file; say whether it is now where it should be."""
        try:
            if self._is_there(key, sha256):
                self._report.there += 1
            else:
                self._copy(key, sha256)
        except FileNotFoundError:
            self._report.wrong.append(f"{key}: its bytes are gone")
            return False
        except Different:
            self._report.wrong.append(f"{key}: its bytes are not those that were uploaded")
            return False
        return True

    def _is_there(self, key: str, sha256: str) -> bool:
        """Say whether an earlier run brought these bytes; what is there and other than they goes."""
        if not self._has(key):
            return False
        if _sum(self._target.open(key)) == (sha256 or _sum(self._source.open(key))):
            return True
        self._target.delete(key)
        return False

    def _copy(self, key: str, sha256: str) -> None:
        staged = self._target.stage()
        staged.key = key
        try:
            for piece in _pieces(self._source.open(key)):
                staged.write(piece)
            if sha256 not in ("", staged.sha256()):
                raise Different
            staged.commit()
        finally:
            staged.discard()
        if _sum(self._target.open(key)) != staged.sha256():
            self._target.delete(key)
            raise Different
        self._report.copied += 1
        self._report.size += staged.size


def _pieces(blob: BinaryIO) -> Iterator[bytes]:
    with blob:
        while piece := blob.read(PIECE):
            yield piece


def _sum(blob: BinaryIO) -> str:
    sha256 = hashlib.sha256()
    for piece in _pieces(blob):
        sha256.update(piece)
    return sha256.hexdigest()
