"""RFC 7662: an app asks what a token of its own is good for."""

from collections.abc import Callable

import httpx
import pytest

from consentry_server.sharing import queries as sharing
from tests.doors.oauth.app import INTROSPECT, INVALID_CLIENT, INVALID_REQUEST, ISSUER, REVOKE, App, refusal
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.web.person import Person
from tests.world import World, leave, make_token

DEAD = {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_2_2_a_live_token_is_told(world: World, alice: Person, app: App, clock: Clock, kind: str) -> None:
    """Section 2.2: active is REQUIRED; the others say whose it is, what for and until when."""
    tokens = app.tokens(alice, scope="read write")
    row = sharing.live(member_id=world.alice.pk, project_id=app.project.pk)
    life = 36000 if kind == "access_token" else 180 * 86400
    assert row is not None
    assert app.introspected(tokens[kind]) == {
        "active": True,
        "scope": "read write",
        "exp": int(clock.now.timestamp()) + life,
        "iat": int(clock.now.timestamp()),
        "client_id": app.client_id,
        "token_type": "Bearer",
        "sub": row.project_member.number,
        "iss": ISSUER,
        "username": "alice",
    }


def test_2_2_nobody_is_named_who_does_not_share_the_username(alice: Person, app_of: AppOf) -> None:
    """Section 5: privacy; username is OPTIONAL."""
    app = app_of(request_username_access=False)
    told = app.introspected(app.tokens(alice)["access_token"])
    assert told["active"] is True
    assert "username" not in told
    assert "alice" not in str(told)


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense", ""])
def test_2_1_a_hint_is_a_hint(alice: Person, app: App, hint: str) -> None:
    """Section 2.1: if the token is not found by the hint, the search is extended."""
    token = app.tokens(alice)["access_token"]
    assert app.post(INTROSPECT, token=token, token_type_hint=hint).json()["active"] is True


def expired(app: App, person: Person, clock: Clock) -> str:
    token = app.tokens(person)["access_token"]
    clock.move(seconds=36000)
    return token


def revoked(app: App, person: Person, clock: Clock) -> str:
    token = app.tokens(person)["access_token"]
    app.post(REVOKE, token=token)
    return token


def replaced(app: App, person: Person, clock: Clock) -> str:
    token = app.tokens(person)["refresh_token"]
    app.refresh(token)
    return token


def outlived(app: App, person: Person, clock: Clock) -> str:
    tokens = app.tokens(person)
    app.refresh(tokens["refresh_token"])
    return tokens["access_token"]


def stolen(app: App, person: Person, clock: Clock) -> str:
    tokens = app.tokens(person)
    second = app.refresh(tokens["refresh_token"]).json()
    clock.move(seconds=61)
    app.refresh(tokens["refresh_token"])
    return str(second["access_token"])


def left(app: App, person: Person, clock: Clock) -> str:
    token = app.tokens(person)["refresh_token"]
    row = sharing.Authorization.objects.get(project=app.project, revoked_at=None)
    leave(row)
    return token


def a_code(app: App, person: Person, clock: Clock) -> str:
    return app.code(person)


def a_secret(app: App, person: Person, clock: Clock) -> str:
    return app.secret


def a_master_token(app: App, person: Person, clock: Clock) -> str:
    return make_token(app.project)


OVER = [expired, revoked, replaced, outlived, stolen, left, a_code, a_secret, a_master_token]


@pytest.mark.parametrize("what", OVER)
def test_2_2_what_opens_nothing_is_not_active(
    alice: Person, app: App, clock: Clock, what: Callable[[App, Person, Clock], str]
) -> None:
    """Section 2.2: expired, revoked, or not a token of this kind: active is false, and no more is said."""
    assert app.introspected(what(app, alice, clock)) == DEAD


@pytest.mark.parametrize("token", ["x", "", "é", "a" * 3999, "csa" + "a" * 49, "null", "{}", "[]"])
def test_2_2_what_is_none_is_not_active(app: App, token: str) -> None:
    """Section 2.2: the token does not exist on this server; section 4: nothing helps to guess one."""
    assert app.introspected(token) == DEAD


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_2_2_a_token_of_another_app_is_not_active(alice: Person, app: App, other: App, kind: str) -> None:
    """Section 2.2: the protected resource is not allowed to introspect this token."""
    assert other.introspected(app.tokens(alice)[kind]) == DEAD


def test_2_3_an_app_that_does_not_prove_itself_is_told_so(alice: Person, app: App) -> None:
    """Section 2.3: 401 as in RFC 6749 section 5.2."""
    given = {"token": app.tokens(alice)["access_token"]}
    found = app.http.post(INTROSPECT, data=given, auth=(app.client_id, "x"))
    assert refusal(found) == INVALID_CLIENT
    named = app.http.post(INTROSPECT, data=given | {"client_id": app.client_id})
    assert refusal(named) == INVALID_CLIENT


def test_2_1_whoever_says_nothing_and_whoever_bears_a_token_is_refused(
    alice: Person, app: App, client: httpx.Client
) -> None:
    """Section 2.1: MUST require some form of authorization; the wire says 403."""
    token = app.tokens(alice)["access_token"]
    for headers in ({}, {"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {make_token(app.project)}"}):
        assert client.post(INTROSPECT, data={"token": token}, headers=headers).status_code == 403
        assert client.get(INTROSPECT, params={"token": token}, headers=headers).status_code == 403


def test_2_1_an_app_without_a_secret_cannot_ask(alice: Person, public: App, app: App) -> None:
    """Section 4: whoever knows an app's name could try tokens."""
    found = public.post(INTROSPECT, token=app.tokens(alice)["access_token"])
    assert refusal(found) == INVALID_CLIENT


def test_2_1_it_may_be_asked_with_get(alice: Person, app: App) -> None:
    """The wire: GET and POST."""
    token = app.tokens(alice)["access_token"]
    found = app.http.get(INTROSPECT, params={"token": token}, auth=(app.client_id, app.secret))
    assert found.json()["active"] is True


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_2_1_and_in_no_other_way(app: App, method: str) -> None:
    """Section 2.1."""
    found = app.http.request(method, INTROSPECT, auth=(app.client_id, app.secret))
    assert (found.status_code, found.headers["Allow"]) == (405, "GET, POST")


def test_2_1_a_token_in_the_address_of_a_post_is_not_read(alice: Person, app: App) -> None:
    """Section 4: tokens in addresses end up in logs."""
    token = app.tokens(alice)["access_token"]
    found = app.http.post(INTROSPECT, params={"token": token}, auth=(app.client_id, app.secret))
    assert refusal(found) == INVALID_REQUEST


def test_2_1_a_parameter_twice_is_refused(alice: Person, app: App) -> None:
    """RFC 6749 section 3.2."""
    body = f"token={app.tokens(alice)['access_token']}&token=x"
    found = app.raw(INTROSPECT, body.encode(), Content_Type="application/x-www-form-urlencoded")
    assert refusal(found) == INVALID_REQUEST


@pytest.mark.parametrize("live", [True, False])
def test_4_nobody_keeps_the_answer(alice: Person, app: App, *, live: bool) -> None:
    """Section 4: an answer that is kept outlives the token."""
    found = app.post(INTROSPECT, token=app.tokens(alice)["access_token"] if live else "x")
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Content-Type"] == "application/json"


def test_2_2_the_scope_of_an_access_token_is_its_own(alice: Person, app: App) -> None:
    """Section 2.2: scope, as associated with this token."""
    less = app.refresh(app.tokens(alice, scope="read write")["refresh_token"], scope="read").json()
    assert app.introspected(less["access_token"])["scope"] == "read"
    assert app.introspected(less["refresh_token"])["scope"] == "read write"
