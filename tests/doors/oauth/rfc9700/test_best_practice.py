"""RFC 9700: what was learned since; where another folder has the rows already, one is shown here."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from consentry_server.projects.models import Client
from consentry_server.projects.rules import redirect_fault
from tests.doors.api.calls import EXCHANGE, bearer
from tests.doors.oauth.app import AUTHORIZE, INVALID_GRANT, TOKEN, VERIFIER, App, answer, challenge, refusal, said
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.web.person import Person, hidden
from tests.world import REDIRECT, World, make_token

S256 = {"code_challenge": challenge(), "code_challenge_method": "S256"}


@pytest.mark.parametrize(
    "address",
    [
        REDIRECT.replace("https", "http"), REDIRECT.replace("app.", "APP."), REDIRECT.upper(), f"{REDIRECT}/..",
        REDIRECT.replace("/complete", "/x/../complete"), REDIRECT.replace("/complete", "//complete"),
        REDIRECT.replace("app.example.org", "app.example.org:443"), REDIRECT.replace("app.", "www.app."),
        REDIRECT.replace("app.example.org", "app.example.org.evil.example"), f"{REDIRECT}?x=1", f"{REDIRECT} ",
    ],
)  # fmt: skip
def test_2_1_addresses_are_compared_letter_by_letter(alice: Person, app: App, address: str) -> None:
    """Sections 2.1 and 4.1.3: exact string matching."""
    assert app.send(alice, redirect_uri=address).status_code == 400


@pytest.mark.parametrize(
    "address", ["https://*.example.org/x", "https://app.example.org/*", "https://app.example.org:*/"]
)
def test_4_1_no_pattern_is_an_address(address: str) -> None:
    """Section 4.1.1: patterns are a door."""
    assert redirect_fault(address)


def test_2_1_1_new_apps_begin_with_a_challenge(alice: Person, app_of: AppOf) -> None:
    """Section 2.1.1: public clients MUST, confidential ones are RECOMMENDED to use PKCE."""
    assert Client._meta.get_field("pkce_required").default is True
    assert said(app_of("New", pkce_required=True).send(alice))["error"] == "invalid_request"


def test_2_1_1_and_4_8_a_verifier_without_a_challenge_is_refused(alice: Person, app: App) -> None:
    """Sections 2.1.1 and 4.8.2: PKCE downgrade: the attacker took the challenge away."""
    assert refusal(app.exchange(app.code(alice), code_verifier=VERIFIER)) == INVALID_GRANT


@pytest.mark.parametrize("kind", ["token", "id_token", "code token", "code id_token", "id_token token"])
def test_2_1_2_no_token_is_in_a_redirect(alice: Person, app: App, kind: str) -> None:
    """Section 2.1.2: clients SHOULD NOT use response types that issue access tokens here."""
    app.tokens(alice)
    location = app.send(alice, response_type=kind, nonce="n").headers["Location"]
    assert "access_token" not in location
    assert "id_token=" not in location


def test_2_2_2_refresh_tokens_rotate_for_every_app(alice: Person, app: App, public: App, clock: Clock) -> None:
    """Sections 2.2.2 and 4.14.2: rotation; reuse ends the family."""
    first = public.exchange(public.code(alice, **S256), code_verifier=VERIFIER).json()
    second = public.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    clock.move(seconds=60)
    assert refusal(public.refresh(first["refresh_token"])) == INVALID_GRANT
    assert not public.opens(second["access_token"])


def test_2_3_a_token_opens_one_member_of_one_project(
    world: World, alice: Person, app: App, client: httpx.Client
) -> None:
    """Section 2.3: the privileges SHOULD be restricted to the minimum required."""
    token = app.tokens(alice)["access_token"]
    whole = client.get("/api/direct-sharing/project/members/", headers=bearer(token))
    assert whole.status_code == 401
    bobs = client.get(EXCHANGE, params={"project_member_id": world.bob_number}, headers=bearer(token)).json()
    assert bobs.get("username") == "alice"


@pytest.mark.parametrize("grant_type", ["password", "client_credentials"])
def test_2_4_no_password_of_a_member_is_taken(world: World, app: App, grant_type: str) -> None:
    """Section 2.4: the resource owner password credentials grant MUST NOT be used."""
    given = {"username": "alice", "password": "correct horse battery"}
    assert refusal(app.post(TOKEN, grant_type=grant_type, **given)) == (400, "unauthorized_client")


def test_2_5_an_app_that_has_a_secret_proves_itself(alice: Person, app: App) -> None:
    """Section 2.5: SHOULD enforce client authentication if feasible."""
    given = {"grant_type": "authorization_code", "code": app.code(alice), "redirect_uri": REDIRECT}
    assert app.http.post(TOKEN, data=given | {"client_id": app.client_id}).status_code == 401


def test_2_6_there_is_metadata(client: httpx.Client, db: None) -> None:
    """Section 2.6: use of RFC 8414 is RECOMMENDED."""
    assert client.get("/.well-known/oauth-authorization-server").status_code == 200


@pytest.mark.parametrize("path", [AUTHORIZE, "/account/login/", TOKEN, "/oauth2/userinfo/", "/device/"])
def test_4_2_no_page_tells_another_where_it_came_from(alice: Person, app: App, path: str) -> None:
    """Sections 4.2.4 and 4.3: Referrer-Policy; codes and states do not leak in headers."""
    found = alice.browser.get(path, params={"client_id": app.client_id, "response_type": "code", "state": "s"})
    assert found.headers["Referrer-Policy"] == "no-referrer"


def test_4_2_4_the_page_of_consent_loads_nothing_from_elsewhere(alice: Person, app: App) -> None:
    """Section 4.2.4: no third-party resources or external links that would learn the address."""
    page = app.send(alice)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert 'rel="noopener noreferrer nofollow"' in page.text


def test_4_2_4_a_code_is_over_soon_and_once(alice: Person, app: App, clock: Clock) -> None:
    """Section 4.2.4: one-time use, short life."""
    code = app.code(alice)
    clock.move(seconds=60)
    assert refusal(app.exchange(code)) == INVALID_GRANT


def test_4_3_2_nobody_keeps_a_redirect_with_a_code(alice: Person, app: App) -> None:
    """Section 4.3.1: codes in the browser history; the answer itself is not stored."""
    assert "no-store" in answer(alice, app.send(alice), allow="allow").headers["Cache-Control"]


def test_4_4_2_who_answers_is_told(alice: Person, app: App) -> None:
    """Section 4.4.2.1: mix-up defense via issuer identification."""
    assert app.allowed(alice)["iss"] == "http://testserver"


def test_4_5_a_code_that_was_stolen_is_no_use_to_whoever_began_otherwise(alice: Person, app: App) -> None:
    """Section 4.5.3.1: authorization code injection, PKCE."""
    stolen = app.code(alice, **S256)
    assert refusal(app.exchange(stolen, code_verifier="z" * 43)) == INVALID_GRANT


def test_4_7_the_state_is_the_apps_own_and_comes_back(alice: Person, app: App) -> None:
    """Section 4.7: CSRF; state or PKCE."""
    assert app.allowed(alice, state="per-session-secret")["state"] == "per-session-secret"


def test_4_11_2_nobody_is_sent_on_to_an_app_that_staff_never_saw_before_logging_in(
    anybody: Person, app_of: AppOf
) -> None:
    """Section 4.11.2: always authenticate the user first; only redirect at once to whom the server trusts."""
    unseen, approved = app_of("Unseen", approved=False), app_of("Approved")
    for more in ({"prompt": "none"}, {"prompt": "none", "scope": "nonsense"}, {"scope": "nonsense"}):
        assert unseen.send(anybody, **more).headers["Location"] == "/account/login/"
    assert said(approved.send(anybody, prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("origin", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_4_11_2_no_parameter_but_a_registered_address_leads_out(alice: Person, app: App, origin: str) -> None:
    """Section 4.11.2: open redirection by the server."""
    more = {"next": origin, "return_to": origin, "origin": origin, "post_logout_redirect_uri": origin}
    page = app.send(alice, **more)
    assert (page.status_code, "evil.example" in page.text) == (200, False)
    back = answer(alice, page, allow="allow").headers["Location"]
    assert back.startswith(REDIRECT)
    assert "evil.example" not in back


@pytest.mark.parametrize("pressed", ["allow", "cancel"])
def test_4_12_no_form_is_sent_on_to_the_app(alice: Person, app: App, pressed: str) -> None:
    """Section 4.12: MUST NOT use the HTTP status code 307 after a form with credentials."""
    assert answer(alice, app.send(alice), **{pressed: pressed}).status_code == 302


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Server", "Forwarded", "X-Original-URL"])
def test_4_13_no_header_says_who_we_are(alice: Person, app: App, header: str) -> None:
    """Section 4.13: TLS terminating reverse proxies; headers of the outside are not believed."""
    page = app.send(alice)
    found = alice.browser.post(
        AUTHORIZE,
        data=hidden(page.text) | {"allow": "x", "csrfmiddlewaretoken": alice.browser.cookies["csrf"]},
        headers={header: "evil.example"},
    )
    assert said(found)["iss"] == "http://testserver"


def test_4_15_nobody_is_named_like_an_app(world: World, alice: Person, app: App) -> None:
    """Section 4.15: a client id can never be a member's number, so no token is taken for a member's."""
    told: Any = app.introspected(app.tokens(alice)["access_token"])
    assert told["sub"].isdigit()
    assert len(told["sub"]) == 8
    assert len(app.client_id) == 40
    assert app.introspected(make_token(app.project)) == {"active": False}


@pytest.mark.parametrize("path", [AUTHORIZE, "/account/login/", "/device/", TOKEN])
def test_4_16_no_page_is_in_a_frame(alice: Person, app: App, path: str) -> None:
    """Section 4.16: clickjacking: frame-ancestors and X-Frame-Options."""
    found = alice.browser.get(path, params={"client_id": app.client_id, "response_type": "code"})
    assert found.headers["X-Frame-Options"] == "DENY"
    if found.status_code == 200:
        assert "frame-ancestors 'none'" in found.headers["Content-Security-Policy"]


def test_4_17_no_script_of_ours_hands_a_code_over(alice: Person, app: App) -> None:
    """Section 4.17: in-browser communication flows are not offered."""
    assert said(app.send(alice, response_mode="web_message"))["error"] == "invalid_request"
    assert urlsplit(answer(alice, app.send(alice), allow="x").headers["Location"]).fragment == ""
