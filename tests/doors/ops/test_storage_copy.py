"""Moving an installation from one store to the other: nothing lost, whatever happens on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_django import Settings

from consentry_server.files.models import DataFile
from consentry_server.ops.storage import command
from consentry_server.storage import BlobStore, at, current
from tests.contract.sigv4 import Refusal
from tests.contract.stores import LOCATION, Place, variables
from tests.contract.strict_s3 import Handler, Strict
from tests.world import World, give

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(strict: Place, tmp_path: Path, settings: Settings) -> Iterator[Strict]:
    """An empty object store to which this installation could move."""
    assert strict.strict is not None
    strict.empty()
    settings.DATA = tmp_path
    with variables(strict.environment):
        yield strict.strict


def copy(source: str, target: str) -> Result:
    return CliRunner().invoke(command, ["copy", "--from", source, "--to", target], catch_exceptions=False)


def content(store: BlobStore) -> dict[str, bytes]:
    found = {}
    for key, _ in store.keys():  # noqa: SIM118 - not a dictionary
        with store.open(key) as blob:
            found[key] = blob.read()
    return found


def ready(world: World) -> dict[str, bytes]:
    """Make a large file too, and return what there is."""
    give(world.bob, world.source, "large.bin", bytes(range(256)) * 40_000)
    return content(current())


def test_everything_is_copied_there_and_back(world: World, server: Strict, settings: Settings, tmp_path: Path) -> None:
    before = ready(world)
    done = copy(settings.STORAGE, LOCATION)
    assert (done.exit_code, f"files copied: {len(before)} (" in done.stdout) == (0, True)
    assert content(at(LOCATION)) == before
    back = str(tmp_path / "back")
    assert copy(LOCATION, back).exit_code == 0
    assert content(at(back)) == before
    assert content(current()) == before
    assert server.uploads == {}


def test_a_second_run_copies_what_came_meanwhile(world: World, server: Strict, settings: Settings) -> None:
    before = ready(world)
    copy(settings.STORAGE, LOCATION)
    server.asked.clear()
    give(world.alice, world.source, "later.csv", b"later")
    done = copy(settings.STORAGE, LOCATION)
    assert "files copied: 1 (5 bytes)" in done.stdout
    assert f"there already: {len(before)}" in done.stdout
    # what was compared once is not read again
    assert len([line for line in server.asked if line.startswith("GET")]) == 1
    assert content(at(LOCATION)) == content(current())


@pytest.mark.parametrize("nth", range(1, 14, 3))
def test_278_an_interrupted_copy_goes_on_wherever_it_was(
    world: World, server: Strict, settings: Settings, nth: int
) -> None:
    before, left = ready(world), [nth]

    def cut(_: Handler, line: str) -> None:
        left[0] -= 1
        if left[0] <= 0:
            raise Refusal(403, "ServiceUnavailable")

    server.fault = cut
    done = copy(settings.STORAGE, LOCATION)
    assert done.exit_code == 1
    assert "run this again" in done.stderr
    assert content(current()) == before
    server.fault = None
    assert copy(settings.STORAGE, LOCATION).exit_code == 0
    assert content(at(LOCATION)) == before


def test_a_damaged_file_is_named_and_not_copied(world: World, server: Strict, settings: Settings) -> None:
    file = DataFile.objects.get(id=world.file_id)
    path = Path(settings.STORAGE) / file.key[:2] / file.key[2:4] / file.key
    path.write_bytes(b"alice,1\n")
    done = copy(settings.STORAGE, LOCATION)
    assert done.exit_code == 1
    assert f"{file.key}: its bytes are not those that were uploaded" in done.stderr
    assert f"/bucket/some/prefix/blobs/{file.key}" not in server.objects
    path.unlink()
    assert f"{file.key}: its bytes are gone" in copy(settings.STORAGE, LOCATION).stderr


@pytest.mark.usefixtures("world")
def test_bytes_that_arrived_otherwise_are_copied_anew(server: Strict, settings: Settings) -> None:
    done = copy(settings.STORAGE, LOCATION)
    key, other = list(server.objects)[:2]
    server.objects[key] = server.objects[other]
    for journal in settings.DATA.glob("storage-copy-*"):
        journal.unlink()
    done = copy(settings.STORAGE, LOCATION)
    assert "files copied: 1 (" in done.stdout
    assert content(at(LOCATION)) == content(current())


@pytest.mark.usefixtures("server")
def test_what_no_file_has_is_left_behind(world: World, settings: Settings) -> None:
    before = ready(world)
    staged = current().stage()
    staged.write(b"nobody's")
    staged.commit()
    copy(settings.STORAGE, LOCATION)
    assert content(at(LOCATION)) == before


@pytest.mark.usefixtures("server")
def test_a_source_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert copy(str(tmp_path / "typo"), LOCATION).exit_code == 2
    assert not (tmp_path / "typo").exists()
    assert copy(LOCATION, LOCATION).exit_code == 2
