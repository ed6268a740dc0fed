"""RFC 8628: an app on something without a browser."""

import re
from typing import Any

import pytest

from consentry_server.tokens.rules import LETTERS
from tests.doors.oauth.app import BEGIN_DEVICE, DEVICE_GRANT, ISSUER, TOKEN, App, refusal
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.web.person import Person, hidden, seen

PAGE = "/device/"
PENDING, SLOW_DOWN, DENIED = (400, "authorization_pending"), (400, "slow_down"), (400, "access_denied")
EXPIRED, INVALID = (400, "expired_token"), (400, "invalid_grant")


@pytest.fixture
def tv(app_of: AppOf) -> App:
    """An app on a television: it keeps no secret, and its coordinator allowed it."""
    app = app_of("Television", public=True, device_allowed=True)
    app.secret = ""
    return app


def begin(app: App, **fields: str) -> dict[str, Any]:
    found = app.post(BEGIN_DEVICE, **fields)
    assert found.status_code == 200, found.text
    begun: dict[str, Any] = found.json()
    return begun


def poll(app: App, begun: dict[str, Any]) -> tuple[int, str]:
    found = app.post(TOKEN, grant_type=DEVICE_GRANT, device_code=begun["device_code"])
    return refusal(found)


def decide(person: Person, begun: dict[str, Any], **pressed: str) -> int:
    """Type the code, read, press; return the status of the last answer."""
    page = person.post(PAGE, user_code=begun["user_code"])
    assert page.status_code == 200, seen(page)
    return person.post(PAGE, **hidden(page.text), **pressed).status_code


def test_3_2_a_device_is_told_what_to_show_and_how_to_ask(tv: App) -> None:
    """Section 3.2: every member of the answer."""
    begun = begin(tv)
    assert begun["verification_uri"] == f"{ISSUER}{PAGE}"
    assert begun["verification_uri_complete"] == f"{ISSUER}{PAGE}?user_code={begun['user_code']}"
    assert (begun["expires_in"], begun["interval"]) == (600, 5)
    assert set(begun) == {
        *("device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval"),
    }


def test_3_2_nobody_keeps_the_answer(tv: App) -> None:
    """Section 3.2: as RFC 6749 section 5.1."""
    assert tv.post(BEGIN_DEVICE).headers["Cache-Control"] == "no-store"


def test_6_1_what_a_person_types_is_short_and_no_word(tv: App) -> None:
    """Section 6.1: 20 consonants, eight of them: 20^8 codes."""
    codes = {begin(tv)["user_code"] for _ in range(20)}
    assert len(codes) == 20
    assert all(re.fullmatch(f"[{LETTERS}]{{4}}-[{LETTERS}]{{4}}", code) for code in codes)


@pytest.mark.parametrize("typed", ["{0}", "{0} ", "lower", "dots", "together", "spaces"])
def test_6_1_it_may_be_typed_carelessly(alice: Person, tv: App, typed: str) -> None:
    """Section 6.1: strip what is not of the alphabet, ignore case."""
    code = begin(tv)["user_code"]
    ways = {"lower": code.lower(), "dots": ".".join(code), "together": code.replace("-", ""), "spaces": " ".join(code)}
    assert "Television" in seen(alice.post(PAGE, user_code=ways.get(typed, typed.format(code))))


def test_3_4_and_3_5_a_yes_gives_tokens_once(alice: Person, tv: App) -> None:
    """Sections 3.3 to 3.5: the member says yes elsewhere; the device asks, and has its tokens."""
    begun = begin(tv, scope="read")
    assert poll(tv, begun) == PENDING
    assert decide(alice, begun, allow="allow") == 302
    found = tv.post(TOKEN, grant_type=DEVICE_GRANT, device_code=begun["device_code"])
    assert (found.status_code, found.json()["scope"]) == (200, "read")
    assert tv.opens(found.json()["access_token"])
    assert tv.refresh(found.json()["refresh_token"]).status_code == 200
    assert poll(tv, begun) == INVALID


def test_3_5_a_no_is_told(alice: Person, tv: App) -> None:
    """Section 3.5: access_denied."""
    begun = begin(tv)
    assert decide(alice, begun, deny="deny") == 302
    assert poll(tv, begun) == DENIED


def test_3_5_whoever_waits_is_told_to_wait(tv: App, clock: Clock) -> None:
    """Section 3.5: authorization_pending."""
    begun = begin(tv)
    for _ in range(3):
        assert poll(tv, begun) == PENDING
        clock.move(seconds=5)


def test_3_5_whoever_asks_too_often_waits_longer_each_time(tv: App, clock: Clock) -> None:
    """Section 3.5: slow_down; the interval MUST be increased by 5 seconds for this and all subsequent requests."""
    begun = begin(tv)
    assert poll(tv, begun) == PENDING
    clock.move(seconds=4)
    assert poll(tv, begun) == SLOW_DOWN
    clock.move(seconds=9)
    assert poll(tv, begun) == SLOW_DOWN
    clock.move(seconds=15)
    assert poll(tv, begun) == PENDING


@pytest.mark.parametrize(("seconds", "told"), [(599, PENDING), (600, EXPIRED), (6000, EXPIRED)])
def test_3_5_it_ends(tv: App, clock: Clock, seconds: int, told: tuple[int, str]) -> None:
    """Section 3.5: expired_token."""
    begun = begin(tv)
    clock.move(seconds=seconds)
    assert poll(tv, begun) == told


