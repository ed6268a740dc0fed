"""Direct upload to an object store: the bytes go to an address of the store itself."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.contract.strict_s3 import Strict
from tests.doors.api.calls import METADATA, bearer, exchange, fetch
from tests.world import World

pytestmark = pytest.mark.django_db

BEGIN = "/api/direct-sharing/project/files/upload/direct/"
COMPLETE = "/api/direct-sharing/project/files/upload/complete/"


def begun(client: httpx.Client, world: World) -> tuple[int, str]:
    form = {"project_member_id": world.alice_number, "metadata": METADATA, "filename": "direct.bin"}
    answer = client.post(BEGIN, headers=bearer(world.token), data=form)
    assert answer.status_code == 201
    return answer.json()["id"], answer.json()["url"]


def complete(client: httpx.Client, world: World, file_id: int, token: str = "") -> httpx.Response:
    form = {"project_member_id": world.alice_number, "file_id": file_id}
    return client.post(COMPLETE, headers=bearer(token or world.token), data=form)


def test_a_file_is_brought_by_the_stores_own_address(world: World, client: httpx.Client, server: Strict) -> None:
    file_id, url = begun(client, world)
    assert url.startswith(f"{server.url}/bucket/")
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["21600"]
    assert "direct.bin" not in url
    assert complete(client, world, file_id).json() == {"detail": "file not present"}
    assert httpx.put(url, content=b"direct").status_code == 200
    assert complete(client, world, file_id).json() == {"status": "ok", "size": 6}
    assert complete(client, world, file_id).json() == {"status": "ok", "size": 6}
    files = exchange(client, world.token, world.alice_number).json()["data"]
    link = next(file["download_url"] for file in files if file["id"] == file_id)
    assert fetch(client, link).content == b"direct"


def test_211_a_later_put_to_the_address_changes_nothing(world: World, client: httpx.Client) -> None:
    file_id, url = begun(client, world)
    httpx.put(url, content=b"pinned")
    complete(client, world, file_id)
    assert httpx.put(url, content=b"later!").status_code == 200
    assert complete(client, world, file_id).json() == {"status": "ok", "size": 6}
    files = exchange(client, world.token, world.alice_number).json()["data"]
    link = next(file["download_url"] for file in files if file["id"] == file_id)
    assert fetch(client, link).content == b"pinned"


def test_032_the_upload_of_another_project_does_not_exist(world: World, client: httpx.Client) -> None:
    file_id, url = begun(client, world)
    httpx.put(url, content=b"mine")
    assert complete(client, world, file_id, world.other_token).status_code == 400
    assert complete(client, world, file_id).json() == {"status": "ok", "size": 4}
