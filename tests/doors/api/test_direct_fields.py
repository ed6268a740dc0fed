"""The fields of `files/upload/direct/` and `files/upload/complete/`: what is told of them, and in which order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from consentry_server.files.models import DataFile, Pending
from tests.contract import sigv4
from tests.doors.api.calls import INVALID_MEMBER, METADATA, bearer, exchange
from tests.doors.api.conftest import BOTH_STORES, Clock
from tests.doors.api.files import COMPLETE, DIRECT, NO_FILE, announce, announced, brought, complete, put
from tests.world import World, make_datatype

Folder = Callable[[], list[Path]]
WHOLE = {"file_id": ["Enter a whole number."]}


@BOTH_STORES
@pytest.mark.parametrize("how", ["data", "json", "files"])
def test_the_fields_may_be_in_any_encoding(world: World, client: httpx.Client, how: str) -> None:
    def post(address: str, **fields: object) -> httpx.Response:
        body: Any = {"project_member_id": world.alice_number} | fields
        if how == "files":
            body = {name: (None, str(value)) for name, value in body.items()}
        return client.post(address, headers=bearer(world.token), **{how: body})  # type: ignore[arg-type]

    begun = post(DIRECT, metadata=METADATA, filename="a.csv").json()
    assert put(client, begun["url"], b"123").status_code == 200
    answer = post(COMPLETE, file_id=begun["id"])
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "size": 3})


def test_metadata_that_are_no_text_inside_json_are_required(world: World, client: httpx.Client) -> None:
    fields = {"project_member_id": world.alice_number, "metadata": {"description": "", "tags": []}, "filename": "a"}
    answer = client.post(DIRECT, headers=bearer(world.token), json=fields)
    assert (answer.status_code, answer.json()) == (400, {"metadata": ["This field is required."]})


@BOTH_STORES
def test_the_same_name_again_is_another_file(world: World, client: httpx.Client, blobs: Folder) -> None:
    before = len(blobs())
    ids = {brought(client, world, b"1") for _ in range(3)}
    assert len(ids) == 3
    assert len(blobs()) == before + 3
    names = [file["basename"] for file in exchange(client, world.token, world.alice_number).json()["data"]]
    assert names.count("steps.csv") == 3


def test_fields_are_checked_before_the_member(world: World, client: httpx.Client) -> None:
    for number in ("12345678", world.alice_number):
        answer = announce(client, world, project_member_id=number, metadata="{")
        assert answer.json() == {"metadata": ["could not parse the uploaded metadata"]}
        assert complete(client, world, "x", project_member_id=number).json() == WHOLE
        missing = {"project_member_id": ["This field is required."]}
        assert complete(client, world, "x", project_member_id=None).json() == missing | WHOLE
    assert complete(client, world, 0, project_member_id="12345678").json() == INVALID_MEMBER


@pytest.mark.parametrize(
    ("datatypes", "told"),
    [
        ("x", "Could not parse the uploaded datatypes from: 'x'"),
        ('["nope"]', "The following datatypes don't match items in our database: ['nope']"),
        ('["Sleep"]', "The following datatypes aren't registered for this project: ['Sleep']"),
        ("[]", None),
        ("", None),
    ],
)
def test_data_types_are_held_to_the_same_rules(
    world: World, client: httpx.Client, datatypes: str, told: str | None
) -> None:
    make_datatype("Sleep")
    answer = announce(client, world, datatypes=datatypes)
    if told:
        assert (answer.status_code, answer.json()) == (400, {"datatypes": [told]})
        assert not Pending.objects.exists()
    else:
        assert answer.status_code == 201


@BOTH_STORES
def test_whatever_is_refused_leaves_no_bytes_and_no_file(
    world: World, client: httpx.Client, blobs: Folder, inbox: Callable[[], list[str]]
) -> None:
    before, files = set(blobs()), DataFile.objects.count()
    for fields in ({"metadata": "{"}, {"filename": ""}, {"project_member_id": "12345678"}, {"datatypes": "x"}):
        assert announce(client, world, **fields).status_code == 400
    for file_id in (None, "0", "x", "999999", world.file_id):
        assert complete(client, world, file_id).status_code == 400
    assert (set(blobs()), inbox(), DataFile.objects.count()) == (before, [], files)


@BOTH_STORES
def test_a_completion_that_is_refused_keeps_what_was_sent(world: World, client: httpx.Client, blobs: Folder) -> None:
    before = set(blobs())
    file_id, url = announced(client, world)
    put(client, url, b"12")
    for fields in ({"project_member_id": "12345678"}, {"project_member_id": world.bob_number}):
        assert complete(client, world, file_id, **fields).status_code == 400
    assert set(blobs()) == before
    assert complete(client, world, file_id).json() == {"status": "ok", "size": 2}
    assert len(blobs()) == len(before) + 1


@BOTH_STORES
def test_the_address_ends_after_six_hours(
    world: World, client: httpx.Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id, url = announced(client, world)
    monkeypatch.setattr(sigv4, "now", lambda: clock.now)
    clock.move(hours=5, minutes=59)
    assert put(client, url, b"in time").status_code == 200
    clock.move(minutes=2)
    assert put(client, url, b"too late").status_code == 403
    assert complete(client, world, file_id).json() == NO_FILE
