"""`files/upload/direct/`, the address it gives, and `files/upload/complete/`."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from pytest_django import Settings

from consentry_server.audit.models import Event
from consentry_server.files.models import DataFile, FileTotal, Pending
from consentry_server.tokens.rules import Right
from tests.doors.api.calls import DELETE, INVALID_MEMBER, METADATA, bearer, exchange, fetch, get, raw, upload
from tests.doors.api.conftest import BOTH_STORES, Clock
from tests.doors.api.files import (
    COMPLETE,
    DIRECT,
    NO_FILE,
    NOT_PRESENT,
    announce,
    announced,
    brought,
    complete,
    put,
)
from tests.world import World, authorize, leave, make_named_token

REQUIRED = ["This field is required."]
Folder = Callable[[], list[Path]]
Drain = Callable[..., int]


def listed(client: httpx.Client, world: World) -> dict[int, dict[str, object]]:
    return {file["id"]: file for file in exchange(client, world.token, world.alice_number, limit=1000).json()["data"]}


def content_of(client: httpx.Client, world: World, file_id: int) -> bytes:
    return fetch(client, str(listed(client, world)[file_id]["download_url"])).content


@BOTH_STORES
def test_a_file_is_brought_in_three_requests(world: World, client: httpx.Client) -> None:
    file_id = brought(client, world, b"0123456789")
    file = listed(client, world)[file_id]
    assert (file["basename"], file["size"], file["source"]) == ("steps.csv", 10, f"direct-sharing-{world.study.pk}")
    assert file["sha256"] == hashlib.sha256(b"0123456789").hexdigest()
    assert file["metadata"] == json.loads(METADATA)
    assert content_of(client, world, file_id) == b"0123456789"
    total = FileTotal.objects.get(member=world.alice, source=world.study)
    assert (total.files, total.size) == (1, 10)
    assert Event.objects.get(name="file.store").about == f"file:{file_id}"
    assert not Pending.objects.exists()


@BOTH_STORES
def test_metadata_are_text_inside_a_json_body_too(world: World, client: httpx.Client) -> None:
    fields = {"project_member_id": world.alice_number, "metadata": METADATA, "filename": "a.csv"}
    answer = client.post(DIRECT, headers=bearer(world.token), json=fields)
    assert answer.status_code == 201
    done = put(client, answer.json()["url"], b"1")
    assert (done.status_code, done.content) == (200, b"")
    fields = {"project_member_id": world.alice_number, "file_id": answer.json()["id"]}
    answer = client.post(COMPLETE, headers=bearer(world.token), json=fields)
    assert answer.json() == {"status": "ok", "size": 1}


def test_214_the_address_takes_bytes_without_a_type_and_answers_exactly_200(world: World, client: httpx.Client) -> None:
    file_id, url = announced(client, world)
    assert url.startswith("http://testserver/api/")
    assert url.endswith("/steps.csv")
    answer = raw("PUT", url.removeprefix("http://testserver"), b"12")
    assert (answer.status, answer.body) == (200, b"")
    assert complete(client, world, file_id).json()["size"] == 2


# --- what is missing or wrong


@BOTH_STORES
def test_every_missing_field_is_named(world: World, client: httpx.Client) -> None:
    for how in ({}, {"json": {}}, {"data": {"x": "y"}}):
        answer = client.post(DIRECT, headers=bearer(world.token), **how)  # type: ignore[arg-type]
        assert answer.status_code == 400
        assert answer.json() == dict.fromkeys(("project_member_id", "metadata", "filename"), REQUIRED)


@pytest.mark.parametrize("metadata", ["1", "{}", '{"description":"d","tags":[],"md5":"x"}'])
def test_163_164_metadata_are_held_to_the_same_rules(world: World, client: httpx.Client, metadata: str) -> None:
    simple = upload(client, world.token, world.alice_number, metadata=metadata)
    answer = announce(client, world, metadata=metadata)
    assert (answer.status_code, answer.json()) == (400, simple.json())
    assert not Pending.objects.exists()


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/..", "/", "\\", "a/ "])
def test_150_a_name_that_is_none_is_refused(world: World, client: httpx.Client, name: str) -> None:
    answer = announce(client, world, filename=name)
    assert answer.status_code == 400
    assert list(answer.json()) == ["filename"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a b (1)é+%.txt", "a b (1)é+%.txt"),
        (" week 3.csv ", "week 3.csv"),
        ("2016/04/11.csv", "11.csv"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x", "x"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\r\nb", "ab"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
        ("é" * 200, "é" * 127),
    ],
)
def test_150_151_152_a_name_is_kept_as_it_is_but_for_what_nobody_sees(
    world: World, client: httpx.Client, sent: str, kept: str, blobs: Folder
) -> None:
    _, url = announced(client, world, filename=sent)
    assert unquote(urlsplit(url).path).endswith(f"/{kept}")
    file_id = brought(client, world, b"1", filename=sent)
    assert listed(client, world)[file_id]["basename"] == kept
    assert all(path.name.isalnum() for path in blobs())


@pytest.mark.parametrize("file_id", [None, "", "0", "999999", "-5"])
def test_completing_what_is_not_there(world: World, client: httpx.Client, file_id: str | None) -> None:
    answer = complete(client, world, file_id)
    assert (answer.status_code, answer.json()) == (400, NO_FILE)


@pytest.mark.parametrize("file_id", ["x", "1.0", "1e3", "٣", "0x1", str(10**40)])
def test_176_completing_what_is_no_number(world: World, client: httpx.Client, file_id: str) -> None:
    answer = complete(client, world, file_id)
    assert (answer.status_code, answer.json()) == (400, {"file_id": ["Enter a whole number."]})


@BOTH_STORES
@pytest.mark.parametrize("number", [None, "", "12345678", "x"])
def test_the_member_is_asked_for_both_times(world: World, client: httpx.Client, number: str | None) -> None:
    wanted = INVALID_MEMBER if number else {"project_member_id": REQUIRED}
    file_id, url = announced(client, world)
    put(client, url, b"1")
    assert announce(client, world, project_member_id=number).json() == wanted
    assert complete(client, world, file_id, project_member_id=number).json() == wanted


@BOTH_STORES
def test_completing_before_the_bytes_came(world: World, client: httpx.Client) -> None:
    file_id, url = announced(client, world)
    answer = complete(client, world, file_id)
    assert (answer.status_code, answer.json()) == (400, NOT_PRESENT)
    put(client, url, b"1")
    assert complete(client, world, file_id).status_code == 200


# --- whose it is


@BOTH_STORES
def test_032_a_file_of_another_project_or_member_does_not_exist(world: World, client: httpx.Client) -> None:
    authorize(world.alice, world.other)
    file_id, url = announced(client, world)
    put(client, url, b"secret")
    for_bob = complete(client, world, file_id, project_member_id=world.bob_number)
    of_other = client.post(
        COMPLETE,
        headers=bearer(world.other_token),
        data={"project_member_id": number_at(client, world.other_token), "file_id": file_id},
    )
    for answer in (for_bob, of_other, complete(client, world, world.file_id)):
        assert (answer.status_code, answer.json()) == (400, NO_FILE)
    assert complete(client, world, file_id).status_code == 200
    assert complete(client, world, file_id, project_member_id=world.bob_number).json() == NO_FILE


def number_at(client: httpx.Client, token: str) -> str:
    page = get(client, "/api/direct-sharing/project/members/", token).json()
    number: str = page["results"][0]["project_member_id"]
    return number


def test_a_token_without_the_right_brings_nothing(world: World, client: httpx.Client) -> None:
    reading = make_named_token(world.study, "reading", Right.READ)
    for address in (DIRECT, COMPLETE):
        assert client.post(address, headers=bearer(reading)).status_code == 403


# --- the address


def test_an_address_is_for_one_file_of_one_size_for_six_hours(
    world: World, client: httpx.Client, clock: Clock, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 10
    first, url = announced(client, world)
    second, _ = announced(client, world)
    assert client.put(url.replace(f"/{first}/", f"/{second}/"), content=b"1").status_code == 403
    assert client.put(url.replace("/a-", "/b-"), content=b"1").status_code == 403
    assert client.put(url, content=b"x" * 11).status_code == 413
    clock.move(hours=5, minutes=59)
    assert client.put(url, content=b"x" * 10).status_code == 200
    clock.move(minutes=1)
    assert client.put(url, content=b"y" * 10).status_code == 403
    assert complete(client, world, first).json() == NO_FILE


def test_218_limit_and_nothing(world: World, client: httpx.Client, settings: Settings, staged: Folder) -> None:
    settings.UPLOAD_LIMIT = 10
    _, url = announced(client, world)
    assert client.put(url, content=b"").status_code == 400
    assert client.put(url, content=b"x" * 11).status_code == 413
    assert staged() == []
    assert brought(client, world, b"x" * 10)


@BOTH_STORES
def test_a_limit_lowered_meanwhile_holds_at_completion(world: World, client: httpx.Client, settings: Settings) -> None:
    file_id, url = announced(client, world)
    put(client, url, b"x" * 11)
    settings.UPLOAD_LIMIT = 10
    assert complete(client, world, file_id).status_code == 413
    assert complete(client, world, file_id).json() == NOT_PRESENT


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PATCH"])
def test_053_the_address_answers_put_only(world: World, client: httpx.Client, method: str) -> None:
    _, url = announced(client, world)
    answer = client.request(method, url, headers={"X-HTTP-Method-Override": "PUT"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "PUT, OPTIONS")


def test_a_page_of_another_site_may_send_to_the_address(world: World, client: httpx.Client) -> None:
    _, url = announced(client, world)
    answer = client.options(url, headers={"Access-Control-Request-Method": "PUT"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")


@pytest.mark.parametrize("sent", [0, 1, 5000, 9999])
def test_208_bytes_that_were_cut_off_leave_nothing(
    world: World, client: httpx.Client, sent: int, staged: Folder
) -> None:
    file_id, url = announced(client, world)
    answer = raw("PUT", url.removeprefix("http://testserver"), b"x" * sent, {"CONTENT_LENGTH": "10000"})
    assert answer.status == 400
    assert staged() == []
    assert complete(client, world, file_id).json() == NOT_PRESENT


def test_without_a_length_nothing_is_read(world: World, client: httpx.Client) -> None:
    _, url = announced(client, world)
    assert raw("PUT", url.removeprefix("http://testserver"), environ={"CONTENT_LENGTH": ""}).status == 411


# --- completing


def test_211_what_is_complete_never_changes(world: World, client: httpx.Client) -> None:
    file_id, url = announced(client, world)
    client.put(url, content=b"first")
    assert complete(client, world, file_id).json() == {"status": "ok", "size": 5}
    assert client.put(url, content=b"later, longer").status_code == 403
    assert complete(client, world, file_id).json() == {"status": "ok", "size": 5}
    assert content_of(client, world, file_id) == b"first"


@BOTH_STORES
def test_212_the_last_bytes_before_completion_count(world: World, client: httpx.Client) -> None:
    file_id, url = announced(client, world)
    for content in (b"first", b"second", b"last"):
        put(client, url, content)
    assert complete(client, world, file_id).json()["size"] == 4
    assert content_of(client, world, file_id) == b"last"


@BOTH_STORES
@pytest.mark.parametrize("name", ["md5", "sha256"])
def test_175_bytes_other_than_declared_are_refused_and_gone(
    world: World, client: httpx.Client, name: str, blobs: Folder
) -> None:
    before = blobs()
    right = hashlib.new(name, b"right").hexdigest()
    metadata = json.dumps({"description": "d", "tags": [], name: right})
    file_id, url = announced(client, world, metadata=metadata)
    put(client, url, b"wrong")
    answer = complete(client, world, file_id)
    assert answer.status_code == 400
    assert list(answer.json()) == ["metadata"]
    assert blobs() == before
    assert complete(client, world, file_id).json() == NOT_PRESENT
    put(client, url, b"right")
    assert complete(client, world, file_id).json()["size"] == 5
    assert content_of(client, world, file_id) == b"right"


@BOTH_STORES
def test_047_what_is_not_complete_is_seen_nowhere(world: World, client: httpx.Client) -> None:
    before = listed(client, world)
    file_id, url = announced(client, world)
    put(client, url, b"1")
    page = get(client, "/api/direct-sharing/project/members/", world.token).json()
    row = next(row for row in page["results"] if row["project_member_id"] == world.alice_number)
    assert row["file_count"] == len(row["data"]) == len(before)
    assert listed(client, world) == before or set(listed(client, world)) == set(before)
    for choice in ({"file_id": file_id}, {"file_basename": "steps.csv"}, {"all_files": "true"}):
        fields = {"project_member_id": world.alice_number} | choice
        assert client.post(DELETE, headers=bearer(world.token), data=fields).json() == {"ids": []}
    assert complete(client, world, file_id).status_code == 200


@BOTH_STORES
def test_an_upload_is_given_up_after_six_hours(
    world: World, client: httpx.Client, clock: Clock, drain: Drain, inbox: Callable[[], list[str]]
) -> None:
    file_id, url = announced(client, world)
    kept = brought(client, world, b"kept")
    put(client, url, b"1")
    clock.move(hours=5)
    drain(clock.now)
    assert Pending.objects.count() == len(inbox()) == 1
    clock.move(hours=1)
    drain(clock.now)
    assert inbox() == []
    assert not Pending.objects.exists()
    assert DataFile.objects.get(id=file_id).blob_erased_at is not None
    assert kept in listed(client, world)


# --- leaving


def test_128_221_a_member_who_leaves_gets_nothing_and_the_bytes_are_gone(
    world: World, client: httpx.Client, goes: Callable[[World], None], drain: Drain, settings: Settings, blobs: Folder
) -> None:
    inbox, before = Path(settings.STORAGE) / "inbox", blobs()
    file_id, url = announced(client, world)
    client.put(url, content=b"secret")
    number = world.alice_number
    goes(world)
    assert complete(client, world, file_id, project_member_id=number).json() == INVALID_MEMBER
    assert client.put(url, content=b"more").status_code == 403
    drain()
    if goes.__name__ != "suspended":  # somebody whose account is opened again in time gets the file
        assert list(inbox.iterdir()) == []
    assert set(blobs()) <= set(before)


def test_221_coming_back_does_not_bring_the_upload_back(world: World, client: httpx.Client) -> None:
    file_id, url = announced(client, world)
    client.put(url, content=b"1")
    leave(world.of_alice)
    authorize(world.alice, world.study)
    assert complete(client, world, file_id).json() == NO_FILE
    assert client.put(url, content=b"2").status_code == 403
