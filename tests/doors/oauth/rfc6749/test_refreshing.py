"""RFC 6749 section 6: the next tokens."""

import pytest

from tests.doors.oauth.app import INVALID_GRANT, INVALID_REQUEST, INVALID_SCOPE, TOKEN, App, refusal
from tests.doors.oauth.conftest import Clock
from tests.doors.web.person import Person


def test_6_a_refresh_token_gives_the_next_pair(alice: Person, app: App) -> None:
    """Section 6: issues an access token as in section 5.1, and a new refresh token."""
    first = app.tokens(alice)
    found = app.refresh(first["refresh_token"])
    second = found.json()
    assert (found.status_code, found.headers["Cache-Control"]) == (200, "no-store")
    assert set(second) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert not {first["access_token"], first["refresh_token"]} & {second["access_token"], second["refresh_token"]}
    assert second["scope"] == first["scope"]


def test_6_the_token_has_to_be_there(app: App) -> None:
    """Section 6: refresh_token is REQUIRED."""
    found = app.post(TOKEN, grant_type="refresh_token")
    assert refusal(found) == INVALID_REQUEST
    assert found.json()["error_description"] == "Missing refresh token parameter."


@pytest.mark.parametrize("kind", ["junk", "access", "code", "secret", "cut", "empty end"])
def test_6_only_a_refresh_token_is_one(alice: Person, app: App, kind: str) -> None:
    """Section 6: validate the refresh token."""
    tokens = app.tokens(alice)
    given = {
        "junk": "x",
        "access": tokens["access_token"],
        "code": app.code(alice),
        "secret": app.secret,
        "cut": tokens["refresh_token"][:-1],
        "empty end": tokens["refresh_token"] + " ",
    }[kind]
    assert refusal(app.refresh(given)) == INVALID_GRANT
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_6_it_is_bound_to_the_app_that_it_was_given_to(alice: Person, app: App, other: App) -> None:
    """Section 6: the refresh token is bound to the client; somebody else's try does not burn it."""
    token = app.tokens(alice)["refresh_token"]
    assert refusal(other.refresh(token)) == INVALID_GRANT
    assert app.refresh(token).status_code == 200


def test_6_the_app_proves_itself(alice: Person, app: App) -> None:
    """Section 6: require client authentication for confidential clients."""
    token = app.tokens(alice)["refresh_token"]
    fields = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.client_id}
    assert refusal(app.http.post(TOKEN, data=fields)) == (401, "invalid_client")
    assert app.refresh(token).status_code == 200


@pytest.mark.parametrize("scope", ["read", "write", "write read", "read read"])
def test_6_less_may_be_asked_for(alice: Person, app: App, scope: str) -> None:
    """Section 6: the requested scope MUST NOT include any scope not originally granted."""
    found = app.refresh(app.tokens(alice, scope="read write")["refresh_token"], scope=scope).json()
    assert set(found["scope"].split()) == set(scope.split())


def test_6_what_was_left_out_once_was_granted_all_the_same(alice: Person, app: App) -> None:
    """Section 6: if omitted it is treated as equal to the scope originally granted."""
    less = app.refresh(app.tokens(alice, scope="read write")["refresh_token"], scope="read").json()
    assert less["scope"] == "read"
    assert app.refresh(less["refresh_token"]).json()["scope"] == "read write"


@pytest.mark.parametrize("scope", ["read write", "openid", "read openid", "nonsense", "READ", "read\twrite"])
def test_6_more_is_refused_and_the_token_stays(alice: Person, app: App, scope: str) -> None:
    """Section 6: never more than was granted."""
    token = app.tokens(alice, scope="read")["refresh_token"]
    assert refusal(app.refresh(token, scope=scope)) == INVALID_SCOPE
    assert app.refresh(token).json()["scope"] == "read"


def test_6_a_very_long_scope_of_known_words_is_each_of_them_once(alice: Person, app: App) -> None:
    """Section 3.3: a set; the table keeps 300 letters of it."""
    token = app.tokens(alice, scope="read write")["refresh_token"]
    assert app.refresh(token, scope="read " * 700).json()["scope"] == "read"


@pytest.mark.parametrize(("days", "status"), [(179, 200), (180, 400), (400, 400)])
def test_6_one_that_nobody_uses_ends(alice: Person, app: App, clock: Clock, days: int, status: int) -> None:
    """Section 10.4: refresh tokens do not live for ever; asked at use, not at a clean-up."""
    token = app.tokens(alice)["refresh_token"]
    clock.move(days=days)
    assert app.refresh(token).status_code == status


def test_6_the_last_access_token_ends_with_the_next_one(alice: Person, app: App) -> None:
    """The wire: a refresh ends the previous access token."""
    first = app.tokens(alice)
    second = app.refresh(first["refresh_token"]).json()
    assert not app.opens(first["access_token"])
    assert app.opens(second["access_token"])


def test_10_4_a_token_that_comes_back_late_ends_all_that_came_of_it(alice: Person, app: App, clock: Clock) -> None:
    """Section 10.4: refresh token rotation detects a compromised token."""
    first = app.tokens(alice)
    second = app.refresh(first["refresh_token"]).json()
    clock.move(seconds=60)
    assert refusal(app.refresh(first["refresh_token"])) == INVALID_GRANT
    assert not app.opens(second["access_token"])
    assert refusal(app.refresh(second["refresh_token"])) == INVALID_GRANT


@pytest.mark.parametrize("seconds", [0, 1, 59])
def test_10_4_whoever_did_not_hear_the_answer_gets_it_again(
    alice: Person, app: App, clock: Clock, seconds: int
) -> None:
    """The wire: for 60 s the same token gets the same successor; what is left of its life is said."""
    first = app.tokens(alice)
    second = app.refresh(first["refresh_token"]).json()
    clock.move(seconds=seconds)
    again = app.refresh(first["refresh_token"]).json()
    assert again == second | {"expires_in": 36000 - seconds}
    assert app.opens(again["access_token"])


def test_6_an_answer_that_is_given_again_says_the_scope_that_its_token_has(alice: Person, app: App) -> None:
    """Section 5.1: the scope of the access token, whatever is asked for the second time."""
    first = app.tokens(alice, scope="read write")["refresh_token"]
    second = app.refresh(first, scope="read").json()
    assert app.refresh(first).json() == second
    assert refusal(app.refresh(first, scope="read write")) == INVALID_SCOPE
    assert app.introspected(second["access_token"])["scope"] == "read"
