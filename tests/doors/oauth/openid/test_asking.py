"""OpenID Connect Core section 3.1.2: how an app wants the member to be asked."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.doors.oauth.app import ISSUER, App, said
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.oauth.openid.tokens import claims
from tests.doors.web.person import Person, hidden
from tests.world import PASSWORD, World

LOGIN, AGAIN = "/account/login/", "/account/reauthenticate/"


def log_in(person: Person, *, again: bool = False) -> str:
    """Give the password on the page that was led to; return where it leads on."""
    if again:
        return str(person.post(AGAIN, password=PASSWORD).headers["Location"])
    return str(person.post(LOGIN, login="alice", password=PASSWORD).headers["Location"])


def test_3_1_2_1_prompt_none_shows_no_page_and_says_why(alice: Person, app: App) -> None:
    """Section 3.1.2.1: none; section 3.1.2.6: consent_required, with no error page in between."""
    assert said(app.send(alice, scope="openid", prompt="none")) == {
        "error": "consent_required",
        "state": "xyz",
        "iss": ISSUER,
    }


def test_3_1_2_1_prompt_none_works_once_the_member_said_yes(alice: Person, app: App) -> None:
    """Section 3.1.2.1: an error is returned only if something would have to be shown."""
    app.tokens(alice, scope="openid")
    assert "code" in said(app.send(alice, scope="openid", prompt="none"))


def test_3_1_2_6_prompt_none_of_somebody_who_is_not_logged_in(anybody: Person, app: App) -> None:
    """Section 3.1.2.6: login_required."""
    assert said(app.send(anybody, scope="openid", prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("prompt", ["none login", "none consent", "login none", "none none x"])
def test_3_1_2_1_none_goes_with_nothing_else(alice: Person, app: App, prompt: str) -> None:
    """Section 3.1.2.1: if this parameter contains none with any other value, an error is returned."""
    assert said(app.send(alice, prompt=prompt))["error"] == "invalid_request"


@pytest.mark.parametrize("prompt", ["consent", "select_account", "consent select_account"])
def test_3_1_2_1_a_page_is_shown_if_the_app_wants_one(alice: Person, app: App, prompt: str) -> None:
    """Section 3.1.2.1: consent; select_account: the page says who is logged in."""
    app.tokens(alice, scope="openid")
    assert app.send(alice, scope="openid", prompt=prompt).status_code == 200


@pytest.mark.parametrize("prompt", ["login", "login consent"])
def test_3_1_2_1_prompt_login_has_the_password_given_again(alice: Person, app: App, prompt: str) -> None:
    """Section 3.1.2.1: login; even a member who is logged in, and only then does the app hear anything."""
    app.tokens(alice, scope="openid")
    found = app.send(alice, scope="openid", prompt=prompt)
    assert (found.status_code, found.headers["Location"]) == (302, AGAIN)
    back = log_in(alice, again=True)
    query = parse_qs(urlsplit(back).query)
    assert "login" not in query.get("prompt", [""])[0]
    assert query["state"] == ["xyz"]
    page = alice.get(back)
    assert (page.status_code == 200) is ("consent" in prompt)


def test_3_1_2_1_a_wrong_password_leads_nowhere(alice: Person, app: App) -> None:
    """Section 3.1.2.1: if the member cannot be authenticated anew, no answer is given."""
    app.tokens(alice, scope="openid")
    app.send(alice, scope="openid", prompt="login")
    assert alice.post(AGAIN, password="wrong").status_code == 200


def test_3_1_2_1_who_has_just_logged_in_is_not_asked_twice(world: World, anybody: Person, app: App) -> None:
    """Section 3.1.2.1: one login is enough for prompt=login."""
    app.send(anybody, scope="openid", prompt="login", max_age="0")
    page = anybody.get(log_in(anybody))
    assert page.status_code == 200
    assert "ticket" in hidden(page.text)


@pytest.mark.parametrize(("age", "passed", "due"), [("3600", 3599, False), ("3600", 3601, True), ("1", 2, True)])
def test_3_1_2_1_max_age_has_the_password_given_again_if_it_was_too_long_ago(
    alice: Person, app: App, clock: Clock, age: str, passed: int, *, due: bool
) -> None:
    """Section 3.1.2.1: if the elapsed time is greater than this value, MUST attempt to re-authenticate."""
    clock.move(seconds=passed)
    found = app.send(alice, scope="openid", max_age=age)
    assert (found.status_code == 302) is due
    assert not due or found.headers["Location"] == AGAIN


@pytest.mark.parametrize("age", ["0", "000"])
def test_3_1_2_1_max_age_of_nothing_is_a_login_now(alice: Person, app: App, age: str) -> None:
    """Section 3.1.2.1: max_age=0 is equivalent to prompt=login."""
    assert app.send(alice, scope="openid", max_age=age).headers["Location"] == AGAIN
    page = alice.get(log_in(alice, again=True))
    assert page.status_code == 200


def test_3_1_2_1_max_age_and_prompt_none_are_told(alice: Person, app: App, clock: Clock) -> None:
    """Section 3.1.2.6: login_required."""
    app.tokens(alice, scope="openid")
    clock.move(seconds=100)
    assert said(app.send(alice, scope="openid", max_age="10", prompt="none"))["error"] == "login_required"
    assert "code" in said(app.send(alice, scope="openid", max_age="1000", prompt="none"))


@pytest.mark.parametrize("age", ["-1", "x", "1.5", "1e3", "٣", "9" * 10, " 5"])
def test_3_1_2_1_max_age_is_a_number(alice: Person, app: App, age: str) -> None:
    """Section 3.1.2.1: seconds; anything else is invalid_request."""
    assert said(app.send(alice, max_age=age))["error"] == "invalid_request"


def test_2_auth_time_is_that_of_the_password_given_again(alice: Person, app: App, world: World) -> None:
    """Section 2: auth_time is REQUIRED if max_age was asked for, and says when the password was given."""
    first = claims(app.tokens(alice, scope="openid")["id_token"])["auth_time"]
    app.send(alice, scope="openid", max_age="0")
    code = said(alice.get(log_in(alice, again=True)))["code"]
    again = claims(app.exchange(code).json()["id_token"])["auth_time"]
    assert again >= first


NOT_OFFERED = ["request", "request_uri", "registration"]


@pytest.mark.parametrize("name", NOT_OFFERED)
def test_3_1_2_6_what_is_not_offered_is_told(alice: Person, app: App, name: str) -> None:
    """Sections 3.1.2.6, 6.1, 6.2 and 7.2.1: ..._not_supported; nothing is fetched."""
    back = said(app.send(alice, scope="openid", **{name: "https://evil.example/x"}))
    assert back.pop("error_description")
    assert back == {"error": f"{name}_not_supported", "state": "xyz", "iss": ISSUER}


IGNORED = {
    "display": "popup",
    "ui_locales": "de fr",
    "claims_locales": "de",
    "login_hint": "bob",
    "acr_values": "urn:x",
    "id_token_hint": "a.b.c",
    "claims": '{"userinfo":{"email":null}}',
}


@pytest.mark.parametrize("name", IGNORED)
def test_3_1_2_1_wishes_that_may_be_passed_over_are(alice: Person, app: App, name: str) -> None:
    """Section 3.1.2.1: use of these MUST NOT result in an error; nor do they give more."""
    found = claims(app.tokens(alice, scope="openid", **{name: IGNORED[name]})["id_token"])
    assert found["preferred_username"] == "alice"
    assert "email" not in found


def test_3_1_2_4_the_page_says_that_it_is_a_login(alice: Person, app: App) -> None:
    """Section 3.1.2.4: the member is shown what is asked."""
    assert "log you in" in app.send(alice, scope="openid").text
    assert "log you in" not in app.send(alice, scope="read").text


@pytest.mark.parametrize("scope", ["email", "profile", "openid email", "offline_access", "address"])
def test_5_4_no_scope_asks_for_what_is_never_told(alice: Person, app: App, scope: str) -> None:
    """Section 5.4: e-mail addresses and names are told to no app, so there are no such scopes."""
    assert said(app.send(alice, scope=scope))["error"] == "invalid_scope"


def test_an_unseen_app_gets_no_answer_without_a_login(anybody: Person, app_of: AppOf) -> None:
    """RFC 9700 section 4.11.2."""
    found = app_of("Unseen", approved=False).send(anybody, prompt="none", scope="openid")
    assert found.headers["Location"] == LOGIN
