"""Catalogue group C, 65 to 104: what an app gets for a code, and what becomes of it."""

from collections.abc import Callable

import httpx
import pytest
from django.core.mail import EmailMessage

from consentry_server.config.wsgi import application
from consentry_server.tokens.models import Device, Family
from tests.doors.api.calls import PROJECT
from tests.doors.oauth.app import (
    BEGIN_DEVICE,
    DEVICE_GRANT,
    DISCOVERY,
    INTROSPECT,
    INVALID_CLIENT,
    INVALID_GRANT,
    METADATA,
    REVOKE,
    TOKEN,
    App,
    refusal,
    said,
)
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.web.person import Person, hidden, seen
from tests.world import REDIRECT, World


@pytest.mark.parametrize("kind", ["password", "implicit", DEVICE_GRANT, "junk", "", "openid"])
def test_065_other_ways_to_a_token_are_refused(app: App, kind: str) -> None:
    """The wire says unauthorized_client for password; so it is for devices, unless the coordinator allowed them."""
    found = app.post(TOKEN, grant_type=kind, username="alice", password="x", device_code="x")
    assert found.status_code == 400
    expected = {"password": "unauthorized_client", DEVICE_GRANT: "unauthorized_client"}
    assert refusal(found)[1] == expected.get(kind, "unsupported_grant_type")


def test_067_a_code_that_comes_back_ends_all_that_came_of_it(alice: Person, app: App) -> None:
    code = app.code(alice)
    first = app.exchange(code).json()
    second = app.refresh(first["refresh_token"]).json()
    assert refusal(app.exchange(code)) == INVALID_GRANT
    assert not app.opens(second["access_token"])
    assert refusal(app.refresh(second["refresh_token"])) == INVALID_GRANT
    assert Family.objects.get().ended_by == "replay"


def test_067_another_app_that_replays_a_code_ends_nothing(alice: Person, app: App, other: App) -> None:
    code = app.code(alice)
    tokens = app.exchange(code).json()
    assert refusal(other.exchange(code)) == INVALID_GRANT
    assert app.opens(tokens["access_token"])


@pytest.mark.parametrize("given", ["https://app.example.org/x", f"{REDIRECT}/", None])
def test_070_a_code_with_a_wrong_address_or_without_is_refused(alice: Person, app: App, given: str | None) -> None:
    fields = {"grant_type": "authorization_code", "code": app.code(alice)}
    assert app.post(TOKEN, **fields, **({"redirect_uri": given} if given else {})).status_code == 400


def test_070_an_address_that_was_not_asked_with_is_one_too_many(alice: Person, app: App) -> None:
    code = app.code(alice, redirect_uri=None)
    assert app.exchange(code).status_code == 400
    assert app.post(TOKEN, grant_type="authorization_code", code=code).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (61, 400)])
def test_071_a_code_is_good_for_a_minute(alice: Person, app: App, clock: Clock, seconds: int, status: int) -> None:
    code = app.code(alice)
    clock.move(seconds=seconds)
    assert app.exchange(code).status_code == status


def test_071_a_clock_that_steps_back_lets_nobody_exchange_twice(alice: Person, app: App, clock: Clock) -> None:
    code = app.code(alice)
    assert app.exchange(code).status_code == 200
    clock.move(minutes=-5)
    assert refusal(app.exchange(code)) == INVALID_GRANT


# who an app is


def from_address(app: App, address: str, secret: str) -> httpx.Response:
    transport = httpx.WSGITransport(app=application, remote_addr=address)
    with httpx.Client(transport=transport, base_url="http://testserver") as client:
        fields = {"grant_type": "refresh_token", "refresh_token": "x"}
        return client.post(TOKEN, data=fields, auth=(app.client_id, secret))


def test_089_after_ten_wrong_secrets_an_address_has_to_wait_and_nobody_else(app: App, other: App, clock: Clock) -> None:
    for nth in range(10):
        assert refusal(from_address(app, "192.0.2.1", f"wrong {nth}")) == INVALID_CLIENT
    shut = from_address(app, "192.0.2.1", app.secret)
    assert shut.status_code == 429
    assert 0 < int(shut.headers["Retry-After"]) <= 60
    assert refusal(from_address(app, "192.0.2.2", app.secret)) == INVALID_GRANT
    assert refusal(from_address(other, "192.0.2.1", other.secret)) == INVALID_GRANT
    clock.move(seconds=61)
    assert refusal(from_address(app, "192.0.2.1", app.secret)) == INVALID_GRANT


