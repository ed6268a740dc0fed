"""The inbox of the object store: what clients put there themselves, and what grows over several requests.

What is put whole lies at `inbox/KEY`. What grows lies in parts of one size at `inbox/KEY/NUMBER-LENGTH`; each `flush`
leaves the last part under a new name, so that what was told to be there stays whatever happens to this process.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile

from consentry_server.common.errors import TooLarge
from consentry_server.common.ids import new_key
from consentry_server.storage._bucket import Bucket, Object
from consentry_server.storage._object_reader import Reader
from consentry_server.storage._s3 import trouble
from consentry_server.storage.contract import BlobStore, Pinned

GROWN = 8 << 20  # bytes of a part of what grows
_IN_MEMORY = 1 << 20
_PIECE = 1 << 20


class ObjectInbox:
    """Uploads under way, in a folder of their own beside the blobs."""

    def __init__(self, bucket: Bucket, *, blobs: BlobStore) -> None:
        self._bucket, self._blobs = bucket, blobs

    def address(self, key: str, *, lifetime: timedelta) -> str | None:
        return self._bucket.addresses.to_put(self._bucket.named("inbox", key)["Key"], lifetime=lifetime)

    def grow(self, key: str, *, size: int) -> "ObjectGrowing":
        return ObjectGrowing(Parts(self._bucket, key), size)

    def pin(self, key: str, *, largest: int) -> Pinned:
        parts = Parts(self._bucket, key)
        return self._joined(parts, largest) if parts.lengths else self._copied(key, largest)

    def _joined(self, parts: "Parts", largest: int) -> Pinned:
        """Make one blob of all parts, hashed on the way."""
        _refuse_larger(parts.size(), largest)
        staged = self._blobs.stage()
        try:
            for piece in parts.pieces():
                staged.write(piece)
            return Pinned(staged.commit(), staged.size, staged.sha256(), staged.md5())
        finally:
            staged.discard()

    def _copied(self, key: str, largest: int) -> Pinned:
        """First copy to where no client can put anything, then hash the copy."""
        source, pinned = self._bucket.named("inbox", key), new_key()
        _refuse_larger(self._bucket.about(source)["ContentLength"], largest)
        try:
            self._bucket.copy(source, self._bucket.named("blobs", pinned))
            _refuse_larger(self._blobs.size(pinned), largest)
            return self._hashed(pinned)
        except BaseException:
            self._blobs.delete(pinned)
            raise

    def _hashed(self, key: str) -> Pinned:
        size, sha256, md5 = 0, hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        with self._blobs.open(key) as blob:
            while piece := blob.read(_PIECE):
                size += len(piece)
                sha256.update(piece)
                md5.update(piece)
        return Pinned(key, size, sha256.hexdigest(), md5.hexdigest())

    def forget(self, key: str) -> None:
        self._bucket.remove(self._bucket.named("inbox", key))
        Parts(self._bucket, key).forget()

    def keys(self) -> Iterator[tuple[str, datetime]]:
        last = ""
        for name, _, since in self._bucket.listed("inbox/"):
            key = name.partition("/")[0]
            if key != last:
                yield key, since
            last = key


def _refuse_larger(size: int, largest: int) -> None:
    if size > largest:
        raise TooLarge(f"A file may have {largest} bytes at most.")


class Parts:
    """What is there of an upload that grows: by number of the part, the lengths in which it was left."""

    def __init__(self, bucket: Bucket, key: str) -> None:
        self._bucket, self._key = bucket, key
        self.lengths: dict[int, list[int]] = {}
        for name, _, _ in bucket.listed(f"inbox/{key}/"):
            number, _, length = name.partition("-")
            self.lengths.setdefault(int(number), []).append(int(length))

    def object(self, number: int, length: int) -> Object:
        return self._bucket.named("inbox", f"{self._key}/{number:06d}-{length}")

    def size(self) -> int:
        """Return how many bytes there are from the beginning without a gap."""
        number = 0
        while GROWN in self.lengths.get(number, []):
            number += 1
        return number * GROWN + max(self.lengths.get(number, [0]))

    def pieces(self) -> Iterator[bytes]:
        """Walk all bytes. Raises FileNotFoundError if some were forgotten meanwhile."""
        whole, rest = divmod(self.size(), GROWN)
        for number, length in enumerate([GROWN] * whole + [rest] * bool(rest)):
            yield from self.beginning(number, length)

    def holding(self, number: int, size: int) -> int:
        """Return the length of the shortest that has so many bytes of a part: a longer one may be wrong later on."""
        lengths = [length for length in self.lengths.get(number, []) if length >= size]
        if not lengths:
            raise FileNotFoundError(self._key)
        return min(lengths)

    def beginning(self, number: int, size: int) -> Iterator[bytes]:
        """Walk the first bytes of a part."""
        with Reader(self._bucket.client, self.object(number, self.holding(number, size))) as part:
            while size and (piece := part.read(min(size, _PIECE))):
                size -= len(piece)
                yield piece

    def keep(self, number: int, part: "SpooledTemporaryFile[bytes]", length: int) -> None:
        """Make a part durable in this length."""
        part.seek(0)
        with trouble():
            self._bucket.client.put_object(**self.object(number, length), Body=part)
        self.lengths.setdefault(number, []).append(length)

    def drop(self, number: int, length: int) -> None:
        """Forget a part in a length that has been overtaken."""
        self._bucket.remove(self.object(number, length))

    def check(self, number: int, length: int) -> None:
        """Raise FileNotFoundError if a part is not there any more."""
        self._bucket.about(self.object(number, length))

    def forget(self) -> None:
        """Remove all of it."""
        for number, lengths in self.lengths.items():
            for length in lengths:
                self.drop(number, length)


class ObjectGrowing:
    """The part that is being written, and what is durable of it already."""

    def __init__(self, parts: Parts, size: int) -> None:
        self.size = size
        self._parts = parts
        self._number, self._waiting = divmod(size, GROWN)
        for number in range(self._number):
            parts.holding(number, GROWN)
        # so many bytes of this part are durable, in an object of that length
        self._durable = self._waiting
        self._object = parts.holding(self._number, self._waiting) if self._waiting else 0
        self._part = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by `close`
        try:
            if self._waiting:
                self._part.writelines(parts.beginning(self._number, self._waiting))
        except BaseException:
            self._part.close()
            raise

    def write(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            piece = rest[: GROWN - self._waiting]
            rest = rest[len(piece) :]
            with trouble():
                self._part.write(piece)
            self._waiting += len(piece)
            self.size += len(piece)
            if self._waiting == GROWN:
                self._keep()
                self._begin(self._number + 1)

    def flush(self) -> int:
        if self._waiting > self._durable:
            self._keep()
        return self.size

    def _begin(self, number: int) -> None:
        self._part.seek(0)
        self._part.truncate()
        self._number, self._waiting, self._durable, self._object = number, 0, 0, 0

    def _keep(self) -> None:
        """Make this part durable as it is now; what it replaces goes after that."""
        if self._object:
            self._parts.check(self._number, self._object)
        elif self._number:
            self._parts.check(self._number - 1, GROWN)
        self._parts.keep(self._number, self._part, self._waiting)
        self._part.seek(self._waiting)
        if self._object not in (0, self._waiting):
            self._parts.drop(self._number, self._object)
        self._durable = self._object = self._waiting

    def close(self) -> None:
        self._part.close()
