"""What the parts of the disk store share: folders that only we enter, durable names, and a disk's trouble."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from consentry_server.storage.contract import StoreDown, StoreFull

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def make_folder(folder: Path) -> None:
    """Make a folder durable, for its owner only."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # whatever the umask
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def modified(entry: os.DirEntry[str]) -> datetime:
    """Return when a file was written last."""
    return datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)


@contextmanager
def trouble(*passed: type[OSError]) -> Iterator[None]:
    """Turn the ways in which a disk says that it is full into one, other trouble into one; let what is `passed` be."""
    try:
        yield
    except OSError as error:
        if isinstance(error, (FileExistsError, *passed)):
            raise
        raise StoreFull if error.errno in _FULL else StoreDown from error
