"""A disk that loses what was not synced: after a power cut there is only what an fsync made durable."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Disk:
    """What fsync has made durable: the bytes of files, and the names in folders."""

    def __init__(self) -> None:
        self._bytes: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._links: dict[int, str] = {}

    def note(self, descriptor: int) -> None:
        """Take down what is open as it is now."""
        status = os.fstat(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        if stat.S_ISDIR(status.st_mode):
            self._names[status.st_ino] = {entry.name: entry.inode() for entry in os.scandir(path)}
            for entry in path.iterdir():
                if entry.is_symlink():  # its text is part of the name
                    self._links[entry.lstat().st_ino] = str(entry.readlink())
        else:
            self._bytes[status.st_ino] = path.read_bytes()

    def after_power_cut(self, folder: Path, copy: Path) -> None:
        """Build what a machine finds there when it starts again. Files that were named but never synced are empty."""
        self._build(folder.stat().st_ino, copy, {path.stat().st_ino for path in folder.rglob("*") if path.is_dir()})

    def _build(self, inode: int, copy: Path, folders: set[int]) -> None:
        copy.mkdir(mode=0o700)
        for name, inner in self._names.get(inode, {}).items():
            if inner in folders or inner in self._names:
                self._build(inner, copy / name, folders)
            elif inner in self._links:
                (copy / name).symlink_to(self._links[inner])
            else:
                (copy / name).write_bytes(self._bytes.get(inner, b""))
                (copy / name).chmod(0o600)


@contextmanager
def noted(patch: Callable[[object, str, object], None], *, deaf_to: str = "") -> Iterator[Disk]:
    """Note every fsync; `deaf_to` files or folders, the disk pretends and does nothing: the negative control."""
    disk, real = Disk(), os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        kind = "folders" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "files"
        if kind != deaf_to:
            disk.note(descriptor)

    patch(os, "fsync", fsync)
    yield disk
