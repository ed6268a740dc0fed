"""What every store promises about uploads under way, and what the disk does about planted things and crashes."""

import errno
import os
import stat
from contextlib import suppress
from hashlib import md5, sha256
from pathlib import Path

import pytest

from consentry_server.common import ids
from consentry_server.common.errors import TooLarge
from consentry_server.storage import BlobStore, DiskStore, Growing, StoreDown, StoreFull, _inbox
from tests.contract.planted import PLANTS

LARGE = 10**9


def offer(store: BlobStore, key: str, content: bytes) -> None:
    staged = store.stage()
    try:
        staged.write(content)
        staged.offer(key)
    finally:
        staged.discard()


def grow(store: BlobStore, key: str, size: int, content: bytes) -> int:
    return bring(store.inbox.grow(key, size=size), content)


def bring(growing: Growing, content: bytes) -> int:
    try:
        growing.write(content)
        return growing.flush()
    finally:
        growing.close()


def read(store: BlobStore, key: str) -> bytes:
    with store.open(key) as blob:
        return blob.read()


def test_what_is_offered_is_no_blob_until_it_is_pinned(store: BlobStore) -> None:
    key = ids.new_key()
    offer(store, key, b"offered")
    assert [found for found, _ in store.inbox.keys()] == [key]  # noqa: SIM118 - not a dictionary
    assert (list(store.keys()), list(store.strays())) == ([], [])
    with pytest.raises(FileNotFoundError):
        store.open(key)
    pinned = store.inbox.pin(key, largest=LARGE)
    assert read(store, pinned.key) == b"offered"
    assert (pinned.size, pinned.sha256) == (7, sha256(b"offered").hexdigest())
    assert pinned.md5 == md5(b"offered", usedforsecurity=False).hexdigest()
    store.inbox.forget(key)
    assert [found for found, _ in store.keys()] == [pinned.key]  # noqa: SIM118


def test_212_the_last_offer_is_what_is_pinned(store: BlobStore) -> None:
    key = ids.new_key()
    for content in (b"first", b"second, and longer", b"last"):
        offer(store, key, content)
    assert read(store, store.inbox.pin(key, largest=LARGE).key) == b"last"


def test_211_an_offer_after_the_pin_changes_nothing(store: BlobStore) -> None:
    key = ids.new_key()
    offer(store, key, b"pinned")
    pinned = store.inbox.pin(key, largest=LARGE)
    offer(store, key, b"later!")
    assert read(store, pinned.key) == b"pinned"
    store.inbox.forget(key)
    assert read(store, pinned.key) == b"pinned"


def test_what_is_pinned_stays_in_the_inbox_until_it_is_forgotten(store: BlobStore) -> None:
    key = ids.new_key()
    offer(store, key, b"again")
    for _ in range(2):
        assert read(store, store.inbox.pin(key, largest=LARGE).key) == b"again"
    store.inbox.forget(key)
    store.inbox.forget(key)
    assert list(store.inbox.keys()) == []
    with pytest.raises(FileNotFoundError):
        store.inbox.pin(key, largest=LARGE)


def test_218_more_than_the_largest_is_not_pinned(store: BlobStore) -> None:
    key = ids.new_key()
    offer(store, key, b"12345")
    with pytest.raises(TooLarge):
        store.inbox.pin(key, largest=4)
    assert list(store.keys()) == []
    assert store.inbox.pin(key, largest=5).size == 5


def test_217_bytes_grow_over_several_requests(store: BlobStore) -> None:
    key, content = ids.new_key(), os.urandom(300_000)
    size = 0
    for part in (content[:100], content[100:250_000], content[250_000:]):
        size = grow(store, key, size, part)
    assert size == len(content)
    assert read(store, store.inbox.pin(key, largest=LARGE).key) == content


def test_217_what_was_not_flushed_does_not_count(store: BlobStore) -> None:
    key = ids.new_key()
    size = grow(store, key, 0, b"kept,")
    growing = store.inbox.grow(key, size=size)
    growing.write(b"wrong and longer")
    growing.close()
    assert grow(store, key, size, b"right and longer") == 21
    assert read(store, store.inbox.pin(key, largest=LARGE).key) == b"kept,right and longer"


