"""What a store promises. A key is opaque: nothing of a person or a file's name is in it."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Protocol

from consentry_server.common.errors import Full, Unavailable


class StoreFull(Full):
    """There is no room left; nothing was kept."""

    def __init__(self) -> None:
        super().__init__("The server has no room left for this file. Nothing was stored; try again later.")


class StoreDown(Unavailable):
    """The store does not work; nothing was kept."""

    def __init__(self) -> None:
        super().__init__("The server cannot store files at the moment. Nothing was stored; try again later.")


class Staged(Protocol):
    """Bytes on their way in. Until `commit` nobody can see them; `discard` leaves no trace."""

    key: str
    size: int

    def write(self, chunk: bytes) -> None:
        """Add bytes; raises StoreFull and StoreDown."""

    def sha256(self) -> str:
        """Return the SHA-256 of what was written so far, in hexadecimal."""

    def md5(self) -> str:
        """Return the MD5 of what was written so far, for those who declare one."""

    def commit(self) -> str:
        """Make the bytes durable under a new key, never over an old one, and return the key."""

    def discard(self) -> None:
        """Forget the bytes. Harmless after `commit` or a second time."""


class BlobStore(Protocol):
    """Six methods; one suite of tests runs against every store."""

    def stage(self) -> Staged:
        """Begin to take bytes in."""

    def open(self, key: str) -> BinaryIO:
        """Return the bytes for reading, at their beginning; raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Remove the bytes; removing what is gone already is fine."""

    def keys(self) -> Iterator[tuple[str, datetime]]:
        """Walk all keys with the time since when they are there."""

    def strays(self) -> Iterator[str]:
        """Name everything that is not a blob in its place: links, pipes, foreign files."""

    def sweep(self, *, older_than: datetime) -> int:
        """Remove staged bytes that nobody is writing any more; return how many there were."""
