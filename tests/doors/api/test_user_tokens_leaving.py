"""Leaving ends what an app bears for a member, in one transaction, and it stays ended when the member comes back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from socket import socket
from typing import Any

import httpx
import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from pytest_django import Settings

from consentry_server.config.wsgi import application
from consentry_server.files import actions as files
from consentry_server.messaging.models import Message
from consentry_server.projects import actions as projects
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.models import Authorization
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.actions import Pair
from tests.doors.api.acting import ARCHIVE, OF_A_MEMBER, Acting, call, live, refresh, row_of
from tests.doors.api.calls import (
    DELETE,
    EXCHANGE,
    INVALID_MEMBER,
    MESSAGE,
    METADATA,
    REMOVE,
    UPLOAD,
    bearer,
    exchange,
    fetch,
    get,
    raw,
    upload,
)
from tests.doors.api.conftest import BOTH_STORES
from tests.doors.api.files import COMPLETE, DIRECT, RESUMABLE, encoded, put
from tests.doors.api.test_user_tokens_uploads import begun_in_parts, complete, direct, part
from tests.receivers import answering, receiver
from tests.world import REDIRECT, World, allow, leave

Drain = Callable[..., int]
SITE = "http://testserver"
INVALID_GRANT = (400, {"error": "invalid_grant"})


@dataclass
class Left:
    """All that an app may still hold of a member: tokens, an older pair, a code that it did not use, a link."""

    pair: Pair
    older: Pair
    code: str
    link: str


def code_of(acting: Acting) -> str:
    asked = tokens.Asked(acting.app.pk, REDIRECT, redirect_given=True, scope="read")
    who = {"member_id": acting.of_alice.member_id, "shown": sharing.ask(acting.app.pk).sha256}
    return tokens.allow(**who, asked=asked, hidden=False, now=datetime.now(UTC))  # type: ignore[arg-type]


@pytest.fixture
def held(acting: Acting, client: httpx.Client) -> Left:
    following = refresh(client, acting, acting.alice.refresh).json()
    link = get(client, EXCHANGE, following["access_token"]).json()["data"][0]["download_url"]
    assert fetch(client, link).status_code == 200
    pair = Pair(following["access_token"], following["refresh_token"])
    return Left(pair, acting.alice, code_of(acting), link)


def exchanged(client: httpx.Client, acting: Acting, code: str) -> tuple[int, Any]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    answer = client.post("/oauth2/token/", data=form, auth=(acting.client_id, acting.secret))
    return answer.status_code, answer.json()


def all_dead(client: httpx.Client, acting: Acting, held: Left) -> None:
    """Nothing of what is held opens anything; the older refresh token is inside its window of a minute."""
    for token in (held.pair.access, held.older.access):
        for method, address in OF_A_MEMBER:
            assert call(client, method, address, token).status_code == 401
    assert exchanged(client, acting, held.code) == INVALID_GRANT
    for token in (held.pair.refresh, held.older.refresh):
        answer = refresh(client, acting, token)
        assert (answer.status_code, answer.json()) == INVALID_GRANT
    assert client.get(held.link).status_code == 403


def by_the_page(_: httpx.Client, acting: Acting, held: Left) -> None:
    leave(acting.of_alice)


def by_the_app(client: httpx.Client, _: Acting, held: Left) -> None:
    assert client.post(REMOVE, params={"access_token": held.pair.access}).text == '"success"'


def by_the_master_token(client: httpx.Client, acting: Acting, held: Left) -> None:
    form = {"project_member_ids": acting.alice_number}
    assert client.post(REMOVE, headers=bearer(acting.master), data=form).text == '"success"'


WAYS = [by_the_page, by_the_app, by_the_master_token]
Way = Callable[[httpx.Client, Acting, Left], None]


@pytest.mark.parametrize("way", WAYS)
def test_098_298_from_then_on_nothing_that_the_app_held_opens_anything(
    acting: Acting, client: httpx.Client, held: Left, way: Way
) -> None:
    way(client, acting, held)
    all_dead(client, acting, held)
    assert exchange(client, acting.master, acting.alice_number).json() == INVALID_MEMBER
    assert get(client, EXCHANGE, acting.bob.access).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_098_what_was_ended_stays_ended_when_the_member_comes_back(
    world: World, acting: Acting, client: httpx.Client, held: Left, way: Way
) -> None:
    way(client, acting, held)
    again = allow(world.alice, acting.app)
    assert live(world.alice.pk, acting.app).project_member.number == acting.alice_number
    assert get(client, EXCHANGE, again.access).json()["project_member_id"] == acting.alice_number
    all_dead(client, acting, held)
    assert get(client, EXCHANGE, again.access).status_code == 200
    assert refresh(client, acting, again.refresh).status_code == 200


def test_098_closing_the_account_ends_them_too(world: World, acting: Acting, client: httpx.Client, held: Left) -> None:
    files.close_account(member_id=world.alice.pk, now=datetime.now(UTC))
    all_dead(client, acting, held)


def test_040_the_app_ends_what_is_shared_with_a_post_that_has_no_body_and_no_type(acting: Acting) -> None:
    query = f"{REMOVE}?access_token={acting.alice.access}"
    for environ in ({"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "0"}):
        answer = raw("POST", query, environ=environ | {"CONTENT_TYPE": ""})
        assert answer.status == (200 if not environ["CONTENT_LENGTH"] else 401)
        assert answer.headers["Content-Type"] == "application/json"
    assert Authorization.objects.get(id=acting.of_alice.pk).revoked_by == "project"
    assert Authorization.objects.get(id=acting.of_bob.pk).revoked_at is None


@pytest.fixture
def telling(acting: Acting, settings: Settings) -> Iterator[list[httpx.Response]]:
    """The app as `django-open-humans` writes it: told of a departure, it drops its record, which calls us again."""
    settings.WEBHOOK_LOOPBACK = True
    answers: list[httpx.Response] = []
    ours = connections[DEFAULT_DB_ALIAS]

    def forget(heard: socket) -> None:
        with borrowed(ours), httpx.Client(transport=httpx.WSGITransport(app=application), base_url=SITE) as own:
            answers.append(own.post(REMOVE, params={"access_token": acting.alice.access}))
            answers.append(refresh(own, acting, acting.alice.refresh))
        answering(200)(heard)

    with receiver(forget) as found:
        projects.edit(project=acting.app, actor="test", fields={"deauth_webhook": found.url}, now=datetime.now(UTC))
        yield answers
        assert json.loads(found.body())["project_member_id"] == acting.alice_number


@contextmanager
def borrowed(ours: Any) -> Iterator[None]:
    """Look, from a receiver's thread, at what this test's transaction holds; whoever called it only waits meanwhile."""
    ours.inc_thread_sharing()
    connections[DEFAULT_DB_ALIAS] = ours
    try:
        yield
    finally:
        del connections[DEFAULT_DB_ALIAS]
        ours.dec_thread_sharing()


@pytest.mark.parametrize("by", ["the member", "the app"])
def test_the_tokens_are_dead_before_the_webhook_goes_out(
    acting: Acting, client: httpx.Client, drain: Drain, telling: list[httpx.Response], by: str
) -> None:
    if by == "the app":
        assert client.post(REMOVE, params={"access_token": acting.alice.access}).status_code == 200
    else:
        leave(acting.of_alice)
    drain()
    assert [(answer.status_code, answer.json()) for answer in telling] == [
        (401, {"detail": "Invalid token."}),
        INVALID_GRANT,
    ]


@BOTH_STORES
def test_221_what_the_app_was_bringing_ends_with_it(
    acting: Acting, client: httpx.Client, drain: Drain, inbox: Callable[[], list[str]]
) -> None:
    token = acting.alice.access
    kept = upload(client, token, None).json()["id"]
    begun, url = direct(client, token), begun_in_parts(client, token, 6)
    assert put(client, begun["url"], b"12345").status_code == 200
    assert part(client, token, url, 0, b"123").status_code == 204
    leave(acting.of_alice)
    assert complete(client, token, begun["id"]).status_code == 401
    assert part(client, token, url, 3, b"456").status_code == 401
    drain()
    assert inbox() == []
    again = allow(acting.of_alice.member, acting.app).access
    assert complete(client, again, begun["id"]).status_code == 400
    assert part(client, again, url, 3, b"456").status_code == 404
    assert [file["id"] for file in get(client, EXCHANGE, again).json()["data"] if file["basename"] == "steps.csv"] == [
        kept
    ]


@contextmanager
def leaving_meanwhile(acting: Acting) -> Iterator[None]:
    """Let alice leave between the statement that finds the caller and the next one."""
    left = False

    def watch(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        nonlocal left
        found = execute(sql, params, many, context)
        if "FROM tokens_accesstoken" in sql and not left:
            left = True
            leave(acting.of_alice)
        return found

    with connections[DEFAULT_DB_ALIAS].execute_wrapper(watch):
        yield


SENT: dict[str, dict[str, Any]] = {
    MESSAGE: {"data": {"message": "Hi"}},
    REMOVE: {},
    UPLOAD: {"data": {"metadata": METADATA}, "files": {"data_file": ("a.csv", b"1")}},
    DIRECT: {"data": {"metadata": METADATA, "filename": "a.csv"}},
    COMPLETE: {"data": {"file_id": 1}},
    DELETE: {"data": {"all_files": "true"}},
    EXCHANGE: {},
    ARCHIVE: {},
}


@pytest.mark.parametrize("address", SENT)
def test_221_298_who_leaves_while_a_call_is_under_way_is_gone_for_the_rest_of_it(
    acting: Acting, client: httpx.Client, mailoutbox: list[Any], blobs: Callable[[], list[Any]], address: str
) -> None:
    kept, method = blobs(), "GET" if address in (EXCHANGE, ARCHIVE) else "POST"
    with leaving_meanwhile(acting):
        answer = call(client, method, address, acting.alice.access, **SENT[address])
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token."})
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert blobs() == kept
    assert not Message.objects.exists()


def test_221_who_leaves_while_parts_come_in_is_gone_for_the_rest_of_it(acting: Acting, client: httpx.Client) -> None:
    headers = {"Upload-Length": "1", "Upload-Metadata": encoded({"metadata": METADATA, "filename": "a"})}
    url, token = begun_in_parts(client, acting.alice.access, 6), acting.alice.access
    with leaving_meanwhile(acting):
        answer = client.post(RESUMABLE, headers=bearer(token) | {"Tus-Resumable": "1.0.0"} | headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token."})
    again = allow(acting.of_alice.member, acting.app)
    acting.of_alice = live(acting.of_alice.member_id, acting.app)
    with leaving_meanwhile(acting):
        assert part(client, again.access, url, 0, b"123").status_code == 404


def test_a_departure_writes_nothing_into_the_rows_of_the_tokens(acting: Acting, client: httpx.Client) -> None:
    """What ends them is the date of the authorization: no row of theirs could be missed."""
    before = row_of(acting.alice.access)
    leave(acting.of_alice)
    after = row_of(acting.alice.access)
    assert (after.ended_at, after.expires_at) == (before.ended_at, before.expires_at)
    assert get(client, EXCHANGE, acting.alice.access).status_code == 401


def test_signing_an_app_out_ends_codes_and_tokens_and_no_link_of_a_file(
    acting: Acting, client: httpx.Client, held: Left
) -> None:
    tokens.sign_out(member_id=acting.of_alice.member_id, authorization_id=acting.of_alice.pk, now=datetime.now(UTC))
    assert get(client, EXCHANGE, held.pair.access).status_code == 401
    assert exchanged(client, acting, held.code) == INVALID_GRANT
    assert refresh(client, acting, held.pair.refresh).status_code == 400
    assert exchange(client, acting.master, acting.alice_number).status_code == 200
    assert fetch(client, held.link).status_code == 200
