"""A clock that can be moved, members who have gone, and a look into the store."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from consentry_server.files import actions as files
from tests.world import World, leave


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
def staged(settings: Settings) -> Callable[[], list[Path]]:
    """What lies in the store's staging folder now."""
    return lambda: list((Path(settings.STORAGE) / "staging").glob("*"))


@pytest.fixture
def blobs(settings: Settings) -> Callable[[], list[Path]]:
    """What the store holds now."""
    return lambda: [path for path in Path(settings.STORAGE).glob("??/??/*") if path.is_file()]
