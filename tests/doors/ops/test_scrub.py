"""224: the command that finds bytes which changed in the store."""

import logging
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_django import Settings

from consentry_server.files.models import DataFile
from consentry_server.ops import scrub
from consentry_server.storage import DiskStore, StoreDown, current
from tests.contract.stores import LOCATION, Place, variables
from tests.world import THEN, World, give

pytestmark = pytest.mark.django_db


def run(*words: str) -> Result:
    return CliRunner().invoke(scrub.command, words, catch_exceptions=False)


def blob(file_id: int) -> Path:
    store = current()
    assert isinstance(store, DiskStore)
    return store.path(DataFile.objects.get(id=file_id).key)


@pytest.mark.usefixtures("world")
def test_224_a_good_store_is_read_whole() -> None:
    done = run()
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"files read: {DataFile.objects.count()} (" in done.stdout
    assert "damaged: 0" in done.stdout


def test_224_wrong_files_are_errors_of_their_own_and_end_with_1(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub, "start", lambda: None)  # it would set up logging anew
    gone = give(world.alice, world.source, "secret-name.csv")
    blob(gone).unlink()
    blob(world.file_id).write_bytes(b"alice,2\n")
    done = run("--for", "10m")
    assert (done.exit_code, "damaged: 2" in done.stdout) == (1, True)
    assert [(line.levelno, line.getMessage()) for line in caplog.records] == [
        (logging.ERROR, f"file {world.file_id}: its bytes are not those that were uploaded"),
        (logging.ERROR, f"file {gone}: its bytes are gone"),
    ]
    assert "secret-name" not in caplog.text + done.output


@pytest.mark.usefixtures("world")
def test_224_a_run_ends_in_time_and_says_what_it_did_not_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = iter(range(0, 10_000, 3600))
    monkeypatch.setattr(scrub.time, "monotonic", lambda: next(hours))
    DataFile.objects.update(completed_at="2020-01-01T00:00Z")
    all_files = DataFile.objects.count()
    done = run("--for", "90m")
    assert "files read: 1 (" in done.stdout
    assert done.exit_code == 0
    assert f"{all_files - 1} files were not read for 7 days" in done.stderr


@pytest.mark.usefixtures("world")
def test_a_store_that_lost_all_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "MANY", 1)
    for file_id in DataFile.objects.values_list("id", flat=True):
        blob(file_id).unlink()
    done = run()
    assert (done.exit_code, "damaged: 1\n" in done.stdout, "is it there" in done.stderr) == (1, True, True)


@pytest.mark.usefixtures("world")
def test_a_store_that_is_down_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise StoreDown

    monkeypatch.setattr(DiskStore, "open", down)
    done = run()
    assert (done.exit_code, "does not work" in done.stderr) == (1, True)


@pytest.mark.parametrize("wrong", ["", "10", "m", "0m", "-1m", "1w", "٣m", "9999999d", "10m "])
def test_a_wrong_time_is_refused(wrong: str) -> None:
    done = run("--for", wrong)
    assert (done.exit_code, "such as 10m" in done.stderr) == (2, True)


def test_224_an_object_that_changed_or_went_is_found(
    strict: Place, world: World, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert strict.strict is not None
    strict.empty()
    monkeypatch.setattr(scrub, "start", lambda: None)  # it would set up logging anew
    DataFile.objects.update(deleted_at=THEN)
    settings.STORAGE = LOCATION
    with variables(strict.environment):
        good, other, gone = (give(world.alice, world.source, name, name.encode()) for name in ("a", "b", "c"))
        at = {file.pk: f"/bucket/some/prefix/blobs/{file.key}" for file in DataFile.objects.filter(deleted_at=None)}
        strict.strict.objects[at[other]] = strict.strict.objects[at[good]]
        del strict.strict.objects[at[gone]]
        done = run()
    assert (done.exit_code, "files read: 3 (" in done.stdout) == (1, True)
    assert [line.getMessage() for line in caplog.records if line.name == scrub.log.name] == [
        f"file {other}: its bytes are not those that were uploaded",
        f"file {gone}: its bytes are gone",
    ]
