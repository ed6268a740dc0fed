"""Who is calling with the token of an app: the wire's 0.3, row by row."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consentry_server.common.ids import new_secret
from consentry_server.files import actions as files
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.models import RefreshToken
from consentry_server.tokens.rules import ACCESS
from tests.doors.api.acting import CALLS, OF_A_MEMBER, Acting, call, refresh, row_of
from tests.doors.api.calls import EXCHANGE, MEMBERS, MESSAGE, PROJECT, REMOVE, UPLOAD, bearer, get, raw, upload
from tests.doors.api.conftest import Clock
from tests.doors.api.test_authentication import NOTHING, PLAIN, UNKNOWN, malformed, refused
from tests.world import World, allow

Goes = Callable[[World], None]


def unwelcome(answer: httpx.Response, detail: str) -> None:
    """Say that a call was refused for its token, as the wire has it; `HEAD` has no body."""
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == UNKNOWN
    if answer.request.method != "HEAD":
        assert answer.json() == {"detail": detail}


@pytest.mark.parametrize("where", ["header", "query"])
def test_it_works_in_the_header_and_in_the_query(acting: Acting, client: httpx.Client, where: str) -> None:
    token = acting.alice.access
    for method, address in sorted(OF_A_MEMBER, key=lambda call: call[1] == REMOVE):  # which ends it comes last
        how = {"headers": bearer(token)} if where == "header" else {"params": {"access_token": token}}
        answer = client.request(method, address, **how)  # type: ignore[arg-type]
        assert answer.status_code in (200, 400, 412), (method, address, answer.text)


def test_the_project_is_that_of_the_app(acting: Acting, client: httpx.Client) -> None:
    for token, project in ((acting.alice.access, acting.app), (acting.joiner.access, acting.other)):
        assert get(client, PROJECT, token).json()["id"] == project.pk


def test_the_listing_of_members_is_refused(acting: Acting, client: httpx.Client, clock: Clock) -> None:
    for token in (acting.alice.access, new_secret(ACCESS)):
        for answer in (get(client, MEMBERS, token), client.get(MEMBERS, params={"access_token": token})):
            refused(answer, "Invalid token.")
            assert answer.headers["WWW-Authenticate"] == PLAIN
    clock.move(hours=11)
    refused(get(client, MEMBERS, acting.alice.access), "Invalid token.")


def test_an_expired_one_is_refused_everywhere(acting: Acting, client: httpx.Client, clock: Clock) -> None:
    clock.move(hours=11)
    for method, address in OF_A_MEMBER:
        unwelcome(call(client, method, address, acting.alice.access), "Expired token.")


@pytest.mark.usefixtures("world")
def test_one_that_never_was_is_refused_everywhere_after_one_statement(client: httpx.Client) -> None:
    for method, address in OF_A_MEMBER:
        with CaptureQueriesContext(connection) as asked:
            unwelcome(call(client, method, address, new_secret(ACCESS)), "Invalid token.")
        assert len(asked) == 1


def test_035_that_of_a_member_who_is_gone_is_refused_everywhere(
    world: World, acting: Acting, client: httpx.Client, goes: Goes
) -> None:
    world.of_alice = acting.of_alice
    goes(world)
    for method, address in OF_A_MEMBER:
        unwelcome(call(client, method, address, acting.alice.access), "Invalid token.")
    assert get(client, EXCHANGE, acting.bob.access).status_code == 200
    answer = refresh(client, acting, acting.alice.refresh)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_035_a_suspended_member_is_back_with_the_account(world: World, acting: Acting, client: httpx.Client) -> None:
    for suspended, status in ((True, 401), (False, 200)):
        files.suspend(member_id=world.alice.pk, suspended=suspended, actor="test", now=datetime.now(UTC))
        assert get(client, EXCHANGE, acting.alice.access).status_code == status


def test_a_replaced_one_is_refused_everywhere_and_was_never_expired(
    acting: Acting, client: httpx.Client, clock: Clock
) -> None:
    following = refresh(client, acting, acting.alice.refresh).json()
    assert get(client, EXCHANGE, following["access_token"]).status_code == 200
    for hours in (0, 11):
        clock.move(hours=hours)
        for method, address in OF_A_MEMBER:
            unwelcome(call(client, method, address, acting.alice.access), "Invalid token.")


def test_one_that_its_app_revoked_is_refused_everywhere(acting: Acting, client: httpx.Client) -> None:
    form = {"token": acting.alice.access, "client_id": acting.client_id, "client_secret": acting.secret}
    assert client.post("/oauth2/revoke_token/", data=form).status_code == 200
    for method, address in OF_A_MEMBER:
        unwelcome(call(client, method, address, acting.alice.access), "Invalid token.")
    assert get(client, EXCHANGE, acting.bob.access).status_code == 200


def test_one_whose_member_signed_the_app_out_is_refused_and_sharing_goes_on(
    world: World, acting: Acting, client: httpx.Client
) -> None:
    tokens.sign_out(member_id=world.alice.pk, authorization_id=acting.of_alice.pk, now=datetime.now(UTC))
    for method, address in OF_A_MEMBER:
        unwelcome(call(client, method, address, acting.alice.access), "Invalid token.")
    assert get(client, MEMBERS, acting.master).json()["count"] == 2


@pytest.mark.parametrize(
    ("seconds", "status"), [(35_999, 200), (36_000, 401), (36_001, 401)], ids=["before", "exactly", "after"]
)
def test_020_it_ends_exactly_when_it_expires(
    world: World, acting: Acting, client: httpx.Client, clock: Clock, seconds: int, status: int
) -> None:
    token = allow(world.alice, acting.app, now=clock.now).access
    clock.move(seconds=seconds)
    answer = get(client, EXCHANGE, token)
    assert answer.status_code == status
    if status == 401:
        refused(answer, "Expired token.")


def test_020_a_wrong_one_never_says_expired(acting: Acting, client: httpx.Client, clock: Clock) -> None:
    clock.move(days=30)
    refused(get(client, EXCHANGE, acting.alice.access), "Expired token.")
    for token in malformed(acting.alice.access):
        refused(get(client, EXCHANGE, token), "Invalid token.")


@pytest.mark.parametrize("scope", ["read", "write", "openid", "american-gut", ""])
def test_its_scope_opens_and_closes_nothing(world: World, acting: Acting, client: httpx.Client, scope: str) -> None:
    token = allow(world.alice, acting.app, scope=scope).access
    assert row_of(token).scope == scope
    assert get(client, EXCHANGE, token).json()["project_member_id"] == acting.alice_number
    assert upload(client, token, None).status_code == 201
    assert client.post(MESSAGE, headers=bearer(token), data={"message": "Hi"}).json() == "success"


def test_a_paused_or_unapproved_app_keeps_its_access(acting: Acting, client: httpx.Client) -> None:
    acting.app.paused_at, acting.app.approved_at = datetime.now(UTC), None
    acting.app.save(update_fields=["paused_at", "approved_at"])
    assert get(client, EXCHANGE, acting.alice.access).status_code == 200
    assert upload(client, acting.alice.access, None).status_code == 201


@pytest.mark.parametrize("address", sorted({address for _, address in OF_A_MEMBER}))
def test_the_caller_is_found_before_the_method(acting: Acting, client: httpx.Client, address: str) -> None:
    unwelcome(call(client, "PUT", address, new_secret(ACCESS)), "Invalid token.")
    answer = call(client, "PUT", address, acting.alice.access)
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})


@pytest.mark.parametrize("other", ["master", "bob", "joiner", "junk"])
def test_014_two_different_tokens_are_refused(acting: Acting, client: httpx.Client, other: str) -> None:
    mine = acting.alice.access
    others = {"bob": acting.bob.access, "joiner": acting.joiner.access, "master": acting.master, "junk": "junk"}
    assert client.get(EXCHANGE, headers=bearer(mine), params={"access_token": mine}).status_code == 200
    for header, query in ((mine, others[other]), (others[other], mine)):
        answer = client.get(EXCHANGE, headers=bearer(header), params={"access_token": query})
        assert (answer.status_code, list(answer.json())) == (400, ["detail"])


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer", "bEaReR"])
def test_016_the_scheme_is_read_in_any_case(acting: Acting, scheme: str) -> None:
    environ = {"HTTP_AUTHORIZATION": f"{scheme} {acting.alice.access}"}
    assert raw("GET", EXCHANGE, environ=environ).status == 200


@pytest.mark.parametrize("header", ["Bearer  {0}", "Bearer {0} ", "Bearer\t{0}", "Bearer {0} {0}", "Bearer {0}\x00"])
def test_016_a_header_that_is_not_quite_right_is_refused(acting: Acting, header: str) -> None:
    environ = {"HTTP_AUTHORIZATION": header.format(acting.alice.access)}
    assert raw("GET", EXCHANGE, environ=environ).status == 401


def test_017_a_malformed_one_is_refused_without_asking_the_database(acting: Acting, client: httpx.Client) -> None:
    for token in malformed(acting.alice.access):
        with CaptureQueriesContext(connection) as asked:
            refused(get(client, EXCHANGE, token), "Invalid token.")
        assert len(asked) == 0, token


def test_019_nothing_else_that_an_app_holds_is_one(acting: Acting, client: httpx.Client) -> None:
    held = [acting.alice.refresh, acting.secret, acting.client_id, *(new_secret(kind) for kind in ("csc", "csd"))]
    for secret in held:
        for method, address in CALLS:
            with CaptureQueriesContext(connection) as asked:
                assert call(client, method, address, secret).status_code == 401, address
            assert len(asked) == 0


def test_019_what_the_database_keeps_of_one_is_none(acting: Acting, client: httpx.Client) -> None:
    row = row_of(acting.alice.access)
    for kept in (bytes(row.sha256).hex(), bytes(row.sha256).hex()[:8], str(row.pk)):
        refused(get(client, EXCHANGE, kept), "Invalid token.")
    following = refresh(client, acting, acting.alice.refresh).json()
    sealed = RefreshToken.objects.get(access_token=row).successor
    assert sealed
    assert following["access_token"] not in sealed
    refused(get(client, EXCHANGE, sealed), "Invalid token.")


def test_019_the_key_of_a_download_is_none(acting: Acting, client: httpx.Client) -> None:
    key = get(client, EXCHANGE, acting.alice.access).json()["data"][0]["download_url"].partition("key=")[2]
    for method, address in CALLS:
        assert call(client, method, address, key).status_code == 401


def test_a_session_adds_nothing_to_it(world: World, acting: Acting, client: httpx.Client) -> None:
    browser = Client()
    browser.force_login(world.bob)
    client.cookies.set("session", browser.cookies["session"].value)
    refused(client.get(EXCHANGE), NOTHING)
    assert get(client, EXCHANGE, acting.alice.access).json()["project_member_id"] == acting.alice_number


def test_in_a_body_it_opens_nothing(acting: Acting, client: httpx.Client) -> None:
    for how in ({"data": {"access_token": acting.alice.access}}, {"json": {"access_token": acting.alice.access}}):
        refused(client.post(UPLOAD, **how), NOTHING)  # type: ignore[arg-type]


def test_043_one_whose_authorization_is_none_any_more_is_refused(acting: Acting, client: httpx.Client) -> None:
    """The row of an app or a membership cannot go while there are tokens: what ends it is a date."""
    acting.of_alice.revoked_at = datetime.now(UTC)
    acting.of_alice.save(update_fields=["revoked_at"])
    for method, address in OF_A_MEMBER:
        unwelcome(call(client, method, address, acting.alice.access), "Invalid token.")
