"""RFC 6749 section 10: what an app, a member and this server have to fear."""

import httpx
import pytest

from consentry_server.sharing import queries
from tests.doors.api.calls import PROJECT, bearer
from tests.doors.oauth.app import AUTHORIZE, TOKEN, App, answer, said
from tests.doors.oauth.conftest import AppOf
from tests.doors.web.person import Person, hidden
from tests.world import REDIRECT, World


@pytest.mark.parametrize("address", [TOKEN, AUTHORIZE, "/oauth2/revoke_token/", "/oauth2/introspect/"])
def test_10_3_nothing_goes_over_plain_http(app: App, settings: object, address: str) -> None:
    """Sections 3.1, 3.2 and 10.3: MUST require TLS, once the site has it."""
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    found = app.http.post(address, data={"token": "x"})
    assert found.status_code in (301, 400, 403)
    assert "access_token" not in found.text


def test_10_6_a_code_of_another_address_is_worth_nothing(alice: Person, app_of: AppOf) -> None:
    """Section 10.6: authorization code redirection URI manipulation."""
    app = app_of(redirect_uris=f"{REDIRECT}\nhttps://app.example.org/forum")
    code = app.code(alice, redirect_uri="https://app.example.org/forum")
    assert app.exchange(code).status_code == 400


def test_10_12_a_form_from_elsewhere_lets_nobody_in(alice: Person, app: App) -> None:
    """Section 10.12: MUST implement CSRF protection for the authorization endpoint."""
    fields = hidden(app.send(alice).text)
    found = alice.browser.post(AUTHORIZE, data=fields | {"allow": "allow"})
    assert found.status_code == 403
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    proof = {"csrfmiddlewaretoken": alice.browser.cookies["csrf"]}
    assert alice.browser.post(AUTHORIZE, data=fields | proof | {"allow": "allow"}, headers=evil).status_code == 403


def test_10_12_a_link_lets_nobody_in_and_leaves_no_row(world: World, alice: Person, app: App) -> None:
    """Section 10.12: the end-user's authorization is explicit; looking changes nothing."""
    assert app.send(alice, allow="allow", ticket="x").status_code == 200
    assert queries.seat(member_id=world.alice.pk, project_id=app.project.pk) is None


def test_10_13_the_page_is_in_no_frame(alice: Person, app: App) -> None:
    """Section 10.13: clickjacking."""
    found = app.send(alice)
    assert found.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in found.headers["Content-Security-Policy"]


@pytest.mark.parametrize("place", ["state", "scope", "redirect_uri", "client_id", "origin", "nonce"])
def test_10_14_nothing_that_was_sent_runs(alice: Person, app: App, place: str) -> None:
    """Section 10.14: code injection and input validation."""
    found = app.send(alice, **{place: "\"'><script>alert(1)</script>"})
    assert "<script>alert" not in found.text


def test_10_15_a_page_that_refuses_leads_nowhere(alice: Person, app: App) -> None:
    """Section 10.15: open redirectors."""
    found = app.send(alice, redirect_uri="https://evil.example/")
    assert found.status_code == 400
    assert "evil.example" not in found.text


def test_10_16_a_code_is_for_one_app_and_an_access_token_of_one_app_shows_nothing_of_another(
    alice: Person, app: App, other: App, client: httpx.Client
) -> None:
    """Section 10.16: misuse of an access token to impersonate a resource owner."""
    token = other.tokens(alice)["access_token"]
    assert client.get(PROJECT, headers=bearer(token)).json()["id"] == other.project.pk
    assert app.introspected(token) == {"active": False}


def test_10_12_what_is_answered_is_what_was_shown(alice: Person, app: App) -> None:
    """Section 10.12: fields of the form cannot be swapped; the ticket holds what counts."""
    page = app.send(alice)
    swapped = {"redirect_uri": "https://evil.example/", "state": "forged", "scope": "openid", "response_type": "token"}
    found = alice.post(AUTHORIZE, **hidden(page.text) | swapped, allow="allow")
    assert found.headers["Location"].startswith(f"{REDIRECT}?code=")
    back = said(found)
    assert back["state"] == "xyz"
    assert app.exchange(back["code"]).json()["scope"].startswith("read write")


def test_10_12_a_ticket_of_another_person_is_none(alice: Person, bob: Person, app: App) -> None:
    """Section 10.12: the answer is bound to the session that was asked."""
    page = app.send(alice)
    assert answer(bob, page, allow="allow").status_code == 403
