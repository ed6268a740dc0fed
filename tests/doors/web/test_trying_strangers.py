"""The page on which a coordinator tries an app: nobody else, and no other app, is sent back to it."""

from collections.abc import Callable

import httpx
import pytest

from consentry_server.sharing.models import Authorization
from consentry_server.tokens.models import AuthorizationCode, Family, RefreshToken
from tests.doors.oauth.app import AUTHORIZE, answer, said
from tests.doors.web.person import Person, seen
from tests.doors.web.walking import BACK, TRY, App, allow, begin, code_of, of_walk, send
from tests.world import PASSWORD, REDIRECT, World, make_app


def test_059_no_other_member_is_sent_back_to_the_page(world: World, alice: Person, tracker: App) -> None:
    answered = alice.browser.get(of_walk(tracker[1]))

    assert answered.status_code == 400
    assert "asked in a wrong way" in seen(answered)
    assert not Authorization.objects.filter(project=tracker[0]).exists()


def test_059_not_even_another_coordinator_is(world: World, alice: Person, tracker: App) -> None:
    make_app(world.alice, "Rival")

    assert alice.browser.get(of_walk(tracker[1])).status_code == 400


def test_059_no_other_app_is_sent_there_even_of_the_same_coordinator(
    world: World, coordinator: Person, tracker: App
) -> None:
    _, other, _ = make_app(world.coordinator, "Second")

    assert coordinator.browser.get(of_walk(other)).status_code == 400
    assert coordinator.browser.get(of_walk(other, BACK.replace("tracker", "second"))).status_code == 200


@pytest.mark.parametrize(
    "at",
    [
        f"{BACK}?next=1",
        f"{BACK}more/",
        BACK.removesuffix("/"),
        f"{BACK}#",
        BACK.replace("http://", "https://"),
        BACK.replace("testserver", "testserver:81"),
        BACK.replace("testserver", "evil.example"),
        BACK.replace("testserver", "testserver@evil.example"),
        BACK.replace("/try/", "/%74ry/"),
        BACK.replace("/try/", "//try/"),
        BACK.upper(),
        TRY,
    ],
)
def test_059_the_address_counts_letter_by_letter(coordinator: Person, tracker: App, at: str) -> None:
    answered = coordinator.browser.get(of_walk(tracker[1], at))

    assert answered.status_code == 400
    assert "Location" not in answered.headers


@pytest.mark.parametrize("prompt", ["", "none"])
def test_059_who_is_not_logged_in_is_told_nothing_and_sent_nowhere(anybody: Person, tracker: App, prompt: str) -> None:
    answered = anybody.browser.get(of_walk(tracker[1], prompt=prompt))

    assert answered.status_code == 400 or answered.headers["Location"] == "/account/login/"


def test_059_a_member_who_logs_in_on_the_way_is_not_sent_there_either(
    world: World, anybody: Person, tracker: App
) -> None:
    anybody.browser.get(of_walk(tracker[1]))
    back = anybody.post("/account/login/", login="alice", password=PASSWORD).headers["Location"]

    assert back.startswith(AUTHORIZE)
    assert anybody.browser.get(back).status_code == 400


def test_059_no_header_makes_somebody_the_coordinator(world: World, alice: Person, tracker: App) -> None:
    for name in ("asked-of", "ASKED_OF", "X-Asked-Of"):
        headers = {name: str(world.coordinator.pk)}
        assert alice.browser.get(of_walk(tracker[1]), headers=headers).status_code == 400


def test_the_form_of_the_page_is_answered_by_the_coordinator_only(
    world: World, coordinator: Person, alice: Person, tracker: App
) -> None:
    page = coordinator.browser.get(begin(coordinator, tracker[2]))

    assert answer(alice, page, allow="allow").status_code == 403
    assert not Authorization.objects.filter(project=tracker[0]).exists()


def test_a_coordinator_is_sent_to_the_apps_own_address_as_everybody_is(coordinator: Person, tracker: App) -> None:
    page = coordinator.browser.get(of_walk(tracker[1], REDIRECT))

    assert answer(coordinator, page, allow="allow").headers["Location"].startswith(f"{REDIRECT}?code=")


def test_an_answer_that_no_walk_of_this_session_asked_for_is_not_used(coordinator: Person, tracker: App) -> None:
    begin(coordinator, tracker[2])
    page = coordinator.browser.get(of_walk(tracker[1]))
    lured = said(answer(coordinator, page, allow="allow"))
    back = coordinator.get(TRY, **lured)
    forced = coordinator.post(TRY, step="token", **lured)

    assert "belongs to no walk that you began here" in seen(back)
    assert "Send it" not in seen(back)
    assert lured["code"] not in back.text
    assert forced.status_code == 302
    assert not Family.objects.exists()


def test_a_code_of_the_walk_is_of_no_use_without_its_verifier(
    coordinator: Person, client: httpx.Client, tracker: App
) -> None:
    _, client_id, secret = tracker
    code = code_of(allow(coordinator, begin(coordinator, secret)))
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": "x" * 43}
    answered = client.post("/oauth2/token/", data=fields, auth=(client_id, secret))

    assert (answered.status_code, answered.json()["error"]) == (400, "invalid_grant")


def test_a_walk_through_one_app_is_none_through_another(world: World, coordinator: Person, tracker: App) -> None:
    make_app(world.coordinator, "Second")
    page = send(coordinator, allow(coordinator, begin(coordinator, tracker[2])))
    other = TRY.replace("tracker", "second")

    assert "200 OK" in seen(page)
    assert "200 OK" not in seen(coordinator.get(other))
    coordinator.post(other, step="project")
    assert "200 OK" not in seen(coordinator.get(other))


def test_a_walk_of_one_session_is_none_of_another(
    world: World, coordinator: Person, tracker: App, visit: Callable[..., Person]
) -> None:
    send(coordinator, allow(coordinator, begin(coordinator, tracker[2])))
    elsewhere = visit(world.coordinator)

    assert "200 OK" not in seen(elsewhere.get(TRY))
    assert elsewhere.post(TRY, step="end").status_code == 302
    assert Family.objects.get().ended_at is None


@pytest.mark.parametrize("step", ["member", "refresh", "token", "nothing", ""])
def test_a_step_out_of_turn_asks_nothing(coordinator: Person, tracker: App, step: str) -> None:
    page = send(coordinator, allow(coordinator, begin(coordinator, tracker[2])))
    code = AuthorizationCode.objects.get()
    answered = coordinator.post(TRY, step=step, code="x", state="x")

    assert "4. It asks about the project" in seen(page)
    assert answered.headers["Location"] == TRY
    assert "That step is over." in seen(coordinator.get(TRY))
    assert Family.objects.get(code=code).ended_at is None
    assert RefreshToken.objects.count() == 1


def test_044_the_page_is_there_for_the_coordinator_of_the_app_only(
    world: World, alice: Person, anybody: Person, coordinator: Person, tracker: App
) -> None:
    missing = TRY.replace("tracker", "nothing")
    for send_ in (alice.get, lambda at: alice.post(at, step="begin", secret=tracker[2])):
        foreign, unknown = send_(TRY), send_(missing)
        assert (foreign.status_code, unknown.status_code) == (404, 404)
        assert seen(foreign) == seen(unknown)
    assert anybody.get(TRY).headers["Location"].startswith("/account/login/")
    assert coordinator.get(TRY.replace("tracker", "study")).status_code == 404
