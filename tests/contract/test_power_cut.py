"""A power cut right after an acknowledgment: what was told to be safe is there. Without an fsync it is not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from consentry_server.common import ids
from consentry_server.storage import DiskStore
from tests.contract.power import Disk, noted

CONTENT = os.urandom(100_000)
LARGE = 10**9
Journey = Callable[[DiskStore], Callable[[DiskStore], bytes]]


def read(store: DiskStore, key: str) -> bytes:
    with store.open(key) as blob:
        return blob.read()


def simple(store: DiskStore) -> Callable[[DiskStore], bytes]:
    """Upload in one request; afterwards the file must be there."""
    staged = store.stage()
    staged.write(CONTENT)
    key = staged.commit()
    staged.discard()
    return lambda later: read(later, key)


def sent(store: DiskStore) -> Callable[[DiskStore], bytes]:
    """Send bytes to an address; afterwards it must be possible to complete them."""
    key, staged = ids.new_key(), store.stage()
    staged.write(CONTENT)
    staged.offer(key)
    staged.discard()
    return lambda later: read(later, later.inbox.pin(key, largest=LARGE).key)


def completed(store: DiskStore) -> Callable[[DiskStore], bytes]:
    """Complete what was sent; afterwards the file must be there."""
    key, staged = ids.new_key(), store.stage()
    staged.write(CONTENT)
    staged.offer(key)
    pinned = store.inbox.pin(key, largest=LARGE)
    store.inbox.forget(key)
    return lambda later: read(later, pinned.key)


def in_parts(store: DiskStore) -> Callable[[DiskStore], bytes]:
    """Be told an offset; afterwards it must be possible to go on there."""
    key, size = ids.new_key(), 0
    for part in (CONTENT[:10], CONTENT[10:50_000]):
        growing = store.inbox.grow(key, size=size)
        growing.write(part)
        size = growing.flush()
        growing.close()

    def go_on(later: DiskStore) -> bytes:
        growing = later.inbox.grow(key, size=size)
        growing.write(CONTENT[size:])
        growing.flush()
        growing.close()
        return read(later, later.inbox.pin(key, largest=LARGE).key)

    return go_on


JOURNEYS: list[Journey] = [simple, sent, completed, in_parts]


def after(journey: Journey, tmp_path: Path, patch: pytest.MonkeyPatch, *, deaf_to: str = "") -> bytes | None:
    """Cut the power after a journey and return what is found then; None if nothing is."""
    store = DiskStore(str(tmp_path / "store"))
    with patch.context() as patched, noted(patched.setattr, deaf_to=deaf_to) as disk:
        start(disk, tmp_path / "store")
        look = journey(store)
    disk.after_power_cut(tmp_path / "store", tmp_path / "later")
    try:
        return look(DiskStore(str(tmp_path / "later")))
    except FileNotFoundError:
        return None


def start(disk: Disk, folder: Path) -> None:
    """The store itself was there before."""
    for path in (folder, folder / "staging", folder / "inbox"):
        descriptor = os.open(path, os.O_RDONLY)
        disk.note(descriptor)
        os.close(descriptor)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_266_what_was_acknowledged_outlives_a_power_cut(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert after(journey, tmp_path, monkeypatch) == CONTENT


@pytest.mark.parametrize("what", ["files", "folders"])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_266_without_the_fsync_the_loss_is_seen(
    journey: Journey, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert after(journey, tmp_path, monkeypatch, deaf_to=what) != CONTENT
