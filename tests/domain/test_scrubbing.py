"""224: bytes that changed in the store are found, whatever changed them."""

import errno
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest
from pytest_django import Settings

from consentry_server.audit.models import Event
from consentry_server.files.actions import Checked, check_next, delete_own
from consentry_server.files.models import DataFile
from consentry_server.files.queries.checking import unchecked_since
from consentry_server.storage import DiskStore, StoreDown, current
from tests.world import THEN, World, give

NOW = THEN + timedelta(days=1)


def blob(file_id: int) -> Path:
    store = current()
    assert isinstance(store, DiskStore)
    return store.path(DataFile.objects.get(id=file_id).key)


def checked() -> Iterator[Checked]:
    """Check everything once."""
    while found := check_next(before=NOW, now=NOW):
        yield found


def faults() -> dict[int, str]:
    return {found.file_id: found.fault for found in checked() if found.fault}


def damage() -> list[str]:
    return list(Event.objects.filter(name="file.damaged").values_list("about", flat=True))


def test_224_where_all_is_well_each_file_is_read_once(world: World) -> None:
    content = b"much" * 1_000_000
    large = give(world.bob, world.source, "large.bin", content)
    sizes = {found.file_id: found.size for found in checked()}
    assert sizes == dict(DataFile.objects.values_list("id", "size"))
    assert sizes[large] == len(content)
    assert (faults(), damage()) == ({}, [])
    assert set(DataFile.objects.values_list("checked_at", flat=True)) == {NOW}


def test_224_a_flipped_bit_a_cut_end_and_lost_bytes_are_found(world: World) -> None:
    flipped, cut, gone = (give(world.alice, world.source, name, b"steps: 1234") for name in ("a", "b", "c"))
    content = bytearray(blob(flipped).read_bytes())
    content[5] ^= 1
    blob(flipped).write_bytes(content)
    blob(cut).write_bytes(b"steps")
    blob(gone).unlink()
    assert faults() == {
        flipped: "its bytes are not those that were uploaded",
        cut: "has 5 bytes instead of 11",
        gone: "its bytes are gone",
    }
    assert damage() == [f"file:{file_id}" for file_id in (flipped, cut, gone)]
    assert faults() == {}  # each once a round


def test_224_the_oldest_check_comes_first_and_a_run_goes_on_where_the_last_one_stopped(world: World) -> None:
    second, third = (give(world.alice, world.source, name) for name in ("a", "b"))
    DataFile.objects.filter(id=world.file_id).update(checked_at=NOW - timedelta(days=2))
    DataFile.objects.filter(id=third).update(checked_at=NOW - timedelta(days=9))
    others = DataFile.objects.exclude(id__in=[world.file_id, second, third])
    others.update(checked_at=NOW)
    DataFile.objects.exclude(id=second).update(completed_at=THEN - timedelta(days=30))
    assert unchecked_since(NOW - timedelta(days=7)) == 1  # the second came a day ago
    first = check_next(before=NOW, now=NOW)
    assert first is not None
    assert [first.file_id, *(found.file_id for found in checked())] == [second, third, world.file_id]


def test_a_place_that_cannot_be_read_is_a_fault_and_a_store_that_is_down_is_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bad(RawIOBase):
        def read(self, _: int = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    def down(*_: object) -> None:
        raise StoreDown

    DataFile.objects.exclude(id=world.file_id).update(checked_at=NOW)
    monkeypatch.setattr(DiskStore, "open", down)
    with pytest.raises(StoreDown):
        check_next(before=NOW, now=NOW)
    assert DataFile.objects.get(id=world.file_id).checked_at is None
    monkeypatch.setattr(DiskStore, "open", lambda *_: Bad())
    assert faults() == {world.file_id: "its bytes cannot be read (Input/output error)"}


def test_what_its_owner_deletes_meanwhile_is_no_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def deleting(_: DiskStore, key: str) -> BytesIO:
        delete_own(member_id=world.alice.pk, file_id=world.file_id, now=NOW)
        raise FileNotFoundError(key)

    DataFile.objects.exclude(id=world.file_id).update(checked_at=NOW)
    monkeypatch.setattr(DiskStore, "open", deleting)
    assert check_next(before=NOW, now=NOW) == Checked(world.file_id, 8, "")
    assert damage() == []


def test_what_is_deleted_or_under_way_is_not_read(world: World, settings: Settings) -> None:
    assert Path(settings.STORAGE).is_dir()
    DataFile.objects.update(deleted_at=NOW)
    DataFile.objects.filter(id=world.file_id).update(deleted_at=None, completed_at=None)
    assert list(checked()) == []
