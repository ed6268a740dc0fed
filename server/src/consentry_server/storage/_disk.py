"""The disk store: one file a blob, in folders by the first digits of its key."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import BinaryIO, cast

from consentry_server.common.failpoints import reach
from consentry_server.common.ids import new_key
from consentry_server.storage._files import make_folder, modified, sync_folder, trouble
from consentry_server.storage._inbox import DiskInbox

_NOT_A_BLOB = (errno.ELOOP, errno.ENOTDIR, errno.ENXIO)  # link, not a folder, socket


class DiskStore:
    """Blobs under one folder. It holds the staging area too: no rename crosses file systems."""

    def __init__(self, location: str) -> None:
        self._root = Path(location)
        self._staging = self._root / "staging"
        for folder in (self._root, self._staging):
            make_folder(folder)
        self.inbox = DiskInbox(self._root / "inbox", blobs=self)

    def apart(self) -> list[str]:
        """Name the folders that lie on another file system than the blobs: nothing could be moved from there."""
        here = self._root.stat().st_dev
        return [str(folder) for folder in (self._staging, self._root / "inbox") if folder.stat().st_dev != here]

    def stage(self) -> "DiskStaged":
        with trouble():
            return DiskStaged(self, self._staging)

    def path(self, key: str) -> Path:
        return self._root / self.inside(key)

    def inside(self, key: str) -> str:
        return f"{key[:2]}/{key[2:4]}/{key}"

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        try:
            descriptor = self._open(key)
        except OSError as error:
            if error.errno in _NOT_A_BLOB:
                raise FileNotFoundError(key) from error
            raise
        status = os.fstat(descriptor)
        # a planted link, pipe or device is not a blob
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            os.close(descriptor)
            raise FileNotFoundError(key)
        blob = FileIO(descriptor, "rb")
        if start:
            blob.seek(start)
        return cast("BinaryIO", blob)

    def size(self, key: str) -> int:
        with self.open(key) as blob:
            return os.fstat(blob.fileno()).st_size

    def _open(self, key: str) -> int:
        """Go down one folder at a time, so that no part of the path can be a link to elsewhere."""
        folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        for name in (key[:2], key[2:4]):
            folder = _open_inside(folder, name, os.O_RDONLY | os.O_DIRECTORY)
        return _open_inside(folder, key, os.O_RDONLY | os.O_NONBLOCK)

    def delete(self, key: str) -> None:
        reach("deletion.before-unlink")
        with trouble(), suppress(FileNotFoundError):
            self.path(key).unlink()
            sync_folder(self.path(key).parent)

    def keys(self) -> Iterator[tuple[str, datetime]]:
        held = self.inbox.held()
        for entry in self._entries():
            if entry.name not in held and self._is_blob(entry):
                yield entry.name, modified(entry)

    def strays(self) -> Iterator[str]:
        held = self.inbox.held()
        return (entry.path for entry in self._entries() if entry.inode() not in held and not self._is_blob(entry))

    def sweep(self, *, older_than: datetime) -> int:
        swept = 0
        with os.scandir(self._staging) as entries:
            for entry in entries:
                with suppress(FileNotFoundError, IsADirectoryError):  # kept or discarded meanwhile
                    if modified(entry) < older_than:
                        Path(entry).unlink()
                        swept += 1
        return swept

    def address(self, key: str, *, name: str, lifetime: timedelta) -> str | None:  # noqa: ARG002 - it has none
        return None

    def tag(self, key: str) -> str | None:  # noqa: ARG002 - it has no address
        return None

    def keeps_versions(self) -> bool:
        return False

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        with os.scandir(self._root) as entries:
            for entry in entries:
                if entry.name not in ("staging", "inbox"):
                    yield from _walk(entry, depth=2)

    def _is_blob(self, entry: os.DirEntry[str]) -> bool:
        if Path(entry.path) != self.path(entry.name) or not entry.is_file(follow_symlinks=False):
            return False
        # a second name is a planted link, except while `commit` gives the file its last one
        return _names(entry.path) < 2 or (self._staging / entry.name).exists() or _names(entry.path) < 2


class DiskStaged:
    """A file in the staging area, hashed while it is written."""

    def __init__(self, store: DiskStore, folder: Path) -> None:
        self.key = new_key()
        self.size = 0
        self._store = store
        self._path = folder / self.key
        self._hash = hashlib.sha256()
        descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.fchmod(descriptor, 0o600)  # whatever the umask
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        reach("upload.staged")

    def write(self, chunk: bytes) -> None:
        with trouble():
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest) :]
        reach("upload.mid-write")
        self._hash.update(chunk)
        self.size += len(chunk)

    def sha256(self) -> str:
        return self._hash.hexdigest()

    def md5(self) -> str:
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()

    def commit(self) -> str:
        target = self._store.path(self.key)
        with trouble():
            self._sync()
            for folder in (target.parent.parent, target.parent):
                make_folder(folder)
            # unlike rename, link never replaces what is there
            os.link(self._path, target)
            reach("upload.before-folder-sync")
            try:
                sync_folder(target.parent)
            except OSError:
                target.unlink()
                raise
            self._path.unlink()
        return self.key

    def offer(self, key: str) -> None:
        with trouble():
            self._sync()
        self._store.inbox.put(self._path, key)

    def _sync(self) -> None:
        reach("upload.before-sync")
        os.fsync(self._file.fileno())
        self._file.close()
        reach("upload.before-name")

    def discard(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def _open_inside(folder: int, name: str, flags: int) -> int:
    """Open something in an open folder without following a link, and close the folder."""
    try:
        return os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _walk(entry: os.DirEntry[str], *, depth: int) -> Iterator[os.DirEntry[str]]:
    """Yield what stands at that depth of folders, and what is no folder above it."""
    if not depth or not entry.is_dir(follow_symlinks=False):
        yield entry
        return
    with os.scandir(entry.path) as entries:
        for inner in entries:
            yield from _walk(inner, depth=depth - 1)


def _names(path: str) -> int:
    """Return how many names a file has."""
    with suppress(FileNotFoundError):
        return os.lstat(path).st_nlink
    return 0