def test_going_on_behind_bytes_that_are_gone_is_said(store: BlobStore) -> None:
    key = ids.new_key()
    grow(store, key, 0, b"1,2")
    with pytest.raises(FileNotFoundError):
        store.inbox.grow(key, size=4)
    store.inbox.forget(key)
    with pytest.raises(FileNotFoundError):
        store.inbox.grow(key, size=3)


def test_211_nobody_writes_to_what_is_pinned(store: BlobStore) -> None:
    key = ids.new_key()
    size = grow(store, key, 0, b"whole")
    late = store.inbox.grow(key, size=size - 1)
    pinned = store.inbox.pin(key, largest=LARGE)
    with suppress(FileNotFoundError):  # where the blob is a copy, they write to nothing that counts
        bring(late, b"E")
    assert read(store, pinned.key) == b"whole"


def test_nobody_brings_bytes_to_what_is_forgotten(store: BlobStore) -> None:
    key = ids.new_key()
    size = grow(store, key, 0, b"half")
    late = store.inbox.grow(key, size=size)
    store.inbox.forget(key)
    with pytest.raises(FileNotFoundError):
        bring(late, b"more")
    assert list(store.inbox.keys()) == []


# --- uploads under way on the disk


@pytest.mark.parametrize("plant", PLANTS)
def test_155_a_thing_planted_in_the_inbox_is_never_given_to_a_reader(
    disk: DiskStore, tmp_path: Path, plant: object
) -> None:
    outside, key = tmp_path / "secret", ids.new_key()
    outside.write_bytes(b"not for you")
    plant(tmp_path / "disk" / "inbox" / key, outside)  # type: ignore[operator]
    with pytest.raises((FileNotFoundError, StoreDown)):
        disk.inbox.pin(key, largest=LARGE)


def test_261_a_pin_that_was_cut_off_gives_the_same_blob(disk: DiskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ids.new_key()
    offer(disk, key, b"1,2\n")

    def cut(point: str) -> None:
        if point == "completion.two-names":
            raise KeyboardInterrupt

    monkeypatch.setattr(_inbox, "reach", cut)
    with pytest.raises(KeyboardInterrupt):
        disk.inbox.pin(key, largest=LARGE)
    monkeypatch.undo()
    assert (list(disk.keys()), list(disk.strays())) == ([], [])
    pinned = disk.inbox.pin(key, largest=LARGE)
    assert read(disk, pinned.key) == b"1,2\n"
    disk.inbox.forget(key)
    assert [found for found, _ in disk.keys()] == [pinned.key]  # noqa: SIM118 - not a dictionary


def test_158_only_the_owner_can_read_the_inbox(disk: DiskStore, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        grow(disk, "a" * 32, 0, b"1")
        offer(disk, "b" * 32, b"2")
    finally:
        os.umask(before)
    inbox = tmp_path / "disk" / "inbox"
    assert stat.S_IMODE(inbox.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in inbox.iterdir()} == {0o600}


FULL = [errno.ENOSPC, errno.EDQUOT]
BROKEN = [errno.EIO, errno.EMFILE, errno.EROFS]


@pytest.mark.parametrize("code", FULL + BROKEN)
@pytest.mark.parametrize(("step", "work"), [("fsync", "offer"), ("fsync", "grow"), ("pwrite", "grow"), ("link", "pin")])
def test_268_269_a_failing_disk_is_said_and_the_upload_goes_on_later(
    disk: DiskStore, monkeypatch: pytest.MonkeyPatch, step: str, work: str, code: int
) -> None:
    key = ids.new_key()
    works = {
        "offer": lambda: offer(disk, key, b"1,2"),
        "grow": lambda: grow(disk, key, 0, b"1,2"),
        "pin": lambda: disk.inbox.pin(key, largest=LARGE),
    }
    if work == "pin":
        works["offer"]()

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(StoreFull if code in FULL else StoreDown):
            works[work]()
    works[work]()
    assert read(disk, disk.inbox.pin(key, largest=LARGE).key) == b"1,2"
