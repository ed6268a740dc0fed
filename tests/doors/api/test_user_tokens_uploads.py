"""What an app brings with the token of a member goes to that member, by each way in; so does what it deletes."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from consentry_server.files.models import DataFile, Pending
from tests.doors.api.acting import Acting
from tests.doors.api.calls import (
    DELETE,
    METADATA,
    UPLOAD,
    bearer,
    exchange,
    upload,
)
from tests.doors.api.conftest import BOTH_STORES
from tests.doors.api.files import COMPLETE, DIRECT, NO_FILE, RESUMABLE, encoded, put
from tests.world import World

Drain = Callable[..., int]


def names(acting: Acting, client: httpx.Client, number: str) -> list[str]:
    """Return what the app sees of a member, with its master token."""
    return [file["basename"] for file in exchange(client, acting.master, number).json()["data"]]


# --- bringing


@BOTH_STORES
@pytest.mark.parametrize("named", ["nobody", "bob", "stranger"])
def test_040_a_file_goes_to_the_member_of_the_token(acting: Acting, client: httpx.Client, named: str) -> None:
    number = {"nobody": None, "bob": acting.bob_number, "stranger": "99999999"}[named]
    answer = upload(client, acting.alice.access, number, name="new.csv")
    assert answer.status_code == 201, answer.text
    assert names(acting, client, acting.alice_number) == ["alice.csv", "new.csv"]
    assert names(acting, client, acting.bob_number) == ["bob.csv"]


def test_040_a_file_goes_to_the_member_whatever_else_is_sent_for_one(acting: Acting, client: httpx.Client) -> None:
    parts: list[tuple[str, Any]] = [("project_member_id", (None, acting.bob_number))] * 2
    parts += [("project_member_id", (None, number)) for number in ("", "x" * 1000, "[1]")]
    parts += [("metadata", (None, METADATA)), ("data_file", ("new.csv", b"1"))]
    address = f"{UPLOAD}?project_member_id={acting.bob_number}"
    assert client.post(address, headers=bearer(acting.alice.access), files=parts).status_code == 201
    assert names(acting, client, acting.bob_number) == ["bob.csv"]
    assert DataFile.objects.get(basename="new.csv").member_id == acting.of_alice.member_id


def direct(client: httpx.Client, token: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(DIRECT, headers=bearer(token), json={"metadata": METADATA, "filename": "new.csv"} | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def complete(client: httpx.Client, token: str, file_id: int, **fields: Any) -> httpx.Response:
    return client.post(COMPLETE, headers=bearer(token), data={"file_id": file_id} | fields)


@BOTH_STORES
@pytest.mark.parametrize("named", [False, True], ids=["nobody named", "bob named"])
def test_040_a_file_in_three_requests_goes_to_the_member_of_the_token(
    acting: Acting, client: httpx.Client, named: object
) -> None:
    fields = {"project_member_id": acting.bob_number} if named else {}
    begun = direct(client, acting.alice.access, **fields)
    assert put(client, begun["url"], b"12345").status_code == 200
    answer = complete(client, acting.alice.access, begun["id"], **fields)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "size": 5})
    assert names(acting, client, acting.alice_number) == ["alice.csv", "new.csv"]
    assert names(acting, client, acting.bob_number) == ["bob.csv"]


@BOTH_STORES
def test_032_040_nobody_completes_what_is_another_members(acting: Acting, client: httpx.Client) -> None:
    begun = direct(client, acting.bob.access)
    put(client, begun["url"], b"12345")
    for token in (acting.alice.access, acting.joiner.access):
        for fields in ({}, {"project_member_id": acting.bob_number}):
            answer = complete(client, token, begun["id"], **fields)
            assert (answer.status_code, answer.json()) == (400, NO_FILE)
    assert Pending.objects.count() == 1
    assert complete(client, acting.bob.access, begun["id"]).json()["size"] == 5
    for token in (acting.alice.access, acting.joiner.access):  # nor are they told the size of what is complete
        assert complete(client, token, begun["id"]).json() == NO_FILE


def tus(token: str, **headers: object) -> dict[str, str]:
    given = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return bearer(token) | {"Tus-Resumable": "1.0.0"} | given


def begun_in_parts(client: httpx.Client, token: str, length: int, **said: str) -> str:
    text = encoded({"metadata": METADATA, "filename": "parts.csv"} | said)
    answer = client.post(RESUMABLE, headers=tus(token, Upload_Length=length, Upload_Metadata=text))
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def part(client: httpx.Client, token: str, url: str, offset: int, content: bytes) -> httpx.Response:
    kind = "application/offset+octet-stream"
    return client.patch(url, content=content, headers=tus(token, Upload_Offset=offset, Content_Type=kind))


@BOTH_STORES
@pytest.mark.parametrize("named", [False, True], ids=["nobody named", "bob named"])
def test_040_a_file_in_parts_goes_to_the_member_of_the_token(
    acting: Acting, client: httpx.Client, named: object
) -> None:
    token = acting.alice.access
    url = begun_in_parts(client, token, 6, **({"project_member_id": acting.bob_number} if named else {}))
    assert [part(client, token, url, at, b"123").status_code for at in (0, 3)] == [204, 204]
    assert client.head(url, headers=tus(token)).headers["Upload-Offset"] == "6"
    assert names(acting, client, acting.alice_number) == ["alice.csv", "parts.csv"]
    assert names(acting, client, acting.bob_number) == ["bob.csv"]


@BOTH_STORES
def test_032_040_parts_of_another_members_file_are_not_there(acting: Acting, client: httpx.Client) -> None:
    url = begun_in_parts(client, acting.bob.access, 6)
    part(client, acting.bob.access, url, 0, b"123")
    for token in (acting.alice.access, acting.joiner.access):
        looked = client.head(url, headers=tus(token))
        assert (looked.status_code, looked.headers.get("Upload-Offset")) == (404, None)
        assert part(client, token, url, 3, b"456").status_code == 404
        assert client.delete(url, headers=tus(token)).status_code == 404
    assert part(client, acting.bob.access, url, 3, b"456").status_code == 204
    assert client.head(url, headers=tus(acting.alice.access)).status_code == 404
    assert client.delete(url, headers=tus(acting.alice.access)).status_code == 404
    assert names(acting, client, acting.bob_number) == ["bob.csv", "parts.csv"]


def test_028_the_address_of_parts_has_the_token_only_if_the_callers_had_it(
    acting: Acting, client: httpx.Client
) -> None:
    token, text = acting.alice.access, encoded({"metadata": METADATA, "filename": "a"})
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": text}
    url = client.post(f"{RESUMABLE}?access_token={token}", headers=headers).headers["Location"]
    assert url.startswith("/api/")
    assert client.head(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 200
    assert token not in begun_in_parts(client, token, 1)


def test_215_a_key_of_one_member_is_not_that_of_another(acting: Acting, client: httpx.Client) -> None:
    def bring(token: str) -> int:
        part = {"data_file": ("new.csv", b"1")}
        headers = bearer(token) | {"Idempotency-Key": "one"}
        answer = client.post(UPLOAD, headers=headers, data={"metadata": METADATA}, files=part)
        assert answer.status_code == 201, answer.text
        found: int = answer.json()["id"]
        return found

    assert bring(acting.alice.access) == bring(acting.alice.access)
    assert bring(acting.bob.access) != bring(acting.alice.access)
    for number in (acting.alice_number, acting.bob_number):
        assert names(acting, client, number).count("new.csv") == 1


# --- deleting


@BOTH_STORES
@pytest.mark.parametrize("how", ["data", "json"])
@pytest.mark.parametrize("choice", ["file_id", "file_basename", "all_files"])
def test_040_files_of_another_member_stay(acting: Acting, client: httpx.Client, how: str, choice: str) -> None:
    mine = upload(client, acting.alice.access, None, name="same.csv").json()["id"]
    of_bob = upload(client, acting.bob.access, None, name="same.csv").json()["id"]
    wanted = {"file_id": of_bob, "file_basename": "same.csv", "all_files": True}[choice]
    body: Any = {"project_member_id": acting.bob_number, choice: wanted}
    answer = client.post(DELETE, headers=bearer(acting.alice.access), **{how: body})  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()) == (200, {"ids": [] if choice == "file_id" else [mine]})
    assert names(acting, client, acting.bob_number) == ["bob.csv", "same.csv"]
    assert DataFile.objects.get(id=of_bob).deleted_at is None


@BOTH_STORES
def test_an_app_deletes_what_it_brought_without_naming_the_member(
    world: World, acting: Acting, client: httpx.Client
) -> None:
    mine = upload(client, acting.alice.access, None, name="mine.csv").json()["id"]
    for file_id, ids in ((world.file_id, []), (mine, [mine])):  # the source brought the other one
        answer = client.post(DELETE, headers=bearer(acting.alice.access), data={"file_id": file_id})
        assert answer.json() == {"ids": ids}
    nothing = client.post(DELETE, headers=bearer(acting.alice.access))
    assert (nothing.status_code, list(nothing.json())) == (400, ["missing_field"])
