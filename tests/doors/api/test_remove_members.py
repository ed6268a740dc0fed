"""`project/remove-members/`: a project ends what members share with it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from django.core.mail import EmailMessage

from consentry_server.files import actions as files
from consentry_server.files.models import DataFile
from consentry_server.sharing.models import Authorization
from tests.doors.api.calls import INVALID_MEMBER, MEMBERS, MESSAGE, REMOVE, bearer, exchange, fetch, get, upload
from tests.world import World, authorize, leave

pytestmark = pytest.mark.django_db

NOBODY = {"__all__": ["You must provide a list of project member IDs."]}
EIGHT = {"project_member_ids": ["Project member IDs are always 8 digits long."]}


def remove(client: httpx.Client, world: World, ids: Any, how: str = "data") -> httpx.Response:
    body = {"project_member_ids": ids}
    return client.post(REMOVE, headers=bearer(world.token), **{how: body})  # type: ignore[arg-type]


def live(world: World) -> int:
    return Authorization.objects.filter(project=world.study, revoked_at=None).count()


def refused(world: World, answer: httpx.Response, errors: dict[str, list[str]]) -> None:
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})
    assert live(world) == 2


def test_whoever_is_removed_is_gone_from_every_path_and_keeps_their_files(world: World, client: httpx.Client) -> None:
    mine = upload(client, world.token, world.alice_number).json()["id"]
    link = exchange(client, world.token, world.alice_number).json()["data"][0]["download_url"]
    assert fetch(client, link).status_code == 200
    answer = remove(client, world, world.alice_number)
    assert (answer.status_code, answer.text) == (200, '"success"')
    assert [row["project_member_id"] for row in get(client, MEMBERS, world.token).json()["results"]] == [
        world.bob_number
    ]
    assert exchange(client, world.token, world.alice_number).json() == INVALID_MEMBER
    assert upload(client, world.token, world.alice_number).json() == INVALID_MEMBER
    assert client.get(link).status_code == 403
    assert DataFile.objects.get(id=mine).deleted_at is None
    world.of_alice.refresh_from_db()
    assert (world.of_alice.revoked_by, world.of_alice.erasure_requested_at) == ("project", None)


@pytest.mark.parametrize("how", ["data", "json"])
@pytest.mark.parametrize("form", ["list", "text", "numbers"])
def test_several_are_removed_at_once(world: World, client: httpx.Client, how: str, form: str) -> None:
    ids = [world.alice_number, world.bob_number, world.alice_number]
    given: Any = {"list": ids, "text": " ,\r\n".join(ids), "numbers": [int(number) for number in ids]}[form]
    assert remove(client, world, given, how).status_code == 200
    assert live(world) == 0


def test_308_each_is_told_by_mail_of_their_own(
    world: World, client: httpx.Client, drain: Callable[..., int], mailoutbox: list[EmailMessage]
) -> None:
    remove(client, world, [world.alice_number, world.bob_number])
    drain()
    assert sorted(mail.to[0] for mail in mailoutbox) == ["alice@example.org", "bob@example.org"]
    mail = next(mail for mail in mailoutbox if mail.to == ["alice@example.org"])
    assert mail.subject == "The project Study has removed you"
    assert "alice" in mail.body
    assert "bob" not in mail.body


def test_removing_twice_is_refused_the_second_time(world: World, client: httpx.Client) -> None:
    remove(client, world, world.alice_number)
    again = remove(client, world, world.alice_number)
    assert again.json() == {"errors": {"project_member_ids": [f"Invalid project member ID(s): {world.alice_number}"]}}


@pytest.mark.parametrize("body", [b"", b"all_members=true", b"project_member_ids=", b"project_member_ids=%20,%0A"])
def test_a_call_that_names_nobody_is_refused_though_it_has_no_body(
    world: World, client: httpx.Client, body: bytes
) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    answer = client.post(f"{REMOVE}?access_token={world.token}", content=body, headers=kind)
    refused(world, answer, NOBODY)


@pytest.mark.parametrize("ids", ["1234567", ["12345678", "123"], [None, "1"], [True], {"x": 1}])
def test_041_ids_of_another_length_or_kind_are_refused(world: World, client: httpx.Client, ids: object) -> None:
    refused(world, remove(client, world, ids, "json"), EIGHT)


def test_031_strangers_look_alike_and_then_nobody_is_removed(world: World, client: httpx.Client) -> None:
    foreign = authorize(world.joiner, world.other).project_member.number
    left = authorize(world.joiner, world.study)
    leave(left)
    strangers = ["99999999", foreign, left.project_member.number]
    answer = remove(client, world, [world.alice_number, *strangers])
    refused(world, answer, {"project_member_ids": [f"Invalid project member ID(s): {', '.join(strangers)}"]})


def test_035_whoever_is_suspended_looks_as_if_they_had_left(world: World, client: httpx.Client) -> None:
    files.suspend(member_id=world.alice.pk, suspended=True, actor="test", now=datetime.now(UTC))
    answer = remove(client, world, world.alice_number)
    assert answer.status_code == 400
    form = {"project_member_ids": world.alice_number, "message": "Hello"}
    assert client.post(MESSAGE, headers=bearer(world.token), data=form).json() == answer.json()


def test_whoever_was_removed_may_come_back_under_the_same_number(world: World, client: httpx.Client) -> None:
    remove(client, world, world.alice_number)
    assert authorize(world.alice, world.study).project_member.number == world.alice_number
    assert live(world) == 2


@pytest.mark.parametrize("how", ["data", "json", "files"])
def test_there_is_no_way_to_name_all_members(world: World, client: httpx.Client, how: str) -> None:
    body: Any = {"all_members": (None, "true")} if how == "files" else {"all_members": True}
    answer = client.post(REMOVE, headers=bearer(world.token), **{how: body})  # type: ignore[arg-type]
    refused(world, answer, NOBODY)


def test_an_id_of_16_characters_is_looked_up_like_one_of_8(world: World, client: httpx.Client) -> None:
    told = {"project_member_ids": ["Invalid project member ID(s): 1234567890123456"]}
    refused(world, remove(client, world, "1234567890123456"), told)
