"""How these tests bring files in more than one request: announced, sent to an address, completed; or in parts."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import httpx

from tests.doors.api.calls import METADATA, PROJECT, bearer
from tests.world import World

DIRECT = f"{PROJECT}files/upload/direct/"
COMPLETE = f"{PROJECT}files/upload/complete/"
RESUMABLE = f"{PROJECT}files/upload/resumable/"
NO_FILE = {"detail": "file does not exist"}
NOT_PRESENT = {"detail": "file not present"}


def announce(client: httpx.Client, world: World, **fields: Any) -> httpx.Response:
    """Ask for an address for a file to alice. A field that is None is left out."""
    plain = {"project_member_id": world.alice_number, "metadata": METADATA, "filename": "steps.csv"}
    given = {name: value for name, value in (plain | fields).items() if value is not None}
    return client.post(DIRECT, headers=bearer(world.token), data=given)


def announced(client: httpx.Client, world: World, **fields: Any) -> tuple[int, str]:
    answer = announce(client, world, **fields)
    assert answer.status_code == 201, answer.text
    assert list(answer.json()) == ["id", "url"]
    return answer.json()["id"], answer.json()["url"]


def put(client: httpx.Client, url: str, content: bytes) -> httpx.Response:
    """Send bytes to the address that was given, without a type; an object store is outside of this process."""
    return (client if url.startswith("http://testserver/") else httpx).put(url, content=content)


def complete(client: httpx.Client, world: World, file_id: object, **more: Any) -> httpx.Response:
    fields = {"project_member_id": world.alice_number, "file_id": file_id} | more
    given = {name: value for name, value in fields.items() if value is not None}
    return client.post(COMPLETE, headers=bearer(world.token), data=given)


def brought(client: httpx.Client, world: World, content: bytes, **fields: Any) -> int:
    """Bring alice a file in three requests."""
    file_id, url = announced(client, world, **fields)
    assert put(client, url, content).status_code == 200
    answer = complete(client, world, file_id)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "size": len(content)})
    return file_id


def encoded(fields: Mapping[str, str]) -> str:
    return ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in fields.items())


def tus(world: World, **headers: object) -> dict[str, str]:
    """Return the headers of a request of the tus protocol; one that is None is left out."""
    plain = bearer(world.token) | {"Tus-Resumable": "1.0.0"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return {name: str(value) for name, value in (plain | given).items() if value is not None}


def begin(client: httpx.Client, world: World, length: object, *, fields: Any = None, **headers: Any) -> httpx.Response:
    """Announce a file in parts to alice."""
    said = {"project_member_id": world.alice_number, "metadata": METADATA, "filename": "steps.csv"} | (fields or {})
    text = encoded({name: value for name, value in said.items() if value is not None})
    return client.post(RESUMABLE, headers=tus(world, Upload_Length=length, Upload_Metadata=text, **headers))


def begun(client: httpx.Client, world: World, length: int, **fields: Any) -> str:
    answer = begin(client, world, length, fields=fields)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def send(client: httpx.Client, world: World, url: str, offset: object, content: bytes, **more: Any) -> httpx.Response:
    kind = {"Content_Type": "application/offset+octet-stream"}
    return client.patch(url, content=content, headers=tus(world, Upload_Offset=offset, **(kind | more)))


def ask(client: httpx.Client, world: World, url: str) -> httpx.Response:
    return client.head(url, headers=tus(world))
