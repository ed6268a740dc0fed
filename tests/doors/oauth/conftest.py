"""An app, whoever lets it in, and a clock that can be moved."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.doors.oauth.app import App
from tests.doors.web.conftest import alice, anybody, bob, coordinator, joiner, mails, visit
from tests.world import World, make_app

__all__ = ["alice", "anybody", "bob", "coordinator", "joiner", "mails", "visit"]


AppOf = Callable[..., App]


@dataclass
class Clock:
    now: datetime

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the doors, standing still until it is moved."""
    found = Clock(timezone.now())
    monkeypatch.setattr(timezone, "now", lambda: found.now)
    return found


@pytest.fixture(autouse=True)
def _no_tries_so_far() -> None:
    """Forget how often somebody tried to log in during other tests."""
    cache.clear()


@pytest.fixture
def app_of(world: World, client: httpx.Client) -> AppOf:
    """Make an app with these fields of its project, run by the coordinator."""

    def make(name: str = "Tracker", **fields: object) -> App:
        asks = {"requested_sources": [world.source], "request_username_access": True}
        project, client_id, secret = make_app(world.coordinator, name, **asks | fields)
        return App(client, project, client_id, secret)

    return make


@pytest.fixture
def app(app_of: AppOf) -> App:
    """An app of the older kind: confidential, without PKCE."""
    return app_of()


@pytest.fixture
def public(app_of: AppOf) -> App:
    """An app on people's own machines: it keeps no secret, and begins with a challenge."""
    found = app_of("Pocket", public=True)
    found.secret = ""
    return found


@pytest.fixture
def other(app_of: AppOf) -> App:
    """Somebody else's app."""
    return app_of("Other app")
