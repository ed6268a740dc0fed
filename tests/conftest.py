"""Fixtures that all doors share: the world, and a client that goes through the whole application."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from pytest_django import Settings

from consentry_server.config.wsgi import application
from tests import world as people
from tests.servers import Demo, demo_server
from tests.world import World

logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes whole addresses, tokens included

# A test holds one transaction open over many requests.
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, settings: Settings) -> None:
    """Give each test its own store and mail box."""
    settings.STORAGE = str(tmp_path / "blobs")
    settings.SITE_URL = "http://testserver"


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
        for page in ("/", "/account/login/"):
            client.get(page).raise_for_status()

    return walk


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
