"""Blobs in and out, for tests."""

from consentry_server.storage import BlobStore


def keep(store: BlobStore, content: bytes = b"1,2\n") -> str:
    staged = store.stage()
    try:
        staged.write(content)
        return staged.commit()
    finally:
        staged.discard()


def read(store: BlobStore, key: str) -> bytes:
    with store.open(key) as blob:
        return blob.read()
