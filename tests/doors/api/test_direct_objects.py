"""A file in three requests where bytes are kept in an object store: they are sent there, and never pass this server."""

import hashlib
import json
from collections.abc import Callable

import httpx
import pytest
from pytest_django import Settings

from consentry_server.files.models import Pending
from consentry_server.storage import current
from tests.doors.api.calls import INVALID_MEMBER, exchange
from tests.doors.api.files import NOT_PRESENT, announced, complete
from tests.world import World, leave

pytestmark = pytest.mark.parametrize("_storage", ["objects"], indirect=True)
Drain = Callable[..., int]


def kept() -> list[bytes]:
    """Return all blobs but those that the world began with."""
    found = []
    for key, _ in current().keys():  # noqa: SIM118 - not a dictionary
        with current().open(key) as blob:
            found.append(blob.read())
    return [content for content in found if not content.endswith(b",0\n") and content != b"secret\n"]


def waiting() -> int:
    return len(list(current().inbox.keys()))


def sent(client: httpx.Client, world: World, *contents: bytes, **fields: str) -> tuple[int, str]:
    """Ask for an address and send bytes there, with no type and nothing else than the address."""
    file_id, url = announced(client, world, **fields)
    assert not url.startswith("http://testserver")
    for content in contents:
        assert httpx.put(url, content=content).status_code == 200
    return file_id, url


def test_bytes_go_to_the_store_and_become_the_file(world: World, client: httpx.Client) -> None:
    file_id, _ = sent(client, world, b"0123456789")
    for _ in range(2):
        assert complete(client, world, file_id).json() == {"status": "ok", "size": 10}
    page = exchange(client, world.token, world.alice_number).json()["data"]
    file = next(file for file in page if file["id"] == file_id)
    assert file["sha256"] == hashlib.sha256(b"0123456789").hexdigest()
    assert (kept(), waiting()) == ([b"0123456789"], 0)


def test_completing_before_the_bytes_came(world: World, client: httpx.Client) -> None:
    file_id, _ = sent(client, world)
    assert complete(client, world, file_id).json() == NOT_PRESENT


def test_211_212_what_is_complete_never_changes(world: World, client: httpx.Client) -> None:
    file_id, url = sent(client, world, b"first", b"last")
    assert complete(client, world, file_id).json()["size"] == 4
    httpx.put(url, content=b"later, longer")
    assert complete(client, world, file_id).json()["size"] == 4
    assert kept() == [b"last"]


def test_175_bytes_other_than_declared_are_refused_and_gone(world: World, client: httpx.Client) -> None:
    right = hashlib.sha256(b"right").hexdigest()
    metadata = json.dumps({"description": "", "tags": [], "sha256": right})
    file_id, url = sent(client, world, b"wrong", metadata=metadata)
    assert list(complete(client, world, file_id).json()) == ["metadata"]
    assert (kept(), waiting()) == ([], 0)
    httpx.put(url, content=b"right")
    assert complete(client, world, file_id).json()["size"] == 5


def test_218_nothing_and_too_much_are_refused_and_gone(world: World, client: httpx.Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 10
    for content, status in ((b"", 400), (b"x" * 11, 413)):
        file_id, _ = sent(client, world, content)
        assert complete(client, world, file_id).status_code == status
        assert (kept(), waiting()) == ([], 0)
    file_id, _ = sent(client, world, b"x" * 10)
    assert complete(client, world, file_id).status_code == 200


def test_128_221_a_member_who_leaves_gets_nothing_and_the_bytes_are_gone(
    world: World, client: httpx.Client, drain: Drain
) -> None:
    file_id, _ = sent(client, world, b"secret file")
    number = world.alice_number
    leave(world.of_alice)
    assert complete(client, world, file_id, project_member_id=number).json() == INVALID_MEMBER
    drain()
    assert (kept(), waiting(), Pending.objects.count()) == ([], 0, 0)
