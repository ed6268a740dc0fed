"""The object store: one object a blob, in a bucket of S3 or one of its kin."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from consentry_server.common.ids import new_key
from consentry_server.storage._bucket import INERT, Bucket
from consentry_server.storage._multipart import Multipart
from consentry_server.storage._object_inbox import ObjectInbox
from consentry_server.storage._object_reader import Reader
from consentry_server.storage._s3 import trouble
from consentry_server.storage.contract import StoreDown

PART = 8 << 20  # bytes of a larger file that are sent at once; a store takes 10,000 of them
IN_MEMORY = 1 << 20  # bytes of a part that wait in memory; the rest waits in a nameless file


class ObjectStore:
    """Blobs under `blobs/`, what clients bring under `inbox/`, both behind the prefix of the setting."""

    def __init__(self, location: str, *, reached_at: str = "") -> None:
        self._bucket = Bucket(location, reached_at)
        self.inbox = ObjectInbox(self._bucket, blobs=self)

    def stage(self) -> "ObjectStaged":
        return ObjectStaged(self._bucket)

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        return cast("BinaryIO", Reader(self._bucket.client, self._bucket.named("blobs", key), start))

    def size(self, key: str) -> int:
        return int(self._bucket.about(self._bucket.named("blobs", key))["ContentLength"])

    def inside(self, key: str) -> str | None:  # noqa: ARG002 - it has no folder
        return None

    def tag(self, key: str) -> str | None:
        return str(self._bucket.about(self._bucket.named("blobs", key))["ETag"])

    def keeps_versions(self) -> bool:
        return self._bucket.is_versioned()

    def delete(self, key: str) -> None:
        self._bucket.remove(self._bucket.named("blobs", key))

    def keys(self) -> Iterator[tuple[str, datetime]]:
        return ((name, since) for name, _, since in self._bucket.listed("blobs/") if _is_key(name))

    def strays(self) -> Iterator[str]:
        for name, _, _ in self._bucket.listed(""):
            folder, _, rest = name.partition("/")
            if not (folder in ("blobs", "inbox") and _is_key(rest.partition("/")[0])):
                yield f"s3://{self._bucket.place.bucket}/{self._bucket.place.prefix}{name}"

    def sweep(self, *, older_than: datetime) -> int:
        return self._bucket.end_uploads(older_than=older_than)

    def address(self, key: str, *, name: str, lifetime: timedelta) -> str | None:
        whole = self._bucket.named("blobs", key)
        return self._bucket.addresses.to_get(whole["Key"], name=name, lifetime=lifetime)


def _is_key(name: str) -> bool:
    return len(name) == 32 and set(name) <= set("0123456789abcdef")


class ObjectStaged:
    """Bytes that go to the store part by part; a few of them go at once, with the commit."""

    def __init__(self, bucket: Bucket) -> None:
        self.key = new_key()
        self.size = 0
        self._bucket = bucket
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        self._part = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by `discard`
        self._waiting = 0
        self._upload: Multipart | None = None
        self._writer = secrets.token_hex(16)

    @property
    def _object(self) -> dict[str, Any]:
        return self._bucket.named("blobs", self.key)

    @property
    def _marks(self) -> dict[str, Any]:
        return INERT | {"Metadata": {"writer": self._writer}}

    def write(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            piece = rest[: PART - self._waiting]
            rest = rest[len(piece) :]
            with trouble():
                self._part.write(piece)
            self._waiting += len(piece)
            if self._waiting == PART:
                self._send()
        self._sha256.update(chunk)
        self._md5.update(chunk)
        self.size += len(chunk)

    def _send(self) -> None:
        """Send what waits as the next part."""
        if self._upload is None:
            self._upload = Multipart(self._bucket.client, self._object, self._marks)
        self._part.seek(0)
        self._upload.send(self._part)
        self._part.seek(0)
        self._part.truncate()
        self._waiting = 0

    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def md5(self) -> str:
        return self._md5.hexdigest()

    def commit(self) -> str:
        try:
            self._bucket.create(self._finish)
        except (FileExistsError, StoreDown):
            # the answer to a first try may be lost: then a second one finds what the first one left
            if not self._is_there():
                raise
        else:
            if not self._is_there():
                raise StoreDown
        self._upload = None
        self._part.close()
        return self.key

    def _finish(self, **condition: Any) -> None:
        if self._upload is None:
            self._part.seek(0)
            self._bucket.client.put_object(**self._object, **self._marks, **condition, Body=self._part)
            return
        if self._waiting:
            self._send()
        self._upload.finish(**condition)

    def _is_there(self) -> bool:
        """Say whether the store has all these bytes, written by nobody else."""
        try:
            found = self._bucket.about(self._object)
        except FileNotFoundError:
            return False
        return bool(found["ContentLength"] == self.size and found["Metadata"].get("writer") == self._writer)

    def offer(self, key: str) -> None:
        self.commit()
        self._bucket.copy(self._object, self._bucket.named("inbox", key))
        self._bucket.remove(self._object)

    def discard(self) -> None:
        self._part.close()
        if self._upload is not None:
            self._upload.end()
            self._upload = None
