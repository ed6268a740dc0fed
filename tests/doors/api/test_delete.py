"""`files/delete/`: a project deletes what it brought, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from consentry_server.audit.models import Event
from consentry_server.files.models import DataFile, FileTotal
from tests.doors.api.calls import DELETE, INVALID_MEMBER, PROJECT, bearer, exchange, fetch, upload
from tests.doors.api.conftest import BOTH_STORES
from tests.world import World, authorize, give

ONE_OF = "one of file_id, file_basename, or all_files is required"


@pytest.fixture
def ids(world: World, client: httpx.Client) -> list[int]:
    """Three files that the study brought to alice, two of one name."""
    names = ("a.csv", "b.csv", "a.csv")
    return [upload(client, world.token, world.alice_number, name=name).json()["id"] for name in names]


def delete(client: httpx.Client, world: World, how: str = "data", **fields: Any) -> httpx.Response:
    body = {"project_member_id": world.alice_number} | fields
    if how == "files":
        return client.post(DELETE, headers=bearer(world.token), files={k: (None, str(v)) for k, v in body.items()})
    return client.post(DELETE, headers=bearer(world.token), **{how: body})  # type: ignore[arg-type]


def present() -> set[int]:
    return set(DataFile.objects.filter(deleted_at=None).values_list("id", flat=True))


@BOTH_STORES
@pytest.mark.parametrize("how", ["data", "json", "files"])
def test_one_file_is_deleted_by_its_id(
    world: World, client: httpx.Client, ids: list[int], how: str, blobs: Callable[[], list[Path]]
) -> None:
    before, stored = present(), len(blobs())
    answer = delete(client, world, how, file_id=ids[0])
    assert (answer.status_code, answer.json()) == (200, {"ids": [ids[0]]})
    assert present() == before - {ids[0]}
    assert len(blobs()) == stored - 1


@pytest.mark.parametrize("how", ["data", "json", "files"])
def test_154_all_of_one_name_are_deleted(world: World, client: httpx.Client, ids: list[int], how: str) -> None:
    answer = delete(client, world, how, file_basename="a.csv")
    assert answer.json() == {"ids": [ids[0], ids[2]]}
    assert ids[1] in present()


@pytest.mark.parametrize(
    ("how", "yes"),
    [
        ("data", "true"),
        ("json", True),
        ("files", "true"),
        ("data", "True"),
        ("data", "on"),
        ("data", "1"),
        ("json", 1),
    ],
)
def test_all_that_the_project_brought_are_deleted(
    world: World, client: httpx.Client, ids: list[int], how: str, yes: object
) -> None:
    before = present()
    assert delete(client, world, how, all_files=yes).json() == {"ids": ids}
    assert present() == before - set(ids)
    assert exchange(client, world.token, world.alice_number).json()["count"] == 1


def test_a_deleted_file_is_gone_from_every_path(world: World, client: httpx.Client, ids: list[int]) -> None:
    listed = exchange(client, world.token, world.alice_number).json()["data"]
    link = next(file["download_url"] for file in listed if file["id"] == ids[0])
    assert fetch(client, link).status_code == 200
    target = client.get(link).headers["Location"]
    delete(client, world, file_id=ids[0])
    assert client.get(link).status_code == 403
    assert client.get(f"http://testserver{target}").status_code == 403
    found = exchange(client, world.token, world.alice_number).json()
    assert (found["count"], len(found["data"])) == (3, 3)
    assert delete(client, world, file_id=ids[0]).json() == {"ids": []}


def test_totals_and_the_trail_follow(world: World, client: httpx.Client, ids: list[int]) -> None:
    delete(client, world, file_id=ids[1])
    total = FileTotal.objects.get(member=world.alice, source=world.study)
    assert (total.files, total.size) == (2, 8)
    event = Event.objects.get(name="file.delete")
    assert (event.actor, event.about) == (f"project:{world.study.pk}", f"file:{ids[1]}")


@pytest.mark.parametrize("name", ["A.csv", "a", "a.csv ", "%", "_.csv", "a.cs_", "*", "' OR 1=1 --", "\\"])
@pytest.mark.usefixtures("ids")
def test_185_a_name_is_exact_and_no_pattern(world: World, client: httpx.Client, name: str) -> None:
    before = present()
    assert delete(client, world, file_basename=name).json() == {"ids": []}
    assert present() == before


def test_nothing_that_matches_is_an_empty_list(world: World, client: httpx.Client) -> None:
    for fields in (
        {"file_id": 10**17},
        {"file_id": -1},
        {"file_basename": "nope"},
        {"all_files": "true"},
    ):
        answer = delete(client, world, **fields)
        assert (answer.status_code, answer.json()) == (200, {"ids": []})


@BOTH_STORES
def test_files_of_a_source_of_another_member_or_project_stay(world: World, client: httpx.Client) -> None:
    theirs = upload(client, world.token, world.bob_number).json()["id"]
    authorize(world.alice, world.other)
    foreign = give(world.alice, world.other, "theirs.csv")
    before = present()
    for file_id in (world.file_id, theirs, foreign):
        assert delete(client, world, file_id=file_id).json() == {"ids": []}
    delete(client, world, all_files="true")
    delete(client, world, file_basename="theirs.csv")
    assert present() == before


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"file_id": 0},
        {"file_id": ""},
        {"all_files": "false"},
        {"file_basename": ""},
        {"all_files": "False", "file_id": "0"},
    ],
)
@pytest.mark.parametrize("how", ["data", "json"])
def test_naming_nothing_is_a_missing_field(
    world: World, client: httpx.Client, ids: list[int], fields: dict[str, Any], how: str
) -> None:
    answer = delete(client, world, how, **fields)
    assert (answer.status_code, answer.json()) == (400, {"missing_field": ONE_OF})
    assert set(ids) <= present()


@pytest.mark.parametrize(
    "fields",
    [
        {"file_id": 1, "all_files": "true"},
        {"file_id": 1, "file_basename": "a.csv"},
        {"file_basename": "a.csv", "all_files": "on"},
    ],
)
def test_naming_several_is_too_many(world: World, client: httpx.Client, ids: list[int], fields: dict[str, Any]) -> None:
    answer = delete(client, world, **fields)
    assert (answer.status_code, answer.json()) == (400, {"too_many": ONE_OF})
    assert set(ids) <= present()


@pytest.mark.parametrize(
    "file_id",
    [
        "1.0",
        "1e3",
        "٣",
        "0x1",
        "+1",
        "abc",
        str(2**63),
        "1" + "0" * 40,
        "1 2",
        "[1]",
        "1,2",
        "9" * 5000,
    ],
)
def test_176_an_id_that_is_no_whole_number_is_refused(world: World, client: httpx.Client, file_id: str) -> None:
    answer = delete(client, world, file_id=file_id)
    assert (answer.status_code, answer.json()) == (400, {"file_id": ["Enter a whole number."]})


@pytest.mark.parametrize("file_id", [1.0, True, {"a": 1}, 2**63, 10**40, "x", 1e300])
def test_176_in_json_too(world: World, client: httpx.Client, file_id: object) -> None:
    answer = delete(client, world, "json", file_id=file_id)
    assert (answer.status_code, answer.json()) == (400, {"file_id": ["Enter a whole number."]})


def test_176_an_id_with_spaces_is_exact(world: World, client: httpx.Client, ids: list[int]) -> None:
    assert delete(client, world, file_id=f" {ids[0]} ").json() == {"ids": [ids[0]]}


@pytest.mark.parametrize("field", ["file_id", "file_basename", "all_files"])
def test_176_a_field_sent_twice_and_differently_deletes_nothing(
    world: World, client: httpx.Client, ids: list[int], field: str
) -> None:
    values = {
        "file_id": ids[:2],
        "file_basename": ["a.csv", "b.csv"],
        "all_files": ["false", "true"],
    }
    for how in ("data", "json"):
        assert delete(client, world, how, **{field: values[field]}).status_code == 400
    assert set(ids) <= present()


@pytest.mark.parametrize("word", ["2", "yes", "y", "t", "-1", "truee", "null", "None", "01", "tru", "on off"])
def test_182_anything_but_a_plain_yes_or_no_deletes_nothing(
    world: World, client: httpx.Client, ids: list[int], word: str
) -> None:
    for more in ({}, {"file_id": ids[0]}):
        answer = delete(client, world, all_files=word, **more)
        assert (answer.status_code, list(answer.json())) == (400, ["all_files"])
    assert set(ids) <= present()


@pytest.mark.parametrize("value", [[], {}, 2, 1.5, "x", [True, False], {"a": True}, [[]]])
def test_182_in_json_too(world: World, client: httpx.Client, ids: list[int], value: object) -> None:
    answer = delete(client, world, "json", all_files=value, file_id=ids[0])
    assert (answer.status_code, list(answer.json())) == (400, ["all_files"])
    assert set(ids) <= present()


@pytest.mark.parametrize("number", ["", " ", None, [], {}])
def test_a_missing_member_is_required(world: World, client: httpx.Client, number: object) -> None:
    answer = delete(client, world, "json", project_member_id=number, all_files=True)
    assert (answer.status_code, answer.json()) == (
        400,
        {"project_member_id": ["This field is required."]},
    )


@pytest.mark.parametrize("number", ["12345678", "abc", "0" * 16, {"a": "b"}, ["12345678"], 1.5, True, "9" * 10**6])
def test_041_an_unknown_member_is_invalid_whatever_else_is_asked(
    world: World, client: httpx.Client, number: object
) -> None:
    for more in ({"all_files": True}, {}, {"file_id": 1, "all_files": True}):
        answer = delete(client, world, "json", project_member_id=number, **more)
        assert answer.status_code == 400
        assert list(answer.json()) == ["project_member_id"]


def test_041_the_number_as_a_whole_number_or_a_list_of_one_is_exact(
    world: World, client: httpx.Client, ids: list[int]
) -> None:
    for number in (int(world.alice_number), [world.alice_number], f" {world.alice_number} "):
        answer = delete(client, world, "json", project_member_id=number, file_id=ids.pop())
        assert len(answer.json()["ids"]) == 1


def test_031_another_projects_member_is_invalid(world: World, client: httpx.Client) -> None:
    number = authorize(world.alice, world.other).project_member.number
    answer = delete(client, world, project_member_id=number, all_files="true")
    assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)


@BOTH_STORES
@pytest.mark.usefixtures("ids")
def test_nothing_of_a_member_who_is_gone_is_deleted(
    world: World, client: httpx.Client, goes: Callable[[World], None]
) -> None:
    number = world.alice_number
    goes(world)
    before = present()
    answer = delete(client, world, project_member_id=number, all_files="true")
    assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)
    assert present() == before


@pytest.mark.parametrize("value", ["\x00", "\ud800", "\uffff", "a\x00b"])
def test_166_what_cannot_be_stored_is_refused(world: World, client: httpx.Client, value: str) -> None:
    import json

    headers = bearer(world.token) | {"Content-Type": "application/json"}
    for field in ("file_basename", "project_member_id", "x"):
        body = json.dumps({"project_member_id": world.alice_number, field: value})
        answer = client.post(DELETE, headers=headers, content=body)
        assert (answer.status_code, list(answer.json())) == (400, ["detail"])


@pytest.mark.parametrize("body", [b"%ff=1", b"file_basename=%ED%A0%80", b"file_basename=caf%E9", b"a=%00", b"%00"])
def test_166_169_a_form_that_is_no_clean_utf_8_is_refused(world: World, client: httpx.Client, body: bytes) -> None:
    headers = bearer(world.token) | {"Content-Type": "application/x-www-form-urlencoded"}
    content = f"project_member_id={world.alice_number}&".encode() + body
    answer = client.post(DELETE, headers=headers, content=content)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_a_form_beyond_the_limits_of_the_wire_is_refused(world: World, client: httpx.Client) -> None:
    headers = bearer(world.token) | {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (b"x=" + b"y" * 2_700_000, b"&".join(b"a%d=1" % n for n in range(1001))):
        assert client.post(DELETE, headers=headers, content=content).status_code == 400


@BOTH_STORES
@pytest.mark.parametrize(
    ("fields", "left"), [({"file_basename": "a.csv"}, 1), ({"all_files": "true"}, 0), ({"file_basename": "b.csv"}, 2)]
)
def test_the_bytes_of_what_is_deleted_are_gone_and_of_nothing_else(
    world: World, client: httpx.Client, fields: dict[str, str], left: int, blobs: Callable[[], list[Path]]
) -> None:
    before = set(blobs())
    for name in ("a.csv", "b.csv", "a.csv"):
        upload(client, world.token, world.alice_number, name=name)
    assert delete(client, world, **fields).status_code == 200
    assert before <= set(blobs())
    assert len(blobs()) == len(before) + left


@BOTH_STORES
def test_a_deletion_that_is_refused_takes_no_bytes(
    world: World, client: httpx.Client, ids: list[int], blobs: Callable[[], list[Path]]
) -> None:
    before = set(blobs())
    refusals: list[dict[str, Any]] = [
        {},
        {"file_id": ids[0], "all_files": "true"},
        {"file_id": "x"},
        {"all_files": "true", "project_member_id": "12345678"},
        {"all_files": "true", "project_member_id": ""},
        {"all_files": "true", "project_member_id": world.bob_number},
    ]
    statuses = [delete(client, world, **fields).status_code for fields in refusals]
    assert statuses == [400, 400, 400, 400, 400, 200]
    assert set(blobs()) == before


@pytest.mark.parametrize("path", ["upload/", "upload/direct/", "upload/complete/", "delete/"])
def test_addresses_that_old_examples_got_wrong_are_not_found(world: World, client: httpx.Client, path: str) -> None:
    assert client.post(f"{PROJECT}{path}", headers=bearer(world.token)).status_code == 404