def test_3_3_a_code_that_ended_is_none_for_the_member_either(alice: Person, tv: App, clock: Clock) -> None:
    """Section 3.3."""
    begun = begin(tv)
    clock.move(seconds=601)
    assert alice.post(PAGE, user_code=begun["user_code"]).status_code == 400


def test_3_5_a_yes_that_comes_too_late_gives_nothing(alice: Person, tv: App, clock: Clock) -> None:
    """Section 3.5: lifetime of the device_code."""
    begun = begin(tv)
    decide(alice, begun, allow="allow")
    clock.move(seconds=600)
    assert poll(tv, begun) == EXPIRED


@pytest.mark.parametrize("code", ["x", "é", "csd" + "a" * 49, "a" * 3999])
def test_3_4_a_code_that_is_none_is_refused(tv: App, code: str) -> None:
    """Section 3.4."""
    assert poll(tv, {"device_code": code}) == INVALID


def test_3_4_the_code_has_to_be_there(tv: App) -> None:
    """Section 3.4: device_code is REQUIRED."""
    assert refusal(tv.post(TOKEN, grant_type=DEVICE_GRANT)) == (400, "invalid_request")


def test_3_4_a_code_of_another_app_is_none(alice: Person, tv: App, app_of: AppOf) -> None:
    """Section 3.4: bound to the client."""
    begun, other = begin(tv), app_of("Radio", device_allowed=True)
    decide(alice, begun, allow="allow")
    assert poll(other, begun) == INVALID
    assert tv.post(TOKEN, grant_type=DEVICE_GRANT, device_code=begun["device_code"]).status_code == 200


@pytest.mark.parametrize("user_code", [True, False])
def test_3_4_what_a_person_types_is_no_code_of_a_device(tv: App, *, user_code: bool) -> None:
    """Section 5.2: device codes cannot be guessed from what is shown."""
    begun = begin(tv)
    assert poll(tv, {"device_code": begun["user_code"] if user_code else begun["device_code"][:-1]}) == INVALID


def test_3_1_an_app_with_a_secret_proves_itself(app_of: AppOf) -> None:
    """Section 3.1: client authentication applies."""
    app = app_of(device_allowed=True)
    assert refusal(app.http.post(BEGIN_DEVICE, data={"client_id": app.client_id})) == (401, "invalid_client")
    begun = begin(app)
    named = {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"], "client_id": app.client_id}
    assert refusal(app.http.post(TOKEN, data=named)) == (401, "invalid_client")
    assert poll(app, begun) == PENDING


@pytest.mark.parametrize("client_id", ["", "x", "a" * 40, "é"])
def test_3_1_an_unknown_app_is_nobody(tv: App, client_id: str) -> None:
    """Section 3.1: client_id is REQUIRED."""
    assert refusal(tv.http.post(BEGIN_DEVICE, data={"client_id": client_id})) == (401, "invalid_client")


@pytest.mark.parametrize("scope", ["nonsense", "read nonsense", "READ", "read\twrite"])
def test_3_1_a_scope_that_is_none_is_refused(tv: App, scope: str) -> None:
    """Section 3.1: scope as in RFC 6749 section 3.3."""
    assert refusal(tv.post(BEGIN_DEVICE, scope=scope)) == (400, "invalid_scope")


def test_3_1_a_scope_many_times_is_one(alice: Person, tv: App) -> None:
    """RFC 6749 section 3.3."""
    begun = begin(tv, scope="read " * 700)
    decide(alice, begun, allow="allow")
    found = tv.post(TOKEN, grant_type=DEVICE_GRANT, device_code=begun["device_code"])
    assert found.json()["scope"] == "read"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_3_1_it_is_asked_with_post(tv: App, method: str) -> None:
    """Section 3.1: HTTP POST."""
    assert tv.http.request(method, BEGIN_DEVICE).status_code == 405


def test_3_3_1_the_code_in_an_address_only_fills_the_form_in(alice: Person, tv: App) -> None:
    """Section 3.3.1: the member still confirms; nothing was typed for them, nothing was shown yet."""
    begun = begin(tv)
    page = alice.get(PAGE, user_code=begun["user_code"])
    assert begun["user_code"] in page.text
    assert "Television" not in page.text
    assert poll(tv, begun) == PENDING


def test_5_4_the_member_is_warned_and_sees_the_code_again(alice: Person, tv: App) -> None:
    """Section 5.4: remote phishing."""
    begun = begin(tv)
    shown = seen(alice.post(PAGE, user_code=begun["user_code"]))
    assert begun["user_code"] in shown
    assert "only if you hold the device" in shown


def test_5_4_who_is_not_logged_in_does_that_first(anybody: Person, tv: App) -> None:
    """Section 3.3: authenticates the end user."""
    begun = begin(tv)
    found = anybody.get(PAGE, user_code=begun["user_code"])
    assert found.status_code == 302
    assert found.headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("scope", ["openid", "openid read"])
def test_a_device_learns_who_the_member_is_if_it_asked(alice: Person, tv: App, scope: str) -> None:
    """OpenID Connect: an id token comes with the tokens of a device, too."""
    begun = begin(tv, scope=scope)
    decide(alice, begun, allow="allow")
    assert "id_token" in tv.post(TOKEN, grant_type=DEVICE_GRANT, device_code=begun["device_code"]).json()
