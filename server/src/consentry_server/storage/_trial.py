"""Tries a store out before people depend on it."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from consentry_server.common.errors import Unavailable
from consentry_server.common.ids import new_key
from consentry_server.storage.contract import BlobStore

_CONTENT = b"Consentry tries its store out. This may be deleted."
_WITHIN = 10  # seconds


def faults(store: BlobStore) -> Iterator[str]:
    """Write, read and delete a few bytes; say what is wrong with the store and how to mend it."""
    try:
        yield from _tried(store)
    except (Unavailable, OSError) as error:
        why = error.__cause__ or error
        yield f"The store of files does not work ({why}). Mend it with: STORAGE, and the rights there"


def _tried(store: BlobStore) -> Iterator[str]:
    staged = store.stage()
    try:
        staged.write(_CONTENT)
        key = staged.commit()
    finally:
        staged.discard()
    try:
        yield from _of_a_blob(store, key)
    finally:
        store.delete(key)


def _of_a_blob(store: BlobStore, key: str) -> Iterator[str]:
    with store.open(key) as blob:
        if blob.read() != _CONTENT:
            yield "The store of files gives back other bytes than it was given. Use another one."
    address = store.address(key, name="trial", lifetime=timedelta(minutes=1))
    if address is not None:
        yield from _of_an_address(address)
    _in_two_steps(store)
    if store.keeps_versions():
        yield "The bucket keeps old versions: what members delete would stay. Mend it with: switch its versioning off"


def _in_two_steps(store: BlobStore) -> None:
    """Bring a few bytes by way of the inbox."""
    staged, handle = store.stage(), new_key()
    try:
        staged.write(_CONTENT)
        staged.offer(handle)
        store.delete(store.inbox.pin(handle, largest=len(_CONTENT)).key)
    finally:
        staged.discard()
        store.inbox.forget(handle)


def _of_an_address(address: str) -> Iterator[str]:
    signed, plain = _status(address), _status(address.partition("?")[0])
    if plain == HTTPStatus.OK:
        yield "Anybody can read files out of the bucket without a signature. Mend it with: make the bucket private"
    if signed != HTTPStatus.OK:
        yield (
            f"Signed addresses of the store answer {signed or 'nothing'} from here. Mend it with: the server's clock,"
            " AWS_DEFAULT_REGION, or STORAGE_ADDRESS"
        )


def _status(address: str) -> int:
    """Return the status of a GET, 0 if nobody answers."""
    url = urlsplit(address)
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=_WITHIN)
    try:
        connection.request("GET", f"{url.path}?{url.query}" if url.query else url.path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