@pytest.mark.parametrize("address", [TOKEN, REVOKE, INTROSPECT, BEGIN_DEVICE])
def test_089_a_secret_cannot_be_tried_out_at_any_endpoint(app: App, address: str) -> None:
    for _ in range(10):
        app.http.post(
            address,
            data={"token": "x", "grant_type": "refresh_token", "refresh_token": "x"},
            auth=(app.client_id, "no"),
        )
    found = app.post(address, token="x", grant_type="refresh_token", refresh_token="x")
    assert found.status_code == 429


@pytest.mark.parametrize("secret", ["", "a:b", "%", "%zz", "a%3Ab", "css", "x" * 3000])
def test_089_a_secret_that_is_none_is_refused_with_a_challenge(app: App, secret: str) -> None:
    found = app.http.post(
        TOKEN, data={"grant_type": "refresh_token", "refresh_token": "x"}, auth=(app.client_id, secret)
    )
    assert refusal(found) == INVALID_CLIENT
    assert "Basic realm=" in found.headers["WWW-Authenticate"]


def test_091_somebody_elses_refresh_token_is_refused_and_not_burnt(alice: Person, app: App, other: App) -> None:
    token = app.tokens(alice)["refresh_token"]
    assert refusal(other.refresh(token)) == INVALID_GRANT
    assert app.refresh(token).status_code == 200


def test_091_nothing_is_refreshed_for_a_member_who_left(alice: Person, app: App) -> None:
    tokens = app.tokens(alice)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert app.http.post(f"{PROJECT}remove-members/", headers=headers).status_code == 200
    assert refusal(app.refresh(tokens["refresh_token"])) == INVALID_GRANT


def test_092_an_old_refresh_token_ends_the_family_and_both_are_told(
    world: World, alice: Person, app: App, clock: Clock, drain: Callable[..., int], mailoutbox: list[EmailMessage]
) -> None:
    first = app.tokens(alice)
    second = app.refresh(first["refresh_token"]).json()
    clock.move(seconds=61)
    assert refusal(app.refresh(first["refresh_token"])) == INVALID_GRANT
    assert not app.opens(second["access_token"])
    drain(clock.now)
    told = [mail.to[0] for mail in mailoutbox if "used twice" in mail.subject or "ended the access" in mail.subject]
    assert sorted(told) == ["alice@example.org", "coordinator@example.org"]


def test_094_an_answer_that_was_lost_is_given_again_for_a_minute(alice: Person, app: App, clock: Clock) -> None:
    token = app.tokens(alice)["refresh_token"]
    lost = app.refresh(token).json()
    clock.move(seconds=59)
    again = app.refresh(token).json()
    assert (again["access_token"], again["refresh_token"]) == (lost["access_token"], lost["refresh_token"])
    assert app.opens(again["access_token"])


def test_095_a_family_ends_after_two_years_however_often_it_was_used(alice: Person, app: App, clock: Clock) -> None:
    token = app.tokens(alice)["refresh_token"]
    for _ in range(7):
        clock.move(days=100)
        token = app.refresh(token).json()["refresh_token"]
    clock.move(days=30)
    assert refusal(app.refresh(token)) == INVALID_GRANT


def test_097_nobody_learns_what_a_token_of_another_is_good_for(alice: Person, app: App, other: App) -> None:
    """The wire says 403 for whoever is no app."""
    tokens = app.tokens(alice)
    for token in (*tokens.values(), "junk"):
        assert other.introspected(str(token)) == {"active": False}
    assert app.http.post(INTROSPECT, data={"token": tokens["access_token"]}).status_code == 403


# what there is not

HIDDEN = [
    "/oauth2/par/", "/oauth2/request/", "/oauth2/as/par", "/par", "/oauth2/pushed-authorization-request/",
    "/oauth2/register/", "/oauth2/registration/", "/connect/register", "/register", "/oauth2/applications/register/",
    "/oauth2/bc-authorize/", "/oauth2/logout/", "/oauth2/end_session/", "/oauth2/check_session/", "/oauth2/tokeninfo/",
    "/oauth2/userinfo", "/.well-known/oauth-protected-resource", "/.well-known/jwks.json", "/oauth2/revoke/",
]  # fmt: skip


@pytest.mark.parametrize("address", HIDDEN)
def test_100_101_103_no_endpoint_is_hidden(client: httpx.Client, db: None, address: str) -> None:
    """Each that is told is tried in rfc8414/test_metadata.py."""
    assert client.get(address).status_code == 404
    assert client.post(address, data={"x": "y"}).status_code in (403, 404)
    for document in (METADATA, DISCOVERY):
        assert f"http://testserver{address}" not in client.get(document).json().values()


