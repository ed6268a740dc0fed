"""Catalogue group C, 58 to 88: what an app asks of a member, and what the member is shown and says."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from consentry_server.audit.models import Event
from consentry_server.files.models import DataFile
from consentry_server.projects import actions as projects
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.models import Authorization, Consent
from consentry_server.tokens.models import AuthorizationCode
from tests.doors.api.calls import EXCHANGE, bearer
from tests.doors.oauth.app import (
    INVALID_GRANT,
    VERIFIER,
    App,
    answer,
    challenge,
    refusal,
    said,
)
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.web.person import Person, hidden, seen
from tests.world import PASSWORD, REDIRECT, THEN, World

S256 = {"code_challenge": challenge(), "code_challenge_method": "S256"}
Visit = Callable[..., Person]


def nothing_granted(world: World, app: App) -> bool:
    return sharing.live(member_id=world.alice.pk, project_id=app.project.pk) is None


@pytest.mark.parametrize("client_id", ["unknown", "a" * 40, "https://evil.example/client.json", "\u0661" * 40])
def test_058_an_unknown_app_is_a_page_and_no_redirect(alice: Person, app: App, client_id: str) -> None:
    """The wire says 404."""
    found = app.send(alice, client_id=client_id)
    assert found.status_code == 404
    assert "Location" not in found.headers


HOST = "https://app.example.org"
ADDRESSES = [
    "https://evil.example/complete", f"{HOST}/", f"{HOST}", f"{HOST}/comp", f"{REDIRECT}/x", f"{REDIRECT}/",
    f"{REDIRECT}?x=1", f"{REDIRECT}?", f"{REDIRECT};p=1", f"{REDIRECT}#", f"{REDIRECT}#x",
    "https://a@app.example.org/complete",
    "https://a:b@app.example.org/complete", f"{HOST}/Complete", f"{HOST}/COMPLETE", f"{HOST}/%63omplete",
    f"{HOST}/x/%2e%2e/complete", f"{HOST}/x/../complete", f"{HOST}/./complete", f"{HOST}//complete",
    f"{HOST}\\complete",
    f"{HOST}/complete\\", f"{HOST}/%2563omplete", f"{HOST}%2fcomplete", f"{HOST}:443/complete", f"{HOST}:8443/complete",
    "http://app.example.org/complete", "HTTPS://app.example.org/complete", "https://APP.example.org/complete",
    "https://app.example.org./complete", "https://\u0430pp.example.org/complete", "https://xn--pp-6kc.example.org/complete",
    "https://93.184.216.34/complete", "https://[::1]/complete", "//app.example.org/complete", "/complete", "complete",
    f"{REDIRECT} ", f" {REDIRECT}", f"{REDIRECT}\t", f"{REDIRECT}\r\n", f"{REDIRECT}%0a", f"{REDIRECT}\x00",
    "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https:app.example.org/complete", "https:///complete",
    f"{REDIRECT}&x=1", "https://app.example.org@evil.example/complete", f"https://evil.example/{REDIRECT}", "*", "null",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_059_nobody_is_sent_to_an_address_that_is_not_exactly_the_registered_one(
    alice: Person, app: App, address: str
) -> None:
    found = app.send(alice, redirect_uri=address)
    assert found.status_code == 400
    assert "Location" not in found.headers


def test_062_loopback_with_any_port_is_for_apps_without_a_secret(alice: Person, app_of: AppOf) -> None:
    """The whole table: rfc8252/test_native_apps.py."""
    native = app_of("Native", public=True, redirect_uris="http://127.0.0.1/back")
    server = app_of("Server", redirect_uris="http://127.0.0.1/back")
    asked = {"redirect_uri": "http://127.0.0.1:5555/back"} | S256
    assert (native.send(alice, **asked).status_code, server.send(alice, **asked).status_code) == (200, 400)


@pytest.mark.parametrize("kind", ["token", "id_token", "code token", "junk", None])
def test_064_no_other_answer_than_a_code_is_given(alice: Person, app: App, kind: str | None) -> None:
    """The wire says unauthorized_client for `token`; a missing one is invalid_request (RFC 6749 section 4.1.2.1)."""
    errors = {"token": "unauthorized_client", None: "invalid_request"}
    found = app.send(alice, response_type=kind)
    assert said(found)["error"] == errors.get(kind, "unsupported_response_type")
    assert "#" not in found.headers["Location"]


def test_073_a_challenge_that_was_taken_away_is_noticed(alice: Person, app: App) -> None:
    assert refusal(app.exchange(app.code(alice), code_verifier=VERIFIER)) == INVALID_GRANT


@pytest.mark.parametrize("method", ["plain", None])
def test_074_a_challenge_is_one_of_s256(alice: Person, app: App, method: str | None) -> None:
    back = said(app.send(alice, code_challenge=VERIFIER, code_challenge_method=method))
    assert back["error"] == "invalid_request"


def test_076_a_challenge_that_comes_again_works_for_its_code_and_is_noted(alice: Person, bob: Person, app: App) -> None:
    def warnings() -> int:
        return Event.objects.filter(name="client.challenge_again", about=f"project:{app.project.pk}").count()

    assert app.exchange(app.code(alice, **S256), code_verifier=VERIFIER).status_code == 200
    assert warnings() == 0
    assert app.exchange(app.code(bob, **S256), code_verifier=VERIFIER).status_code == 200
    assert warnings() == 1
    app.code(bob)
    assert warnings() == 1, "codes without a challenge have nothing in common"


STATES = {
    "missing": (None, True), "line breaks": ("a\r\nLocation: https://evil.example", True),
    "html": ("<script>alert(1)</script>", True), "quotes": ("\"'`", True), "2 KB": ("x" * 2000, True),
    "8 KB": ("x" * 8192, False), "NUL": ("a\x00b", False), "broken": ("\ufffd", False),
}  # fmt: skip


@pytest.mark.parametrize("kind", STATES)
def test_077_a_state_comes_back_exactly_or_is_refused(alice: Person, app: App, kind: str) -> None:
    state, taken = STATES[kind]
    found = app.send(alice, state=state)
    assert "<script>alert" not in found.text
    if not taken:
        assert (found.status_code, "Location" in found.headers) == (400, False)
        return
    done = answer(alice, found, allow="allow")
    assert said(done).get("state") == state
    assert "\r" not in done.headers["Location"]


def test_077_whatever_may_be_asked_finds_its_way_back_from_a_login(anybody: Person, app: App) -> None:
    state = "x" * 2300
    app.send(anybody, state=state)
    back = anybody.post("/account/login/", login="alice", password=PASSWORD).headers["Location"]
    assert hidden(anybody.get(back).text)["state"] == state


@pytest.mark.parametrize("scope", ["nonsense", "read nonsense", "read\twrite", " ".join(["read"] * 10_000)])
def test_079_a_scope_that_is_none_or_far_too_long_is_refused(alice: Person, app: App, scope: str) -> None:
    found = app.send(alice, scope=scope)
    assert found.status_code == 400 or said(found)["error"] == "invalid_scope"


@pytest.mark.parametrize("scope", ["", " ", "read read", "write read"])
def test_079_a_scope_is_a_set_and_an_empty_one_is_the_default(alice: Person, app: App, scope: str) -> None:
    given = app.tokens(alice, scope=scope)["scope"].split()
    assert len(given) == len(set(given)) == (len(set(scope.split())) or 7)


# what is shown is what is granted

CHANGES: dict[str, dict[str, Any]] = {
    "sources": {"requested_sources": ["source", "private"]},
    "fewer sources": {"requested_sources": []},
    "username": {"request_username_access": False},
    "name": {"name": "Another name"},
    "leader": {"leader": "Somebody else"},
    "organization": {"organization": "Another one"},
    "consent text": {"consent_text": "Other words"},
    "terms": {"terms_url": "https://app.example.org/other-terms"},
}


def change(world: World, app: App, what: str) -> None:
    fields = dict(CHANGES[what])
    if "requested_sources" in fields:
        fields["requested_sources"] = [getattr(world, name) for name in fields["requested_sources"]]
    projects.edit(project=app.project, actor="test", fields=fields, now=THEN)


@pytest.mark.parametrize("what", CHANGES)
def test_080_nobody_is_let_in_unasked_to_something_else(world: World, alice: Person, app: App, what: str) -> None:
    app.tokens(alice)
    change(world, app, what)
    page = app.send(alice)
    assert page.status_code == 200
    assert "This is not what you agreed to" in seen(page)
    assert ("It also asks for your files from Private" in seen(page)) == (what == "sources")
    assert said(app.send(alice, prompt="none"))["error"] == "consent_required"


@pytest.mark.parametrize("what", CHANGES)
def test_081_082_a_yes_to_what_was_changed_meanwhile_grants_nothing(
    world: World, alice: Person, app: App, what: str
) -> None:
    page = app.send(alice)
    change(world, app, what)
    found = answer(alice, page, allow="allow")
    assert found.status_code == 409
    assert "has changed what it asks for" in seen(found)
    assert nothing_granted(world, app)
    assert AuthorizationCode.objects.count() == 0
    assert "code" in said(answer(alice, found, allow="allow")), "read again, and agreed to"


def test_082_nobody_is_sent_to_an_address_that_was_taken_back_meanwhile(world: World, alice: Person, app: App) -> None:
    page = app.send(alice)
    moved = {"redirect_uris": "https://new.example.org/"}
    projects.edit(project=app.project, actor="test", fields=moved, now=THEN)
    found = answer(alice, page, allow="allow")
    assert (found.status_code, "Location" in found.headers) == (409, False)
    assert nothing_granted(world, app)


def test_082_an_app_that_was_paused_meanwhile_gets_nothing(world: World, alice: Person, app: App) -> None:
    page = app.send(alice)
    projects.edit(project=app.project, actor="test", fields={"active": False}, now=THEN)
    assert answer(alice, page, allow="allow").headers["Location"] == "/direct-sharing/authorize-inactive/"
    assert nothing_granted(world, app)


@pytest.mark.parametrize("ticket", [None, "", "x", "a" * 24])
def test_083_a_yes_without_a_page_is_refused(world: World, alice: Person, app: App, ticket: str | None) -> None:
    fields = hidden(app.send(alice).text)
    fields.pop("ticket")
    found = alice.post("/direct-sharing/projects/oauth2/authorize/", **fields, allow="x", ticket=ticket or "")
    assert found.status_code == 403
    assert nothing_granted(world, app)


@pytest.mark.parametrize(("seconds", "status"), [(599, 302), (600, 403), (86400, 403)])
def test_083_a_page_is_good_for_ten_minutes(alice: Person, app: App, clock: Clock, seconds: int, status: int) -> None:
    page = app.send(alice)
    clock.move(seconds=seconds)
    assert answer(alice, page, allow="allow").status_code == status


def test_083_a_page_of_one_app_is_none_of_another(world: World, alice: Person, app: App, other: App) -> None:
    fields = hidden(app.send(alice).text) | {"client_id": other.client_id}
    found = alice.post("/direct-sharing/projects/oauth2/authorize/", **fields, allow="allow")
    assert found.status_code == 404
    assert nothing_granted(world, other)
    assert nothing_granted(world, app)


def test_083_a_page_of_another_login_is_none(world: World, alice: Person, bob: Person, app: App, visit: Visit) -> None:
    page = app.send(alice)
    for somebody in (bob, visit(world.alice)):
        assert answer(somebody, page, allow="allow").status_code == 403


def test_085_pressing_twice_lets_in_once(world: World, alice: Person, app: App) -> None:
    page = app.send(alice)
    first, second = (answer(alice, page, allow="allow") for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 403)
    assert Authorization.objects.filter(member=world.alice, project=app.project).count() == 1
    assert Consent.objects.filter(authorization__project=app.project).count() == 1
    assert app.exchange(said(first)["code"]).status_code == 200


def test_085_two_tabs_let_in_once_and_each_code_works_once(world: World, alice: Person, app: App) -> None:
    pages = [app.send(alice), app.send(alice)]
    codes = [said(answer(alice, page, allow="allow"))["code"] for page in pages]
    assert [app.exchange(code).status_code for code in codes] == [200, 200]
    assert Authorization.objects.filter(member=world.alice, project=app.project).count() == 1
    assert Consent.objects.filter(authorization__project=app.project).count() == 1


def test_086_no_is_told_to_the_app_and_leaves_a_line_of_the_trail_only(world: World, alice: Person, app: App) -> None:
    back = answer(alice, app.send(alice), cancel="cancel")
    assert back.headers["Location"].startswith(f"{REDIRECT}?error=access_denied")
    assert sharing.seat(member_id=world.alice.pk, project_id=app.project.pk) is None
    assert AuthorizationCode.objects.count() == 0
    names = Event.objects.filter(about=f"project:{app.project.pk}", actor=f"member:{world.alice.pk}")
    assert list(names.values_list("name", flat=True)) == ["sharing.decline"]


def unverified(world: World) -> None:
    EmailAddress.objects.filter(user=world.alice).update(verified=False)


def suspended(world: World) -> None:
    type(world.alice).objects.filter(pk=world.alice.pk).update(is_active=False)


def second_step_pending(world: World) -> None:
    Authenticator.objects.create(user=world.alice, type=Authenticator.Type.TOTP, data={"secret": "x"})


@pytest.mark.parametrize("state", [unverified, suspended, second_step_pending])
def test_088_who_has_not_wholly_logged_in_lets_nobody_in(
    world: World, anybody: Person, app: App, state: Callable[[World], None]
) -> None:
    state(world)
    anybody.post("/account/login/", login="alice", password=PASSWORD)
    assert app.send(anybody).headers["Location"] == "/account/login/"


def test_088_who_was_suspended_meanwhile_lets_nobody_in(world: World, alice: Person, app: App) -> None:
    page = app.send(alice)
    suspended(world)
    assert answer(alice, page, allow="allow").headers["Location"] == "/account/login/"
    assert app.send(alice).headers["Location"] == "/account/login/"
    assert nothing_granted(world, app)


# groups A and B, where they touch an app


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_028_no_redirect_to_an_app_carries_a_token(alice: Person, app: App, kind: str) -> None:
    token = app.tokens(alice)[kind]
    for more in ({}, {"scope": "nonsense"}, {"approval_prompt": "force"}):
        found = app.send(alice, access_token=token, token=token, **more)
        shown = answer(alice, found, cancel="no") if found.status_code == 200 else found
        assert token not in shown.headers["Location"]


def test_047_an_app_never_sees_a_file_that_is_not_complete(
    world: World, alice: Person, app: App, client: httpx.Client
) -> None:
    token = app.tokens(alice)["access_token"]
    before = client.get(EXCHANGE, headers=bearer(token)).json()["data"]
    DataFile.objects.filter(id=world.file_id).update(completed_at=None)
    after = client.get(EXCHANGE, headers=bearer(token)).json()["data"]
    assert (len(before), after) == (1, [])
