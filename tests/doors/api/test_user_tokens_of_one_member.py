"""With the token of an app there is one member: who else is named is not read, changed or told of (wire 1.3 to 1.8)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.core.mail import EmailMessage

from consentry_server.audit.models import Event
from consentry_server.common.ids import fingerprint
from consentry_server.files.models import Access
from consentry_server.messaging.models import Delivery, Message
from consentry_server.sharing.models import Authorization
from tests.doors.api.acting import ARCHIVE, LINKS, Acting
from tests.doors.api.calls import (
    EXCHANGE,
    INVALID_MEMBER,
    MEMBERS,
    MESSAGE,
    REMOVE,
    bearer,
    exchange,
    fetch,
    get,
    upload,
)
from tests.doors.api.conftest import BOTH_STORES, Clock
from tests.doors.api.test_archive import unpacked
from tests.world import World, allow, make_app

Drain = Callable[..., int]


# --- reading


@pytest.mark.parametrize("named", ["nobody", "bob", "stranger", "junk"])
def test_exchange_member_is_about_the_member_of_the_token(acting: Acting, client: httpx.Client, named: str) -> None:
    numbers = {"nobody": "", "bob": acting.bob_number, "stranger": "99999999", "junk": "' OR 1=1"}
    found = exchange(client, acting.alice.access, numbers[named]).json()
    assert list(found) == [
        *("count", "next", "previous", "created", "project_member_id", "message_permission", "username_shared"),
        *("sources_shared", "username", "data"),
    ]
    assert (found["project_member_id"], found["username"], found["count"]) == (acting.alice_number, "alice", 1)
    assert [file["basename"] for file in found["data"]] == ["alice.csv"]


def test_it_says_what_the_master_token_is_told_of_the_member(
    acting: Acting, client: httpx.Client, clock: Clock
) -> None:
    told = exchange(client, acting.master, acting.alice_number).json()
    assert get(client, EXCHANGE, acting.alice.access).json() == told


def test_a_member_who_does_not_share_the_username_is_not_named(acting: Acting, client: httpx.Client) -> None:
    found = get(client, EXCHANGE, acting.joiner.access)
    assert "username" not in found.json()
    assert found.json()["username_shared"] is False
    assert [file["basename"] for file in found.json()["data"]] == ["joiner.csv"]
    assert "joiner" not in found.text.replace("joiner.csv", "")


def test_007_links_to_pages_carry_the_token_only_if_it_came_in_the_query(acting: Acting, client: httpx.Client) -> None:
    upload(client, acting.alice.access, None)
    token = acting.alice.access
    in_header = get(client, EXCHANGE, token, limit=1).json()["next"]
    in_query = client.get(EXCHANGE, params={"access_token": token, "limit": "1"}).json()["next"]
    assert token not in in_header
    assert f"access_token={token}" in in_query
    for link, headers in ((in_header, bearer(token)), (in_query, {})):
        page = client.get(link, headers=headers)
        assert page.json()["project_member_id"] == acting.alice_number
        assert page.json()["next"] is None
        assert "no-store" in page.headers["Cache-Control"]


@BOTH_STORES
def test_links_are_for_files_of_the_member_only(world: World, acting: Acting, client: httpx.Client) -> None:
    of_bob = exchange(client, acting.master, acting.bob_number).json()["data"][0]["id"]
    for token, mine, others in ((acting.alice, world.file_id, of_bob), (acting.bob, of_bob, world.file_id)):
        body = {"file_ids": [mine, others], "project_member_id": acting.bob_number}
        found = client.post(LINKS, headers=bearer(token.access), json=body).json()
        assert [link["id"] for link in found["links"]] == [mine]
        assert found["not_readable"] == [others]
        assert fetch(client, found["links"][0]["download_url"]).status_code == 200
    assert len(client.post(LINKS, headers=bearer(acting.master), json=body).json()["links"]) == 2


@BOTH_STORES
@pytest.mark.parametrize("named", ["nobody", "bob"])
def test_the_archive_holds_files_of_the_member_only(acting: Acting, client: httpx.Client, named: str) -> None:
    query = {"project_member_id": acting.bob_number} if named == "bob" else {}
    answer = get(client, ARCHIVE, acting.alice.access, **query)
    files, manifest = unpacked(answer.content)
    assert files == {f"{acting.alice_number}/alice.csv": b"alice,0\n"}
    assert {file["project_member_id"] for file in manifest["files"]} == {acting.alice_number}
    assert f"{acting.alice_number}.zip" in answer.headers["Content-Disposition"]


def test_010_every_read_is_in_the_ledger_with_the_fingerprint(
    world: World, acting: Acting, client: httpx.Client
) -> None:
    token = acting.alice.access
    link = get(client, EXCHANGE, token).json()["data"][0]["download_url"]
    client.post(LINKS, headers=bearer(token), json={"file_ids": [world.file_id]})
    unpacked(get(client, ARCHIVE, token).content)
    fetch(client, link)
    rows = list(Access.objects.filter(project_id=acting.app.pk).order_by("id"))
    assert [row.kind for row in rows[:2]] == ["member", "links"]
    assert {"archive", "download"} <= {row.kind for row in rows}
    of_calls = [row for row in rows if row.kind != "download"]
    assert {row.fingerprint for row in of_calls} == {fingerprint(token)}
    assert {(row.first_member, row.last_member) for row in rows} == {(acting.of_alice.project_member_id,) * 2}
    assert not Access.objects.filter(fingerprint__contains=token).exists()


def test_an_app_of_another_project_sees_nothing_of_these_members(
    world: World, acting: Acting, client: httpx.Client
) -> None:
    third, _, _ = make_app(world.coordinator, "Third")
    token = allow(world.alice, third).access
    found = get(client, EXCHANGE, token)
    assert found.json()["data"] == []
    assert found.json()["project_member_id"] not in (acting.alice_number, world.alice_number)
    for text in ("alice.csv", "bob", "joiner", "secret.csv"):
        assert text not in found.text


# --- writing


@pytest.mark.parametrize("how", ["data", "json"])
@pytest.mark.parametrize("named", ["nobody", "all", "bob", "both", "junk"])
def test_040_a_message_goes_to_the_member_of_the_token(
    acting: Acting, client: httpx.Client, drain: Drain, mailoutbox: list[EmailMessage], how: str, named: str
) -> None:
    drain()
    mailoutbox.clear()
    targets: dict[str, dict[str, Any]] = {
        "nobody": {},
        "all": {"all_members": True},
        "bob": {"project_member_ids": [acting.bob_number]},
        "both": {"all_members": True, "project_member_ids": [acting.bob_number, "99999999"]},
        "junk": {"all_members": "perhaps", "project_member_ids": ["1"]},
    }
    body = {"subject": "Hi", "message": "You are {{ PROJECT_MEMBER_ID }}"} | targets[named]
    answer = client.post(MESSAGE, headers=bearer(acting.alice.access), **{how: body})  # type: ignore[arg-type]
    assert (answer.status_code, answer.text) == (200, '"success"')
    drain()
    assert [mail.to for mail in mailoutbox] == [["alice@example.org"]]
    assert f"You are {acting.alice_number}" in mailoutbox[0].body
    assert Message.objects.get().to_all is False
    assert [row.authorization_id for row in Delivery.objects.all()] == [acting.of_alice.pk]
    assert Event.objects.get(name="message.write").actor == f"token:{fingerprint(acting.alice.access)}"


def test_a_message_without_words_is_refused_in_the_words_of_the_wire(acting: Acting, client: httpx.Client) -> None:
    answer = client.post(MESSAGE, headers=bearer(acting.alice.access))
    assert answer.status_code == 400
    assert answer.json() == {"errors": {"message": ["This field is required."]}}
    assert not Message.objects.exists()


# --- removing


@pytest.mark.parametrize("how", ["data", "json", "query"])
def test_040_removing_ends_what_the_member_of_the_token_shares_whoever_is_named(
    acting: Acting, client: httpx.Client, how: str
) -> None:
    for named in ({"project_member_id": acting.bob_number}, {"project_member_ids": acting.bob_number}):
        token = allow(acting.of_alice.member, acting.app).access
        where: Any = {"params" if how == "query" else how: named}
        answer = client.post(REMOVE, headers=bearer(token), **where)
        assert (answer.status_code, answer.text) == (200, '"success"')
        assert get(client, EXCHANGE, token).status_code == 401
        assert exchange(client, acting.master, acting.alice_number).json() == INVALID_MEMBER
        assert get(client, EXCHANGE, acting.bob.access).status_code == 200
        assert get(client, MEMBERS, acting.master).json()["count"] == 1


def test_029_nobody_ends_what_another_member_shares_with_another_app(
    world: World, acting: Acting, client: httpx.Client
) -> None:
    client.post(REMOVE, headers=bearer(acting.alice.access))
    assert Authorization.objects.get(id=world.of_alice.pk).revoked_at is None
    assert exchange(client, world.token, world.alice_number).status_code == 200
