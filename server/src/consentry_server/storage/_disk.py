"""The disk store: one file a blob, in folders by the first digits of its key."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from consentry_server.common.ids import new_key
from consentry_server.storage.contract import StoreFull

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskStore:
    """Blobs under one folder, which also holds the staging area: a rename never crosses file systems."""

    def __init__(self, location: str) -> None:
        self._root = Path(location)
        self._staging = self._root / "staging"
        for folder in (self._root, self._staging):
            _make_folder(folder)

    def stage(self) -> "DiskStaged":
        with _full():
            return DiskStaged(self, self._staging)

    def path(self, key: str) -> Path:
        return self._root / key[:2] / key[2:4] / key

    def open(self, key: str) -> BinaryIO:
        # a planted link, pipe or device is not a blob
        descriptor = os.open(self.path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(key)
        return os.fdopen(descriptor, "rb", buffering=0)

    def delete(self, key: str) -> None:
        with suppress(FileNotFoundError):
            self.path(key).unlink()
            _sync_folder(self.path(key).parent)

    def keys(self) -> Iterator[tuple[str, datetime]]:
        for path in self._root.glob("??/??/*"):
            yield path.name, _modified(path)

    def sweep(self, *, older_than: datetime) -> int:
        stale = [path for path in self._staging.iterdir() if _modified(path) < older_than]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)


class DiskStaged:
    """A file in the staging area, hashed while it is written."""

    def __init__(self, store: DiskStore, folder: Path) -> None:
        self.key = new_key()
        self.size = 0
        self._store = store
        self._path = folder / self.key
        self._hash = hashlib.sha256()
        descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=0)

    def write(self, chunk: bytes) -> None:
        with _full():
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest) :]
        self._hash.update(chunk)
        self.size += len(chunk)

    def sha256(self) -> str:
        return self._hash.hexdigest()

    def md5(self) -> str:
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()

    def commit(self) -> str:
        target = self._store.path(self.key)
        with _full():
            os.fsync(self._file.fileno())
            self._file.close()
            for folder in (target.parent.parent, target.parent):
                _make_folder(folder)
            # unlike rename, link never replaces what is there
            os.link(self._path, target)
            _sync_folder(target.parent)
            self._path.unlink()
        return self.key

    def discard(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


@contextmanager
def _full() -> Iterator[None]:
    """Turn the ways in which a disk says that it is full into one."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull from error
        raise
