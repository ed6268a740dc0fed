"""The inbox of the disk store: one file an upload.

Pinning gives the file a name among the blobs and leaves a link to it here. So a blob that readers are given has one
name only, and nobody writes to it: whoever still brings bytes looks, under a lock, whether the file is still here.
"""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from consentry_server.common.errors import TooLarge
from consentry_server.common.failpoints import reach
from consentry_server.storage._files import make_folder, modified, sync_folder, trouble
from consentry_server.storage.contract import Pinned

_PIECE = 1 << 20


class Blobs(Protocol):
    """What the inbox needs of its store."""

    def path(self, key: str) -> Path:
        """Return where a blob belongs."""

    def open(self, key: str) -> BinaryIO:
        """Return a blob's bytes."""


class DiskInbox:
    """Uploads under way, in a folder of their own beside the blobs."""

    def __init__(self, folder: Path, *, blobs: Blobs) -> None:
        self._folder, self._blobs = folder, blobs
        make_folder(folder)

    def address(self, key: str, *, lifetime: timedelta) -> str | None:  # noqa: ARG002 - it has none
        return None

    def put(self, staged: Path, key: str) -> None:
        """Move a durable file here, in place of what was there."""
        with trouble(), _locked(self._folder):
            staged.replace(self._folder / key)
            sync_folder(self._folder)

    def grow(self, key: str, *, size: int) -> "DiskGrowing":
        with trouble(FileNotFoundError):
            return DiskGrowing(self._folder / key, size)

    def pin(self, key: str, *, largest: int) -> Pinned:
        with trouble(FileNotFoundError):
            blob_key = self._as_blob(key, largest)
            reach("completion.before-hash")
            with self._blobs.open(blob_key) as blob:
                return _hashed(blob_key, blob)

    def forget(self, key: str) -> None:
        with trouble(), suppress(FileNotFoundError):
            (self._folder / key).unlink()
            sync_folder(self._folder)

    def keys(self) -> Iterator[tuple[str, datetime]]:
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # forgotten meanwhile
                    yield entry.name, modified(entry)

    def held(self) -> frozenset[str | int]:
        """Return the keys of blobs that uploads are becoming, and the inodes of files that may be among the blobs."""
        found: set[str | int] = set()
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # forgotten meanwhile
                    found.add(Path(entry.path).readlink().name if entry.is_symlink() else entry.inode())
        return frozenset(found)

    def _as_blob(self, key: str, largest: int) -> str:
        """Return the key of the blob that the bytes here are, or become now."""
        path = self._folder / key
        with _locked(self._folder):
            if path.is_symlink():
                return path.readlink().name
            with _opened(path, os.O_RDONLY) as descriptor, _alone(descriptor) as status:
                if not stat.S_ISREG(status.st_mode):
                    raise FileNotFoundError(key)
                if status.st_size > largest:
                    raise TooLarge(f"A file may have {largest} bytes at most.")
                return self._become(path, status)

    def _become(self, path: Path, status: os.stat_result) -> str:
        """Give a file its place among the blobs. Begun again after a crash, it gets the same one."""
        if status.st_nlink == 1:
            os.utime(path)  # reconcile leaves what is young alone
            status = path.stat()
        said = f"{path.name} {status.st_ino} {status.st_mtime_ns}".encode()
        blob_key = hashlib.blake2b(said, digest_size=16).hexdigest()
        target, link = self._blobs.path(blob_key), path.with_suffix(".link")
        for folder in (target.parent.parent, target.parent):
            make_folder(folder)
        with suppress(FileExistsError):
            os.link(path, target)
        sync_folder(target.parent)
        reach("completion.two-names")
        link.unlink(missing_ok=True)
        link.symlink_to(blob_key)
        link.replace(path)
        sync_folder(self._folder)
        return blob_key


class DiskGrowing:
    """A file of the inbox that is written at its end."""

    def __init__(self, path: Path, size: int) -> None:
        self.size = size
        self._path = path
        self._descriptor = _open_file(path, os.O_RDWR | (0 if size else os.O_CREAT))
        if os.fstat(self._descriptor).st_size < size:
            self.close()
            raise FileNotFoundError(path.name)
        if not size:
            os.fchmod(self._descriptor, 0o600)  # whatever the umask
            sync_folder(path.parent)

    def write(self, chunk: bytes) -> None:
        with trouble(FileNotFoundError), _alone(self._descriptor) as status:
            if status.st_nlink != 1 or not _is(self._path, status):
                raise FileNotFoundError(self._path.name)
            rest = memoryview(chunk)
            while rest:
                written = os.pwrite(self._descriptor, rest, self.size)
                rest, self.size = rest[written:], self.size + written
        reach("resumable.mid-write")

    def flush(self) -> int:
        with trouble():
            reach("resumable.before-sync")
            os.fsync(self._descriptor)
        return self.size

    def close(self) -> None:
        os.close(self._descriptor)


def _open_file(path: Path, flags: int) -> int:
    """Open a plain file; a link, a pipe or a device is as good as none."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path.name)
    return descriptor


def _is(path: Path, status: os.stat_result) -> bool:
    """Say whether a name is that of a file."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.lstat(), status)
    return False


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _alone(descriptor: int) -> Iterator[os.stat_result]:
    """Hold what is open against every other process that asks; yield what it is like now."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield os.fstat(descriptor)
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep every other process from moving files in a folder."""
    with _opened(folder, os.O_RDONLY | os.O_DIRECTORY) as descriptor, _alone(descriptor):
        yield


def _hashed(key: str, blob: BinaryIO) -> Pinned:
    size, sha256, md5 = 0, hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    while piece := blob.read(_PIECE):
        size += len(piece)
        sha256.update(piece)
        md5.update(piece)
    return Pinned(key, size, sha256.hexdigest(), md5.hexdigest())
