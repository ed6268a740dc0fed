"""Where bytes live. `current()` is this installation's store; `BlobStore` is what each can do."""

from functools import lru_cache

from django.conf import settings

from consentry_server.storage._disk import DiskStore
from consentry_server.storage.contract import BlobStore, Staged, StoreDown, StoreFull

__all__ = ["BlobStore", "DiskStore", "Staged", "StoreDown", "StoreFull", "current"]


def current() -> BlobStore:
    """Return the store that the setting STORAGE names."""
    return _open(settings.STORAGE)


@lru_cache
def _open(location: str) -> BlobStore:
    return DiskStore(location)
