"""A coordinator walks through their own app: each request is sent, each answer shown, nothing left behind."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consentry_server.projects import actions as projects
from consentry_server.sharing.models import Authorization
from consentry_server.tokens.actions import rotate_secret
from consentry_server.tokens.models import AccessToken, AuthorizationCode, ClientSecret, Family, RefreshToken
from tests.architecture import calls, house
from tests.doors.oauth.app import AUTHORIZE, answer
from tests.doors.web.person import Person, seen
from tests.doors.web.walking import BACK, TRY, App, allow, begin, code_of, send, to_the_end, walked
from tests.world import World, give, make_app

_SECRET = re.compile(r"\bcs[a-z][0-9A-Za-z]{30,}")


def test_the_member_is_sent_as_the_app_would_send_them(coordinator: Person, tracker: App) -> None:
    place = begin(coordinator, tracker[2])
    asked = dict(parse_qsl(urlsplit(place).query))
    page = seen(coordinator.get(TRY))
    back = seen(allow(coordinator, place))

    assert place.startswith(f"http://testserver{AUTHORIZE}?")
    assert asked["client_id"] == tracker[1]
    assert (asked["redirect_uri"], asked["response_type"], asked["code_challenge_method"]) == (BACK, "code", "S256")
    for name in ("state", "code_challenge"):
        assert f"&{name}={asked[name]}" in page
    assert "Your app compares state with the one that it drew: it is the same." in back
    assert f"state={asked['state']}" in back
    assert "code=csc••••" in back
    assert "iss=http://testserver" in back


def test_each_request_is_shown_as_it_is_sent(coordinator: Person, tracker: App) -> None:
    told = [seen(page) for page in walked(coordinator, tracker[2])]
    proof, bearer = f"curl -u {tracker[1]}:css•••• http://testserver", 'curl -H "Authorization: Bearer csa••••" '

    for line in (
        f"{proof}/oauth2/token/",
        "-d grant_type=authorization_code",
        "-d code=csc••••",
        f"-d redirect_uri={BACK}",
        "-d code_verifier=",
    ):
        assert line in told[0]
    assert f"{bearer}http://testserver/api/direct-sharing/project/ " in told[1]
    assert f"{bearer}http://testserver/api/direct-sharing/project/exchange-member/ " in told[2]
    assert "-d grant_type=refresh_token" in told[3]
    assert "-d refresh_token=csr••••" in told[3]
    assert f"{proof}/oauth2/revoke_token/" in told[4]
    assert "-d token=csr••••" in told[4]


def test_each_answer_is_that_of_this_server(world: World, coordinator: Person, tracker: App) -> None:
    told = [seen(page) for page in walked(coordinator, tracker[2])]
    number = Authorization.objects.get(member=world.coordinator, project=tracker[0]).project_member.number
    family = Family.objects.get()

    assert "200 OK" in told[1]
    assert '"access_token": "csa••••"' in told[1]
    assert '"refresh_token": "csr••••"' in told[1]
    assert '"name": "Tracker"' in told[2]
    assert f'"project_member_id": "{number}"' in told[3]
    assert told[4].count('"access_token": "csa••••"') == 2
    assert told[5].count("200 OK") == 5
    assert "The walk is over, and its tokens are ended. You are a member of your own project now." in told[5]
    assert (family.ended_at is not None, family.ended_by) == (True, "app")
    assert AccessToken.objects.count() == 2


def test_no_page_of_a_walk_shows_a_secret(coordinator: Person, tracker: App) -> None:
    pages = walked(coordinator, tracker[2])

    assert set(_SECRET.findall(pages[0].text)) == {
        code_of(pages[0])
    }  # what the button sends, as it stood in the address
    for page in pages[1:]:
        assert not _SECRET.search(page.text)


def test_files_are_shown_without_the_keys_of_their_links(world: World, coordinator: Person, tracker: App) -> None:
    for nth in range(4):
        give(world.coordinator, world.source, f"steps-{nth}.csv")
    page = allow(coordinator, begin(coordinator, tracker[2]))
    for _ in range(3):
        page = send(coordinator, page)

    assert "steps-0.csv" in seen(page)
    assert "steps-3.csv" not in seen(page)
    assert "… and 2 more" in seen(page)
    assert "?key=••••" in seen(page)
    assert not re.search(r"key=[0-9a-z]", page.text)


def test_the_walk_is_really_made_and_written_down(world: World, coordinator: Person, tracker: App) -> None:
    page = allow(coordinator, begin(coordinator, tracker[2]))
    for _ in range(3):
        page = send(coordinator, page)

    assert "Tracker" in seen(coordinator.get("/member/me/access-log/"))
    assert Family.objects.get().authorization.member == world.coordinator


def test_an_app_without_a_secret_is_walked_through_with_pkce_alone(world: World, coordinator: Person) -> None:
    _, client_id, _ = make_app(world.coordinator, "Tracker", public=True)
    ClientSecret.objects.all().delete()
    page = allow(coordinator, begin(coordinator, ""))
    before = seen(page)
    for _ in range(5):
        page = send(coordinator, page)

    assert f"-d client_id={client_id}" in before
    assert "curl -u" not in before
    assert "The walk is over" in seen(page)
    assert Family.objects.get().ended_at is not None


@pytest.mark.parametrize("secret", ["", "not it", "css" + "x" * 49])
def test_a_walk_begins_with_the_secret_of_the_app_only(coordinator: Person, tracker: App, secret: str) -> None:
    answered = coordinator.post(TRY, step="begin", secret=secret)

    assert answered.status_code == 400
    assert "Go there as the member" not in seen(answered)
    assert not secret or secret not in answered.text


def test_a_secret_that_works_beside_its_successor_begins_a_walk(coordinator: Person, tracker: App) -> None:
    project, _, old = tracker
    about = {"project_id": project.pk, "actor": "test", "now": datetime.now(UTC)}
    rotate_secret(replacing=ClientSecret.objects.get().fingerprint, overlap=timedelta(days=1), **about)

    assert "The walk is over" in seen(to_the_end(coordinator, allow(coordinator, begin(coordinator, old))))


def test_saying_no_is_shown_as_the_app_would_hear_it(coordinator: Person, tracker: App) -> None:
    place = begin(coordinator, tracker[2])
    back = answer(coordinator, coordinator.browser.get(place), cancel="cancel")
    page = coordinator.browser.get(back.headers["Location"])

    assert "error=access_denied" in seen(page)
    assert "Send it" not in seen(page)
    assert "Walk again" in seen(page)
    assert not Family.objects.exists()


def test_a_code_that_is_too_old_is_refused_and_said_so(coordinator: Person, tracker: App) -> None:
    page = allow(coordinator, begin(coordinator, tracker[2]))
    AuthorizationCode.objects.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    page = send(coordinator, page)

    assert "400 Bad Request" in seen(page)
    assert '"error": "invalid_grant"' in seen(page)
    assert "That went wrong:" in seen(page)
    assert "Walk again" in seen(page)


def test_a_walk_can_be_ended_in_the_middle(coordinator: Person, tracker: App) -> None:
    send(coordinator, allow(coordinator, begin(coordinator, tracker[2])))
    assert "End the walk here" in seen(coordinator.get(TRY))
    coordinator.post(TRY, step="end")

    assert "The walk is over" in seen(coordinator.get(TRY))
    assert Family.objects.get().ended_at is not None


def test_beginning_anew_ends_the_tokens_of_the_walk_before(coordinator: Person, tracker: App) -> None:
    send(coordinator, allow(coordinator, begin(coordinator, tracker[2])))
    begin(coordinator, tracker[2])

    assert Family.objects.get().ended_at is not None


def test_a_walk_that_nobody_ends_is_over_by_itself(
    coordinator: Person, tracker: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = datetime.now(UTC)
    page = allow(coordinator, begin(coordinator, tracker[2]))
    for _ in range(4):  # up to the refresh, which would give ten hours more
        page = send(coordinator, page)
    latest = datetime.now(UTC) + timedelta(minutes=30)
    for kind in (AccessToken, RefreshToken, Family):
        for row in kind.objects.all():
            assert began < row.expires_at <= latest
    monkeypatch.setattr(timezone, "now", lambda: latest)
    page = coordinator.get(TRY)

    assert "Begin" in seen(page)
    assert "200 OK" not in seen(page)


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_011_the_session_of_a_walk_opens_nothing(coordinator: Person, tracker: App, steps: int) -> None:
    page = allow(coordinator, begin(coordinator, tracker[2]))
    for _ in range(steps):
        page = send(coordinator, page)
    kept = str([session.get_decoded() for session in Session.objects.all()])

    assert "walk" in kept
    assert not _SECRET.search(kept)
    assert "access_token" not in kept


def test_122_a_step_without_the_proof_of_the_form_is_refused(coordinator: Person, tracker: App) -> None:
    fields = {"step": "begin", "secret": tracker[2]}

    assert coordinator.browser.post(TRY, data=fields).status_code == 403


def test_looking_begins_nothing(coordinator: Person, tracker: App) -> None:
    for query in ({}, {"code": "x", "state": "y"}, {"error": "access_denied"}, {"code": "\ud7ff" * 600, "state": "é"}):
        assert coordinator.get(TRY, **query).status_code == 200
    assert "walk" not in str([session.get_decoded() for session in Session.objects.all()])


def test_an_app_that_cannot_be_tried_yet_says_what_is_missing(world: World, coordinator: Person) -> None:
    project, _, _ = make_app(world.coordinator, "Tracker")
    projects.edit(project=project, actor="test", fields={"active": False}, now=datetime.now(UTC))
    closed = seen(coordinator.get(TRY))
    projects.edit(project=project, actor="test", fields={"active": True}, now=datetime.now(UTC))
    ClientSecret.objects.all().delete()
    bare = seen(coordinator.get(TRY))

    assert "closed to new members" in closed
    assert "no client secret yet" in bare


def test_the_page_takes_as_many_statements_after_the_last_step_as_after_the_first(
    coordinator: Person, tracker: App
) -> None:
    page = send(coordinator, allow(coordinator, begin(coordinator, tracker[2])))
    with CaptureQueriesContext(connection) as first:
        coordinator.get(TRY)
    page = to_the_end(coordinator, page)
    with CaptureQueriesContext(connection) as last:
        coordinator.get(TRY)

    assert "The walk is over" in seen(page)
    assert len(last) == len(first)


def test_a_walk_crosses_from_door_to_door_by_way_of_the_application_only(coordinator: Person, tracker: App) -> None:
    page = allow(coordinator, begin(coordinator, tracker[2]))
    crossings = calls.recorded(lambda: to_the_end(coordinator, page), house.SOURCE)

    assert {("config", "oauth"), ("config", "api")} <= {(one.caller_room, one.callee_room) for one in crossings}
    doors = {"config", "web", "oauth", "api"}
    between = {one for one in crossings if {one.caller_room, one.callee_room} <= doors}
    assert calls.climbs(between, house.layers()) == []
