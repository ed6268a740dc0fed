"""What `consentry-server check` finds out about a store by trying it."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pytest_django import Settings

from consentry_server.storage import BlobStore, DiskStore, _s3, misplaced
from consentry_server.storage._object import ObjectStore
from consentry_server.storage._trial import faults
from tests.contract.sigv4 import Refusal
from tests.contract.stores import LOCATION, Place, variables
from tests.contract.strict_s3 import Handler, Strict


@pytest.mark.parametrize("store", ["disk", "strict"], indirect=True)  # to moto any address is right
def test_a_good_store_has_no_fault_and_nothing_stays(store: BlobStore) -> None:
    assert list(faults(store)) == []
    assert list(store.keys()) == []


def test_139_a_bucket_that_anybody_can_read_is_refused(objects: ObjectStore, server: Strict) -> None:
    server.public = True
    assert [fault for fault in faults(objects) if "private" in fault] == list(faults(objects)) != []


def test_299_a_bucket_that_keeps_versions_is_refused(objects: ObjectStore, server: Strict) -> None:
    server.versioned = True
    assert "versioning" in "".join(faults(objects))


def test_a_store_that_takes_nothing_is_named(objects: ObjectStore, server: Strict) -> None:
    def refuse(_: Handler, line: str) -> None:
        if line.startswith("PUT"):
            raise Refusal(403, "AccessDenied")

    server.fault = refuse
    assert "AccessDenied" in "".join(faults(objects))


def test_addresses_that_do_not_work_are_told(strict: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    strict.empty()
    monkeypatch.setattr(_s3, "TRIES", 1)
    with variables(strict.environment):
        store = ObjectStore(LOCATION, reached_at="http://127.0.0.1:9")
    assert "STORAGE_ADDRESS" in "".join(faults(store))


@pytest.mark.parametrize("name", ["staging", "inbox"])
def test_286_staging_on_another_file_system_is_told(
    tmp_path: Path, disk: DiskStore, elsewhere: Path, settings: Settings, name: str
) -> None:
    settings.STORAGE = str(tmp_path / "disk")
    assert misplaced() == []
    folder = tmp_path / "disk" / name
    folder.rmdir()
    folder.symlink_to(elsewhere)
    found = "".join(faults(disk))
    assert (os.strerror(errno.EXDEV) if name == "staging" else "does not work") in found
    assert str(folder) in "".join(misplaced())
    assert list(disk.keys()) == list(elsewhere.iterdir()) == []


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system, where the machine has one."""
    memory = Path("/dev/shm")  # noqa: S108 - the one place that most machines have
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs two file systems")
    with TemporaryDirectory(dir=memory) as found:
        yield Path(found)


def test_a_folder_without_rights_is_told(tmp_path: Path, disk: BlobStore) -> None:
    for folder in (tmp_path / "disk").iterdir():
        folder.rmdir()
    assert list(faults(disk))
