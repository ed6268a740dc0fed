"""RFC 7009: an app gives back what it holds."""

import pytest

from tests.doors.oauth.app import INVALID_CLIENT, INVALID_REQUEST, REVOKE, VERIFIER, App, challenge, refusal
from tests.doors.web.person import Person


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_2_it_is_asked_with_post(app: App, method: str) -> None:
    """Section 2: HTTP POST."""
    found = app.http.request(method, REVOKE)
    assert (found.status_code, found.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "pct", "é", ""])
def test_2_1_a_refresh_token_takes_all_along_whatever_the_hint(alice: Person, app: App, hint: str | None) -> None:
    """Section 2.1: SHOULD also invalidate all access tokens; the hint may be ignored."""
    tokens = app.tokens(alice)
    named = {} if hint is None else {"token_type_hint": hint}
    assert app.post(REVOKE, token=tokens["refresh_token"], **named).status_code == 200
    assert not app.opens(tokens["access_token"])
    assert app.refresh(tokens["refresh_token"]).status_code == 400


@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "nonsense"])
def test_2_1_an_access_token_goes_alone_whatever_the_hint(alice: Person, app: App, hint: str | None) -> None:
    """Section 2.1: MAY revoke the refresh token as well; the wire says that it stays."""
    tokens = app.tokens(alice)
    named = {} if hint is None else {"token_type_hint": hint}
    assert app.post(REVOKE, token=tokens["access_token"], **named).status_code == 200
    assert not app.opens(tokens["access_token"])
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_2_1_the_end_is_at_once(alice: Person, app: App) -> None:
    """Section 2.1: the invalidation takes place immediately."""
    tokens = app.tokens(alice)
    assert app.opens(tokens["access_token"])
    app.post(REVOKE, token=tokens["access_token"])
    assert not app.opens(tokens["access_token"])
    assert app.introspected(tokens["access_token"]) == {"active": False}


def test_2_1_other_sessions_of_the_same_member_stay(alice: Person, app: App) -> None:
    """Section 2.1: tokens of the same authorization grant; another grant is another matter."""
    first, second = app.tokens(alice), app.tokens(alice)
    app.post(REVOKE, token=first["refresh_token"])
    assert app.opens(second["access_token"])


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_2_1_nobody_ends_what_was_given_to_another(alice: Person, app: App, other: App, kind: str) -> None:
    """Section 2.1: verifies whether the token was issued to the client making the request."""
    tokens = app.tokens(alice)
    found = other.post(REVOKE, token=tokens[kind])
    assert (found.status_code, found.content) == (200, b"")
    assert app.opens(tokens["access_token"])
    assert app.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    "token", ["x", "é", "a" * 3999, "csa" + "a" * 49, "csr" + "0" * 49, "csc" + "0" * 49, "' OR 1"]
)
def test_2_2_what_is_none_is_as_good_as_ended(app: App, token: str) -> None:
    """Section 2.2: responds with 200 for an invalid token, which the client cannot do anything about."""
    found = app.post(REVOKE, token=token)
    assert (found.status_code, found.content) == (200, b"")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_2_2_twice_is_the_same(alice: Person, app: App, kind: str) -> None:
    """Section 2.2."""
    token = app.tokens(alice)[kind]
    assert [app.post(REVOKE, token=token).status_code for _ in range(2)] == [200, 200]


def test_2_1_the_token_has_to_be_there(app: App) -> None:
    """Sections 2.1 and 2.2.1: token is REQUIRED; invalid_request."""
    found = app.post(REVOKE)
    assert refusal(found) == INVALID_REQUEST
    assert (found.headers["Cache-Control"], found.headers["Pragma"]) == ("no-store", "no-cache")


@pytest.mark.parametrize("who", ["nobody", "wrong secret", "name only", "bearer"])
def test_2_1_the_app_proves_itself(alice: Person, app: App, who: str) -> None:
    """Section 2.1: the server first validates the client credentials; section 2.2.1: invalid_client."""
    tokens = app.tokens(alice)
    named, given = {"client_id": app.client_id}, {"token": tokens["refresh_token"]}
    found = {
        "nobody": lambda: app.http.post(REVOKE, data=given),
        "wrong secret": lambda: app.http.post(REVOKE, data=given, auth=(app.client_id, "x")),
        "name only": lambda: app.http.post(REVOKE, data=given | named),
        "bearer": lambda: app.http.post(REVOKE, data=given, headers={"Authorization": f"Bearer {app.secret}"}),
    }[who]()
    assert refusal(found) == INVALID_CLIENT
    assert app.opens(tokens["access_token"])


def test_2_1_an_app_without_a_secret_gives_back_what_is_its_own(alice: Person, public: App, app: App) -> None:
    """Section 5: public clients are identified, and the token's binding is checked."""
    code = public.code(alice, code_challenge=challenge(), code_challenge_method="S256")
    tokens = public.exchange(code, code_verifier=VERIFIER).json()
    assert public.post(REVOKE, token=app.tokens(alice)["refresh_token"]).status_code == 200
    assert public.post(REVOKE, token=tokens["refresh_token"]).status_code == 200
    assert not public.opens(tokens["access_token"])


def test_2_nothing_is_read_from_the_address(alice: Person, app: App) -> None:
    """Section 2: parameters in the HTTP request entity-body."""
    tokens = app.tokens(alice)
    found = app.http.post(REVOKE, params={"token": tokens["refresh_token"]}, auth=(app.client_id, app.secret))
    assert refusal(found) == INVALID_REQUEST
    assert app.opens(tokens["access_token"])


@pytest.mark.parametrize("callback", ["package.myCallback", "alert(1)"])
def test_2_3_there_is_no_answer_that_runs(alice: Person, app: App, callback: str) -> None:
    """Section 2.3: cross-origin support, JSONP included, is not offered."""
    found = app.post(REVOKE, token="x", callback=callback)
    assert (found.status_code, found.content) == (200, b"")
    assert "Access-Control-Allow-Origin" not in found.headers


def test_2_a_code_that_was_not_exchanged_is_no_token_to_revoke(alice: Person, app: App) -> None:
    """Section 1: access and refresh tokens."""
    code = app.code(alice)
    assert app.post(REVOKE, token=code).status_code == 200
    assert app.exchange(code).status_code == 200
