"""Whole files that a proxy sends by itself, once it is told to; `tests/contract/test_nginx.py` has a real one."""

import hashlib

import httpx
import pytest
from pytest_django import Settings

from consentry_server.files import queries
from consentry_server.files.models import DataFile
from consentry_server.storage import DiskStore
from consentry_server.storage import current as current_store
from tests.doors.api.calls import exchange
from tests.world import World, give, leave

pytestmark = pytest.mark.django_db

NAME, CONTENT = "genome_é.csv", bytes(range(256)) * 4


@pytest.fixture
def where(world: World, client: httpx.Client, settings: Settings) -> str:
    """The address of alice's file of 1,024 bytes, behind a proxy that sends whole files."""
    settings.INTERNAL_REDIRECT = "/stored/"
    pk = give(world.alice, world.source, "genome é.csv", CONTENT)
    files = exchange(client, world.token, world.alice_number).json()["data"]
    (link,) = (file["download_url"] for file in files if file["id"] == pk)
    return f"http://testserver{client.get(link).headers['Location']}"


def refused(answer: httpx.Response, words: str) -> None:
    assert answer.status_code == 403
    assert words in answer.text


def test_a_whole_file_is_left_to_the_proxy_once_it_stands_in_the_ledger(
    world: World, client: httpx.Client, where: str
) -> None:
    answer = client.get(where)
    key = DataFile.objects.get(basename=NAME).key
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["X-Accel-Redirect"] == f"/stored/{key[:2]}/{key[2:4]}/{key}"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    (line,) = queries.ledger(world.alice.pk, limit=1, offset=0)
    assert (line.kind, line.size) == ("download", len(CONTENT))


def test_parts_the_head_and_what_is_known_are_answered_here(client: httpx.Client, where: str) -> None:
    part, head = client.get(where, headers={"Range": "bytes=0-9"}), client.head(where)
    known = client.get(where, headers={"If-None-Match": head.headers["ETag"]})
    assert (part.status_code, part.content, head.status_code, known.status_code) == (206, CONTENT[:10], 200, 304)
    assert head.headers["Content-Length"] == "1024"
    assert not [answer for answer in (part, head, known) if "X-Accel-Redirect" in answer.headers]


def test_no_proxy_is_told_of_a_file_that_may_not_be_read_or_is_gone(
    world: World, client: httpx.Client, where: str
) -> None:
    disk = current_store()
    assert isinstance(disk, DiskStore)
    path = disk.path(DataFile.objects.get(basename=NAME).key)
    path.rename(path.with_suffix(".aside"))
    refused(client.get(where), "This file is unavailable.")
    assert queries.ledger(world.alice.pk, limit=1, offset=0)[0].kind != "download"
    path.with_suffix(".aside").rename(path)
    leave(world.of_alice)
    answer = client.get(where)
    refused(answer, "You are not authorized")
    assert "X-Accel-Redirect" not in answer.headers
