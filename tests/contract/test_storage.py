"""What every store promises, and what the disk store does about planted things and full disks."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consentry_server.common import ids
from consentry_server.storage import BlobStore, DiskStore, StoreDown, StoreFull, _disk
from tests.contract.planted import PLANTS

SOON = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(params=[0o000, 0o022, 0o277])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def keep(store: BlobStore, content: bytes = b"1,2\n") -> str:
    staged = store.stage()
    staged.write(content)
    return staged.commit()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


# --- the contract


def test_bytes_come_back_as_they_went_in(store: BlobStore) -> None:
    content = os.urandom(300_000)
    with store.open(keep(store, content)) as blob:
        assert blob.read() == content


def test_sums_and_size_are_those_of_what_was_written(store: BlobStore) -> None:
    staged = store.stage()
    for part in (b"alice", b",0\n"):
        staged.write(part)
    assert staged.size == 8
    assert staged.sha256() == "1695438a8c124617a7d72dbb2248b813b76d09b73e2cc83d28f610efa2a706f7"
    assert staged.md5() == "29a2c0bba2e728e2dbc46a499f1908b1"
    staged.discard()


def test_nobody_sees_bytes_before_commit(store: BlobStore) -> None:
    staged = store.stage()
    staged.write(b"1")
    assert list(store.keys()) == []
    with pytest.raises(FileNotFoundError):
        store.open(staged.key)
    staged.discard()


def test_discard_is_harmless_twice_and_after_commit(store: BlobStore) -> None:
    staged = store.stage()
    staged.discard()
    staged.discard()
    staged = store.stage()
    staged.write(b"1")
    key = staged.commit()
    staged.discard()
    with store.open(key) as blob:
        assert blob.read() == b"1"


def test_an_unknown_key_is_not_found(store: BlobStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(ids.new_key())


def test_deleting_what_is_gone_is_fine(store: BlobStore) -> None:
    key = keep(store)
    store.delete(key)
    store.delete(key)
    store.delete(ids.new_key())
    assert list(store.keys()) == []


def test_a_deleted_blob_can_still_be_read_by_whoever_has_it_open(store: BlobStore) -> None:
    key = keep(store, b"going")
    with store.open(key) as blob:
        store.delete(key)
        assert blob.read() == b"going"


def test_keys_names_every_blob_with_the_time_since_when_it_is_there(store: BlobStore) -> None:
    kept = {keep(store, bytes([nth])) for nth in range(20)}
    found = dict(store.keys())
    assert set(found) == kept
    assert all(abs(datetime.now(UTC) - since) < timedelta(minutes=1) for since in found.values())
    assert list(store.strays()) == []


@pytest.mark.parametrize("store", ["disk", "strict"], indirect=True)  # to moto every upload began in 2010
def test_sweep_removes_old_staged_bytes_only(store: BlobStore) -> None:
    key, staged = keep(store), store.stage()
    staged.write(b"left by a crash" * 600_000)
    assert store.sweep(older_than=datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.sweep(older_than=SOON) == 1
    assert [kept for kept, _ in store.keys()] == [key]  # noqa: SIM118 - not a dictionary
    staged.discard()


def test_154_the_same_bytes_a_thousand_times_are_a_thousand_blobs(store: BlobStore) -> None:
    times = 1000 if isinstance(store, DiskStore) else 60  # more than a page of a listing
    assert len({keep(store, b"same") for _ in range(times)}) == len(list(store.keys())) == times


def test_157_keys_are_128_random_bits() -> None:
    keys = [int(ids.new_key(), 16) for _ in range(5000)]
    assert len(set(keys)) == 5000
    ones = [sum(key >> bit & 1 for key in keys) for bit in range(128)]
    # a time, a counter or an address of the machine would leave bits that hardly change
    assert all(2250 < count < 2750 for count in ones)


def test_bytes_may_be_read_from_one_of_them_on(store: BlobStore) -> None:
    content = os.urandom(100_000)
    key = keep(store, content)
    assert store.size(key) == 100_000
    for start in (0, 1, 99_999):
        with store.open(key, start=start) as blob:
            assert blob.tell() == start
            assert blob.read() == content[start:]
    with store.open(key) as blob:
        blob.seek(50_000)
        assert blob.read(3) == content[50_000:50_003]
    with pytest.raises(FileNotFoundError):
        store.size(ids.new_key())


def test_a_commit_never_replaces_a_blob(store: BlobStore) -> None:
    key = keep(store, b"first")
    staged = store.stage()
    staged.write(b"other")
    staged.key = key
    with pytest.raises(FileExistsError):
        staged.commit()
    staged.discard()
    with store.open(key) as blob:
        assert blob.read() == b"first"


@pytest.mark.parametrize("size", [8 << 20, (8 << 20) + 1, 20 << 20])
def test_a_large_blob_comes_back_as_it_went_in(store: BlobStore, size: int) -> None:
    content = os.urandom(size)
    staged = store.stage()
    for start in range(0, size, 1 << 20):
        staged.write(content[start : start + (1 << 20)])
    key = staged.commit()
    assert staged.sha256() == hashlib.sha256(content).hexdigest()
    with store.open(key) as blob:
        assert hashlib.sha256(blob.read()).hexdigest() == staged.sha256()
    assert store.sweep(older_than=SOON) == 0


# --- the disk


@pytest.mark.usefixtures("_umask")
def test_158_only_the_owner_can_enter_and_read_whatever_the_umask(tmp_path: Path) -> None:
    root = tmp_path / "blobs"
    keep(DiskStore(str(root)))
    staged = DiskStore(str(root)).stage()
    for path in (root, *root.rglob("*")):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    staged.discard()


@pytest.mark.parametrize("plant", PLANTS)
def test_155_a_planted_thing_is_not_opened_and_is_reported(disk: DiskStore, tmp_path: Path, plant: object) -> None:
    outside, path = tmp_path / "secret", disk.path(keep(disk))
    outside.write_bytes(b"not for you")
    path.unlink()
    plant(path, outside)  # type: ignore[operator]
    with pytest.raises(FileNotFoundError):
        disk.open(path.name)
    assert list(disk.keys()) == []
    assert list(disk.strays()) == [str(path)]


def test_155_a_link_in_the_place_of_a_folder_is_not_followed(disk: DiskStore, tmp_path: Path) -> None:
    path = disk.path(keep(disk))
    elsewhere = tmp_path / "elsewhere"
    path.parent.rename(elsewhere)
    path.parent.symlink_to(elsewhere)
    with pytest.raises(FileNotFoundError):
        disk.open(path.name)
    assert list(disk.strays()) == [str(path.parent)]


def test_155_a_foreign_file_is_reported(disk: DiskStore, tmp_path: Path) -> None:
    foreign = tmp_path / "disk" / "notes.txt"
    foreign.write_text("mine")
    assert list(disk.strays()) == [str(foreign)]


FULL = [errno.ENOSPC, errno.EDQUOT]
BROKEN = [errno.EIO, errno.EMFILE, errno.EROFS]


@pytest.mark.parametrize("code", FULL + BROKEN)
@pytest.mark.parametrize("step", ["fsync", "link", "sync_folder", "write"])
def test_269_a_failing_disk_is_said_and_leaves_nothing(
    disk: DiskStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    keep(disk)
    before = set(files(tmp_path))
    staged = disk.stage()
    break_step(monkeypatch, staged, step, code)
    with pytest.raises(StoreFull if code in FULL else StoreDown):
        write_and_commit(staged)
    monkeypatch.undo()
    staged.discard()
    assert set(files(tmp_path)) == before


def break_step(monkeypatch: pytest.MonkeyPatch, staged: _disk.DiskStaged, step: str, code: int) -> None:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    if step == "write":

        class Failing:
            write = staticmethod(fail)
            close = staged._file.close

        monkeypatch.setattr(staged, "_file", Failing())
    elif step == "sync_folder":
        monkeypatch.setattr(_disk, "sync_folder", fail)
    else:
        monkeypatch.setattr(os, step, fail)


def write_and_commit(staged: _disk.DiskStaged) -> None:
    staged.write(b"1,2\n")
    staged.commit()
