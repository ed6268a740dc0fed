"""Fixtures that all doors share: the world, and a client that goes through the whole application."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from pytest_django import Settings

from consentry_server.config.wsgi import application
from consentry_server.ops._perform import perform
from consentry_server.outbox import actions as outbox
from tests import world as people
from tests.contract.stores import Place, moto_place, strict_place
from tests.servers import Demo, demo_server
from tests.world import World

logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses, tokens included

# A test holds one transaction open over many requests.
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that at the end all cores have something to do."""
    slow = {item.path for item in items if any(map(item.get_closest_marker, ("slow", "browser", "published")))}
    # the races of threads take forty connections to PostgreSQL, those of servers come long after them
    threads = "test_races.py"
    items.sort(key=lambda item: (item.path.name != threads, item.path not in slow, "ops" not in item.path.parts))


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, settings: Settings) -> None:
    """Give each test its own store, and no calls so far."""
    settings.STORAGE = str(tmp_path / "blobs")
    settings.LIMITS = tmp_path / "limits"
    settings.SITE_URL = "http://testserver"


@pytest.fixture(autouse=True)
def _nothing_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do at once what a thread would do later: it could not see what this test's transaction holds."""
    monkeypatch.setattr("consentry_server.api.limits.aside", lambda work: work())


@pytest.fixture
def world(db: None) -> World:
    return people.build()


@pytest.fixture
def walk_requests(world: World, client: httpx.Client) -> Callable[[], object]:
    """A handful of requests through every door, for the rule that calls never climb."""

    def walk() -> None:
        query = {"access_token": world.token, "project_member_id": world.alice_number}
        for name in ("", "members/", "exchange-member/"):
            client.get(f"/api/direct-sharing/project/{name}", params=query).raise_for_status()
        form = {"project_member_id": world.alice_number, "metadata": people.METADATA}
        part = {"data_file": ("new.csv", b"1,2")}
        upload = "/api/direct-sharing/project/files/upload/"
        client.post(upload, params=query, data=form, files=part).raise_for_status()
        written = {"all_members": "true", "message": "Hello"}
        client.post("/api/direct-sharing/project/message/", params=query, data=written).raise_for_status()
        for page in ("/", "/account/login/"):
            client.get(page).raise_for_status()

    return walk


@pytest.fixture
def drain(db: None) -> Callable[..., int]:
    """Do every effect that is due, now or at the time given, as the worker would; return how many were tried."""

    def drain(now: datetime | None = None) -> int:
        def clock() -> datetime:
            return now or datetime.now(UTC)

        tried = 0
        lease = partial(outbox.lease, kinds=None, worker="test", lease_for=timedelta(minutes=1))
        while effect := lease(now=clock()):
            perform(effect, clock=clock)()
            tried += 1
        return tried

    return drain


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """A client of the real WSGI application, pages and API; it keeps cookies and follows no redirect."""
    transport = httpx.WSGITransport(app=application, raise_app_exceptions=True)
    with httpx.Client(transport=transport, base_url="http://testserver") as found:
        yield found


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A real server with the demo world, for clients outside of this process."""
    with demo_server(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(scope="session")
def moto() -> Iterator[Place]:
    """Moto: the shape of S3, which takes any signature."""
    with moto_place() as found:
        yield found


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Our own strict object store."""
    with strict_place(tmp_path_factory.mktemp("strict")) as found:
        yield found