@pytest.mark.parametrize("uri", ["urn:ietf:params:oauth:request_uri:x", "https://evil.example/jar", "x"])
def test_101_no_request_is_pushed_or_fetched(alice: Person, app: App, uri: str) -> None:
    assert said(app.send(alice, request_uri=uri))["error"] == "request_uri_not_supported"


def test_101_a_proof_of_possession_changes_nothing(alice: Person, app: App) -> None:
    """DPoP is not offered: tokens stay bearer tokens, and no other scheme opens anything."""
    fields = {"grant_type": "authorization_code", "code": app.code(alice), "redirect_uri": REDIRECT}
    found = app.http.post(TOKEN, data=fields, auth=(app.client_id, app.secret), headers={"DPoP": "a.b.c"}).json()
    assert found["token_type"] == "Bearer"
    headers = {"Authorization": f"DPoP {found['access_token']}", "DPoP": "a.b.c"}
    assert app.http.get(PROJECT, headers=headers).status_code == 401


@pytest.mark.parametrize("client_id", ["https://app.example.org/client.json", "http://127.0.0.1/x", "did:web:x"])
def test_103_an_address_is_no_client_id_and_is_not_fetched(alice: Person, app: App, client_id: str) -> None:
    assert app.send(alice, client_id=client_id).status_code == 404
    found = app.http.post(TOKEN, data={"grant_type": "authorization_code", "code": "x", "client_id": client_id})
    assert refusal(found) == INVALID_CLIENT


# devices


def begin(app: App) -> dict[str, str]:
    begun: dict[str, str] = app.post(BEGIN_DEVICE).json()
    return begun


def poll(app: App, begun: dict[str, str]) -> tuple[int, str]:
    return refusal(app.post(TOKEN, grant_type=DEVICE_GRANT, device_code=begun["device_code"]))


@pytest.fixture
def tv(app_of: AppOf) -> App:
    return app_of("Television", device_allowed=True)


def test_104_devices_are_off_unless_the_coordinator_allows_them(app: App) -> None:
    assert refusal(app.post(BEGIN_DEVICE)) == (400, "unauthorized_client")
    assert refusal(app.post(TOKEN, grant_type=DEVICE_GRANT, device_code="x")) == (400, "unauthorized_client")
    assert Device.objects.count() == 0


def test_104_whoever_guesses_five_codes_in_a_minute_has_to_wait(
    alice: Person, bob: Person, tv: App, clock: Clock
) -> None:
    begun = begin(tv)
    for _ in range(5):
        assert alice.post("/device/", user_code="BBBB-BBBB").status_code == 400
    assert alice.post("/device/", user_code=begun["user_code"]).status_code == 429
    assert bob.post("/device/", user_code=begun["user_code"]).status_code == 200
    clock.move(seconds=61)
    assert alice.post("/device/", user_code=begin(tv)["user_code"]).status_code == 200


def test_104_only_the_member_who_typed_the_code_decides(alice: Person, bob: Person, tv: App) -> None:
    begun = begin(tv)
    page = alice.post("/device/", user_code=begun["user_code"])
    assert "Television" in seen(page)
    for pressed in ({}, {"allow": "allow"}, {"deny": "deny"}):
        assert (
            bob.post("/device/", **hidden(page.text) | {"user_code": begun["user_code"]}, **pressed).status_code == 400
        )
    assert poll(tv, begun) == (400, "authorization_pending")
    assert alice.post("/device/", **hidden(page.text), allow="allow").status_code == 302
    assert tv.post(TOKEN, grant_type=DEVICE_GRANT, device_code=begun["device_code"]).status_code == 200


def test_104_nobody_decides_who_was_not_shown_what_it_is(alice: Person, bob: Person, tv: App) -> None:
    shown, begun = begin(tv), begin(tv)
    page = bob.post("/device/", user_code=shown["user_code"])
    fields = hidden(page.text) | {"user_code": begun["user_code"]}
    assert alice.post("/device/", **fields, allow="allow").status_code == 400
    assert poll(tv, begun) == (400, "authorization_pending")


def test_104_a_form_from_elsewhere_decides_nothing(alice: Person, tv: App) -> None:
    begun = begin(tv)
    page = alice.post("/device/", user_code=begun["user_code"])
    assert alice.browser.post("/device/", data=hidden(page.text) | {"allow": "allow"}).status_code == 403
    assert poll(tv, begun) == (400, "authorization_pending")
