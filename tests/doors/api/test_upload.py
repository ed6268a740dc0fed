"""`files/upload/`: what is stored, and every way in which it is not."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pytest_django import Settings

from consentry_server.audit.models import Event
from consentry_server.files.models import DataFile, FileTotal
from tests.doors.api.calls import (
    INVALID_MEMBER,
    METADATA,
    UPLOAD,
    bearer,
    exchange,
    fetch,
    multipart,
    upload,
    upload_raw,
)
from tests.world import World, authorize

REQUIRED = ["This field is required."]
Folder = Callable[[], list[Path]]


def names(client: httpx.Client, world: World) -> list[str]:
    return [file["basename"] for file in exchange(client, world.token, world.alice_number).json()["data"]]


def test_a_file_is_stored_at_once_and_the_answer_has_its_id(world: World, client: httpx.Client) -> None:
    answer = upload(client, world.token, world.alice_number, content=b"0123456789")
    assert answer.status_code == 201
    assert list(answer.json()) == ["id"]
    found = exchange(client, world.token, world.alice_number).json()
    listed = {file["id"]: file for file in found["data"]}[answer.json()["id"]]
    assert listed["basename"] == "steps.csv"
    assert listed["source"] == f"direct-sharing-{world.study.pk}"
    assert fetch(client, listed["download_url"]).content == b"0123456789"


def test_what_is_known_of_the_bytes_is_kept(world: World, client: httpx.Client) -> None:
    pk = upload(client, world.token, world.alice_number, content=b"0123456789").json()["id"]
    file = DataFile.objects.get(id=pk)
    assert (file.size, file.sha256) == (10, hashlib.sha256(b"0123456789").hexdigest())
    assert (file.member, file.source) == (world.alice, world.study)
    total = FileTotal.objects.get(member=world.alice, source=world.study)
    assert (total.files, total.size) == (1, 10)
    event = Event.objects.get(name="file.store", about=f"file:{pk}")
    assert event.actor == f"project:{world.study.pk}"


def test_a_megabyte_and_a_half_comes_back_bit_for_bit(world: World, client: httpx.Client) -> None:
    content = bytes(range(256)) * 6000
    upload(client, world.token, world.alice_number, content=content)
    link = exchange(client, world.token, world.alice_number).json()["data"][-1]["download_url"]
    links = [file["download_url"] for file in exchange(client, world.token, world.alice_number).json()["data"]]
    assert link.partition("?")[0] in [known.partition("?")[0] for known in links]
    assert content in [fetch(client, known).content for known in links]


def test_154_the_same_name_again_is_another_file(world: World, client: httpx.Client, blobs: Folder) -> None:
    before = len(blobs())
    ids = {upload(client, world.token, world.alice_number).json()["id"] for _ in range(30)}
    assert len(ids) == 30
    assert len(blobs()) == before + 30
    assert names(client, world).count("steps.csv") == 30


def test_every_missing_field_is_named(world: World, client: httpx.Client) -> None:
    for how in ({}, {"json": {}}, {"data": {"x": "y"}}, {"files": {"other": ("a", b"b")}}):
        answer = client.post(UPLOAD, headers=bearer(world.token), **how)  # type: ignore[arg-type]
        assert answer.status_code == 400
        fields = ("project_member_id", "metadata", "data_file")
        assert answer.json() == dict.fromkeys(fields, REQUIRED)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_data_file_sent_as_text_is_required(world: World, client: httpx.Client, as_json: object) -> None:
    fields = {"project_member_id": world.alice_number, "metadata": METADATA, "data_file": "1,2"}
    how = {"json": fields} if as_json else {"data": fields}
    answer = client.post(UPLOAD, headers=bearer(world.token), **how)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()) == (400, {"data_file": REQUIRED})


def test_a_data_file_sent_as_a_plain_part_is_required(world: World) -> None:
    parts = (
        ("name=project_member_id", world.alice_number.encode()),
        ("name=metadata", METADATA.encode()),
    )
    answer = upload_raw(world.token, multipart(*parts, ("name=data_file", b"1,2")))
    assert (answer.status, answer.body) == (400, b'{"data_file":["This field is required."]}')


def test_218_an_empty_file_is_refused(world: World, client: httpx.Client, staged: Folder) -> None:
    answer = upload(client, world.token, world.alice_number, content=b"")
    assert answer.status_code == 400
    assert answer.json() == {"data_file": ["The submitted file is empty."]}
    assert staged() == []


@pytest.mark.parametrize(
    "number",
    [
        "12345678",
        "abc",
        "1",
        "0" * 16,
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "' OR 1=1",
    ],
)
def test_an_unknown_member_is_invalid(
    world: World, client: httpx.Client, number: str, staged: Folder, blobs: Folder
) -> None:
    before = len(blobs())
    answer = upload(client, world.token, number)
    assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)
    assert staged() == []
    assert len(blobs()) == before


def test_031_another_projects_member_is_invalid(world: World, client: httpx.Client) -> None:
    other = authorize(world.alice, world.other).project_member.number
    answer = upload(client, world.token, other)
    assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)


def test_fields_are_checked_before_the_member(world: World, client: httpx.Client) -> None:
    answer = upload(client, world.token, "12345678", metadata="{")
    assert answer.json() == {"metadata": ["could not parse the uploaded metadata"]}


def test_nothing_is_stored_for_a_member_who_is_gone(
    world: World, client: httpx.Client, goes: Callable[[World], None], staged: Folder
) -> None:
    number, before = world.alice_number, DataFile.objects.count()
    goes(world)
    answer = upload(client, world.token, number)
    assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)
    assert (DataFile.objects.count(), staged()) == (before, [])


def test_041_two_different_members_are_none(world: World) -> None:
    parts = [("name=project_member_id", n.encode()) for n in (world.alice_number, world.bob_number)]
    rest = (("name=metadata", METADATA.encode()), ('name=data_file; filename="a"', b"1"))
    answer = upload_raw(world.token, multipart(*parts, *rest))
    assert answer.status == 400
    assert b"project_member_id" in answer.body


def test_041_the_same_member_twice_or_with_spaces_is_one(world: World) -> None:
    parts = [("name=project_member_id", f" {world.alice_number}\n".encode())] * 2
    rest = (("name=metadata", METADATA.encode()), ('name=data_file; filename="a"', b"1"))
    assert upload_raw(world.token, multipart(*parts, *rest)).status == 201


def test_055_fields_that_nobody_asked_for_change_nothing(world: World, client: httpx.Client) -> None:
    extra = {
        "member": world.bob.pk,
        "member_id": world.bob.pk,
        "source_id": world.private.pk,
        "completed": "false",
    }
    more = {
        "id": 1,
        "user": world.bob.pk,
        "approved": "true",
        "is_staff": "true",
        "created_at": "2000-01-01",
    }
    pk = upload(client, world.token, world.alice_number, **extra, **more).json()["id"]
    file = DataFile.objects.get(id=pk)
    assert (file.member, file.source) == (world.alice, world.study)
    assert file.created_at.year > 2016
    world.alice.refresh_from_db()
    assert world.alice.is_staff is False


@pytest.mark.parametrize("over", [0, 1])
def test_218_the_limit_is_stored_and_one_byte_more_is_too_large(
    world: World, client: httpx.Client, settings: Settings, staged: Folder, over: int
) -> None:
    settings.UPLOAD_LIMIT = 3_000_000
    before = DataFile.objects.count()
    answer = upload(client, world.token, world.alice_number, content=b"x" * (3_000_000 + over))
    assert answer.status_code == (413 if over else 201)
    assert DataFile.objects.count() == before + (0 if over else 1)
    assert staged() == []


def test_218_a_body_that_says_it_is_too_large_is_not_read(world: World, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 1000
    assert upload_raw(world.token, b"", length=5_000_000).status == 413


@pytest.mark.parametrize("length", ["", "-1", "x", "٣", "1.5", "9" * 5000])
def test_a_body_without_a_length_is_refused(world: World, length: str) -> None:
    assert upload_raw(world.token, b"", length=length).status == 411


def test_the_file_may_come_first_and_other_files_are_passed_over(world: World, blobs: Folder) -> None:
    before = len(blobs())
    body = multipart(
        ('name=data_file; filename="a.csv"', b"1"),
        ('name=other; filename="b.csv"', b"2"),
        ('name=data_file; filename="c.csv"', b"3"),
        ("name=metadata", METADATA.encode()),
        ("name=project_member_id", world.alice_number.encode()),
    )
    answer = upload_raw(world.token, body)
    assert answer.status == 201
    assert DataFile.objects.latest("id").basename == "a.csv"
    assert len(blobs()) == before + 1


def test_a_json_text_in_datatypes_may_be_empty(world: World, client: httpx.Client) -> None:
    for datatypes in ("", "[]", "  "):
        assert upload(client, world.token, world.alice_number, datatypes=datatypes).status_code == 201


@pytest.mark.parametrize("text", ["x", "5", "null", "{}", "[[1]]", "[null]", '"x"', "[", "[1.5]", "\x00", "[1e5]"])
def test_172_datatypes_that_are_no_list_of_names_cannot_be_parsed(
    world: World, client: httpx.Client, text: str
) -> None:
    answer = upload(client, world.token, world.alice_number, datatypes=text)
    assert answer.status_code == 400
    if text != "\x00":
        told = f"Could not parse the uploaded datatypes from: '{text}'"
        assert answer.json() == {"datatypes": [told]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('["nope"]', "['nope']"),
        ("[1,2,1]", "['1', '2']"),
        ("[-1]", "['-1']"),
        ('["a","nope"]', "['a', 'nope']"),
    ],
)
def test_172_unknown_datatypes_are_named(world: World, client: httpx.Client, text: str, shown: str) -> None:
    answer = upload(client, world.token, world.alice_number, datatypes=text)
    told = f"The following datatypes don't match items in our database: {shown}"
    assert (answer.status_code, answer.json()) == (400, {"datatypes": [told]})


@pytest.mark.parametrize("text", ["[" + "1" * 31 + "]", "[" + "1," * 99_999 + "1]", "[" * 5000])
def test_172_huge_datatypes_are_refused(world: World, client: httpx.Client, text: str) -> None:
    answer = upload(client, world.token, world.alice_number, datatypes=text)
    assert answer.status_code == 400
    assert len(answer.content) < 1000
