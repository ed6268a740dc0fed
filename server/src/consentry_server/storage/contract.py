"""What a store promises. A key is opaque: nothing of a person or a file's name is in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    """Bytes on their way in. Until `commit` nobody can see them; `discard` leaves no trace.

    The key is a new one; whoever moves bytes from another store may set the one they have, before the first `write`.
    """

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

    def offer(self, key: str) -> None:
        """Make the bytes durable under a key of the inbox instead, in place of what was there."""

    def discard(self) -> None:
        """Forget the bytes. Harmless after `commit`, after `offer` or a second time."""


class BlobStore(Protocol):
    """Ten methods, and an inbox; one suite of tests runs against every store."""

    @property
    def inbox(self) -> "Inbox":
        """Where uploads under way wait."""

    def stage(self) -> Staged:
        """Begin to take bytes in."""

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """Return the bytes for reading, from one of them on; raises FileNotFoundError and StoreDown."""

    def size(self, key: str) -> int:
        """Return how many bytes there are; raises FileNotFoundError and StoreDown."""

    def delete(self, key: str) -> None:
        """Remove the bytes; removing what is gone already is fine. Raises StoreDown."""

    def keys(self) -> Iterator[tuple[str, datetime]]:
        """Walk all keys with the time since when they are there; what is still in the inbox too may be left out."""

    def strays(self) -> Iterator[str]:
        """Name everything that is not a blob in its place: links, pipes, foreign files."""

    def sweep(self, *, older_than: datetime) -> int:
        """Remove staged bytes that nobody is writing any more; return how many there were."""

    def address(self, key: str, *, name: str, lifetime: timedelta) -> str | None:
        """Return where anybody can download the bytes for so long, under that name and never to be run.

        None: the store has no address of its own, so that the bytes must go through this server.
        """

    def inside(self, key: str) -> str | None:
        """Return the path of the bytes below the store's folder, for a proxy that reads it. None: it has no folder."""

    def tag(self, key: str) -> str | None:
        """Return the entity tag with which the bytes come from that address; raises FileNotFoundError and StoreDown."""

    def keeps_versions(self) -> bool:
        """Say whether what is deleted stays as an older version, as far as the store tells."""


@dataclass(frozen=True)
class Pinned:
    """Bytes out of the inbox that are a blob now, which nobody but this server can change."""

    key: str
    size: int
    sha256: str
    md5: str


class Growing(Protocol):
    """Bytes under a key of the inbox that come in over several requests, each going on where the last one ended."""

    size: int

    def write(self, chunk: bytes) -> None:
        """Add bytes; raises StoreFull, StoreDown, and FileNotFoundError if they were forgotten meanwhile.

        What was pinned meanwhile does not change by it; here too it may be FileNotFoundError.
        """

    def flush(self) -> int:
        """Make all that was written durable, whatever happens to this process; return the size."""

    def close(self) -> None:
        """Let go of what this process holds. What was flushed stays."""


class Inbox(Protocol):
    """Where bytes wait that clients bring in their own time. Its keys are no blobs: no reader is ever given one.

    A key is made by `common.ids.new_key`; it costs nothing until bytes come.
    """

    def address(self, key: str, *, lifetime: timedelta) -> str | None:
        """Return where anybody can PUT bytes under a key for so long, as often as they like.

        None: the store has no address of its own, so that they come through this server: `Staged.offer`.
        It knows no largest size: `pin` does.
        """

    def grow(self, key: str, *, size: int) -> Growing:
        """Go on with bytes that come in parts, behind the first `size` of them, which `flush` has made durable.

        What came after those is dropped, as it was cut off or found to be wrong. The first time `size` is 0.
        Two requests may do so at once, as a server notices late that a client went away: they write the same.
        Raises FileNotFoundError if those bytes are not there.
        """

    def pin(self, key: str, *, largest: int) -> Pinned:
        """Make a blob of exactly the bytes that are hashed here. No later PUT can change it.

        The bytes stay in the inbox until `forget`. Raises FileNotFoundError if none came, TooLarge, StoreDown.
        """

    def forget(self, key: str) -> None:
        """Remove what came under a key, if anything did."""

    def keys(self) -> Iterator[tuple[str, datetime]]:
        """Walk all keys under which bytes came, with the time since when they are there."""
