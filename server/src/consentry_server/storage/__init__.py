"""Where bytes live. `current()` is this installation's store; `BlobStore` is what each can do."""

from functools import lru_cache

from consentry_server.common.configured import configured
from consentry_server.storage import _trial
from consentry_server.storage._disk import DiskStore
from consentry_server.storage.contract import BlobStore, Growing, Inbox, Pinned, Staged, StoreDown, StoreFull

__all__ = [
    "BlobStore",
    "DiskStore",
    "Growing",
    "Inbox",
    "Pinned",
    "Staged",
    "StoreDown",
    "StoreFull",
    "at",
    "current",
    "faults",
    "misplaced",
]


def current() -> BlobStore:
    """Return the store that the setting STORAGE names."""
    return at(configured().STORAGE)


def faults() -> list[str]:
    """Try this installation's store out; return what is wrong with it and how to mend it."""
    return list(_trial.faults(current()))


def misplaced() -> list[str]:
    """Return what keeps the disk store from moving a file into its place, without trying it out."""
    try:
        store = current()
        found = store.apart() if isinstance(store, DiskStore) else []
    except OSError as error:
        return [f"The store of files does not work ({error}). Mend it with: STORAGE, and the rights there"]
    return [
        f"{folder} is on another file system than the rest of STORAGE. Mend it with: a plain folder in its place"
        for folder in found
    ]


def at(location: str) -> BlobStore:
    """Return the store at a folder or at `s3://bucket/prefix`; there is one of each, which all threads share."""
    return _open(location, configured().STORAGE_ADDRESS)


@lru_cache
def _open(location: str, reached_at: str) -> BlobStore:
    if not location.startswith("s3://"):
        return DiskStore(location)
    from consentry_server.storage._object import ObjectStore

    return ObjectStore(location, reached_at=reached_at)
