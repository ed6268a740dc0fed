"""A clock that can be moved, members who have gone, and a look into the store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.utils import timezone
from pytest_django import Settings

from consentry_server import storage
from consentry_server.files import actions as files
from tests.contract.stores import LOCATION, Place, variables
from tests.contract.strict_s3 import Strict
from tests.doors.api import acting as apps
from tests.doors.api.acting import Acting
from tests.world import World, leave

# What the first two modules say holds on an object store too: each of their tests runs twice. The others are about it.
BOTH, OBJECTS = ["disk", "objects"], ["objects"]
STORES = {
    "test_seed": BOTH,
    "test_upload": BOTH,
    "test_object_direct_upload": OBJECTS,
    "test_object_downloads": OBJECTS,
}
# The same for a single test.
BOTH_STORES = pytest.mark.parametrize("_storage", BOTH, indirect=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    module = metafunc.module.__name__.rpartition(".")[2]
    if module in STORES:
        metafunc.parametrize("_storage", STORES[module], indirect=True)


@pytest.fixture(autouse=True)
def _storage(request: pytest.FixtureRequest, settings: Settings, _own_folders: None) -> Iterator[None]:
    """Keep the bytes on disk, or in the strict object store."""
    if getattr(request, "param", "disk") == "disk":
        yield
        return
    with on_objects(request.getfixturevalue("strict"), settings):
        yield


@contextmanager
def on_objects(place: Place, settings: Settings) -> Iterator[None]:
    """Keep bytes in an empty object store while this lasts."""
    place.empty()
    settings.STORAGE = LOCATION
    with variables(place.environment), patch.object(storage, "_open", place.open):
        yield


@pytest.fixture
def server(strict: Place) -> Strict:
    """What the strict object store keeps, and how to break it."""
    assert strict.strict is not None
    return strict.strict


@pytest.fixture
def acting(world: World) -> Acting:
    """An app with a token of alice and one of bob, another with one of joiner."""
    return apps.build(world)


@dataclass
class Clock:
    now: datetime

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the doors, standing still until it is moved."""
    found = Clock(datetime.now(UTC).replace(microsecond=0))
    monkeypatch.setattr(timezone, "now", lambda: found.now)
    return found


def departed(world: World) -> None:
    leave(world.of_alice)


def suspended(world: World) -> None:
    files.suspend(member_id=world.alice.pk, suspended=True, actor="test", now=datetime.now(UTC))


def closed(world: World) -> None:
    files.close_account(member_id=world.alice.pk, now=datetime.now(UTC))


@pytest.fixture(params=[departed, suspended, closed])
def goes(request: pytest.FixtureRequest) -> Callable[[World], None]:
    """Each way in which alice can be gone."""
    way: Callable[[World], None] = request.param
    return way


@pytest.fixture
def staged(request: pytest.FixtureRequest, settings: Settings) -> Callable[[], list[Path]]:
    """What is not whole and lies in the store now: in its staging folder, or as parts that no object was made of."""

    def found() -> list[Path]:
        if settings.STORAGE != LOCATION:
            return list((Path(settings.STORAGE) / "staging").glob("*"))
        return [Path(upload.key) for upload in request.getfixturevalue("strict").strict.uploads.values()]

    return found


@pytest.fixture
def blobs(settings: Settings) -> Callable[[], list[Path]]:
    """What the store holds now; on disk, where it lies."""

    def found() -> list[Path]:
        if settings.STORAGE != LOCATION:
            return [path for path in Path(settings.STORAGE).glob("??/??/*") if path.is_file()]
        return [Path(key) for key, _ in storage.current().keys()]  # noqa: SIM118 - not a dictionary

    return found


@pytest.fixture
def inbox(settings: Settings) -> Callable[[], list[str]]:
    """What was sent to the store and is no file yet."""

    def found() -> list[str]:
        if settings.STORAGE != LOCATION:
            return [path.name for path in (Path(settings.STORAGE) / "inbox").iterdir()]
        return [key for key, _ in storage.current().inbox.keys()]  # noqa: SIM118 - not a dictionary

    return found
