"""What holds for every page on which apps are made, let in, looked at and signed out."""

import re
from urllib.parse import urlencode

import httpx
import pytest
from django.utils import timezone
from pytest_django import Settings

from consentry_server.projects import actions as projects
from consentry_server.projects.models import Client, Project
from consentry_server.sharing.models import Authorization
from consentry_server.tokens.actions import begin_device
from consentry_server.tokens.models import AuthorizationCode, ClientSecret, Device, Family
from consentry_server.tokens.rules import DEFAULT_SCOPE
from tests.doors.api.calls import EXCHANGE, bearer
from tests.doors.oauth.app import AUTHORIZE, answer
from tests.doors.web.person import Person, hidden, seen
from tests.doors.web.walking import TRY, App, begin
from tests.world import PASSWORD, REDIRECT, THEN, World, allow

P = "/direct-sharing/projects"
OF_COORDINATOR = [
    f"{P}/manage/",
    f"{P}/oauth2/create/",
    f"{P}/oauth2/update/tracker/",
    f"{P}/oauth2/tracker/",
    f"{P}/secrets/tracker/",
    TRY,
    f"{TRY}?code=x&state=y",
    f"{P}/message/tracker/",
    f"{P}/remove-members/tracker/",
    f"{P}/withdrawn-members/tracker/",
    f"{P}/deliveries/tracker/",
    f"{P}/registered_datatypes/tracker/",
    f"{P}/tokens/tracker/create/",
    "/activity/tracker/",
]
FORMS_OF_COORDINATOR = [
    f"{P}/oauth2/create/",
    f"{P}/oauth2/update/tracker/",
    f"{P}/secrets/tracker/replace/",
    f"{P}/secrets/tracker/1/end/",
    TRY,
    f"{P}/tokens/tracker/create/",
]


def ask_address(app: App, **more: str) -> str:
    query = {"client_id": app[1], "response_type": "code", "redirect_uri": REDIRECT, "state": "xyz"}
    challenge = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    return f"{AUTHORIZE}?{urlencode(query | challenge | more)}"


def waiting_code(app: App) -> str:
    return begin_device(project_id=app[0].pk, scope=DEFAULT_SCOPE, now=timezone.now()).user_code


def every_page(world: World, coordinator: Person, alice: Person, app: App) -> list[httpx.Response]:
    """All of them, refusals included, as whom they are for sees them."""
    allow(world.alice, app[0])
    asked = alice.browser.get(ask_address(app, approval_prompt="force"))
    over = alice.post(AUTHORIZE, **hidden(asked.text) | {"ticket": "none"}, allow="allow")
    return [
        *map(coordinator.browser.get, OF_COORDINATOR),
        asked,
        over,
        alice.browser.get(ask_address(app, redirect_uri="https://evil.example/")),
        alice.get("/direct-sharing/authorize-inactive/"),
        alice.get("/device/"),
        alice.post("/device/", user_code="BBBB-BBBB"),
        alice.post("/device/", user_code=waiting_code(app)),
        alice.get("/member/me/connections/"),
        alice.get("/activity/tracker/"),
        alice.get(f"{P}/leave/{Authorization.objects.get(project=app[0]).pk}/"),
        alice.get(f"{P}/oauth2/tracker/"),
    ]


def test_124_145_every_page_of_apps_is_shown_in_no_frame_and_runs_nothing(
    world: World, coordinator: Person, alice: Person, tracker: App
) -> None:
    pages = every_page(world, coordinator, alice, tracker)

    assert {page.status_code for page in pages} == {200, 400, 403, 404}
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert page.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "private, no-store"
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert not re.search(r" on[a-z]+=", page.text)


def test_every_page_of_apps_can_be_used_by_keyboard_and_reader(
    world: World, coordinator: Person, alice: Person, tracker: App
) -> None:
    for page in every_page(world, coordinator, alice, tracker):
        main = page.text.split("<main", 1)[1]
        assert main.count("<h1") == 1
        assert "tabindex" not in main or 'tabindex="0" role="region"' in main
        for label in re.findall(r'<label for="([^"]*)"', main):
            assert f'id="{label}"' in main
        for box in re.findall(r"<(?:input|textarea|select)(?! type=\"hidden\")[^>]*>", main):
            name = re.search(r' id="([^"]+)"', box)
            assert name is not None, box
            assert f'for="{name[1]}"' in main, box
        for control in re.findall(r"<button[^>]*>(.*?)</button>", main):
            assert control.strip()
        for described in re.findall(r'aria-describedby="([^"]+)"', main):
            assert all(f'id="{name}"' in main for name in described.split())


def test_005_no_page_of_apps_tells_another_site_where_it_was(
    world: World, coordinator: Person, alice: Person, tracker: App
) -> None:
    outward = r'<a [^>]*href="https?://(?!testserver)[^>]*>'
    links = [link for page in every_page(world, coordinator, alice, tracker) for link in re.findall(outward, page.text)]

    assert links
    for link in links:
        assert "noopener noreferrer nofollow" in link


@pytest.mark.parametrize("path", FORMS_OF_COORDINATOR)
def test_122_no_form_of_a_coordinator_works_without_its_proof(
    world: World, coordinator: Person, tracker: App, path: str
) -> None:
    before = list(Client.objects.values()), list(ClientSecret.objects.values()), Project.objects.count()
    fields = {"password": PASSWORD, "secret-password": PASSWORD, "step": "begin", "secret": tracker[2]}
    refused = coordinator.browser.post(path, data=fields)
    forged = coordinator.browser.post(path, data=fields | {"csrfmiddlewaretoken": "x" * 64})

    assert (refused.status_code, forged.status_code) == (403, 403)
    assert (list(Client.objects.values()), list(ClientSecret.objects.values()), Project.objects.count()) == before


def test_122_no_form_of_a_member_works_without_its_proof(world: World, alice: Person, tracker: App) -> None:
    asked = alice.browser.get(ask_address(tracker))
    code = waiting_code(tracker)
    for path, fields in (
        (AUTHORIZE, hidden(asked.text) | {"allow": "allow"}),
        (AUTHORIZE, hidden(asked.text) | {"cancel": "cancel"}),
        ("/device/", {"user_code": code, "allow": "allow"}),
        ("/device/", {"user_code": code, "deny": "deny"}),
    ):
        assert alice.browser.post(path, data=fields).status_code == 403
    assert not Authorization.objects.filter(project=tracker[0]).exists()
    assert Device.objects.get().decided_at is None


def test_122_looking_at_pages_of_apps_changes_nothing(coordinator: Person, alice: Person, tracker: App) -> None:
    for path in OF_COORDINATOR:
        coordinator.browser.get(path)
    for path in (ask_address(tracker), "/device/", f"/device/?user_code={waiting_code(tracker)}", "/activity/tracker/"):
        assert alice.browser.get(path).status_code == 200

    assert not Authorization.objects.filter(project=tracker[0]).exists()
    assert not AuthorizationCode.objects.exists()
    assert Device.objects.get().decided_at is None
    assert ClientSecret.objects.get().ends_at is None


@pytest.mark.parametrize("host", ["evil.example", "testserver:80@evil.example", "testserver,evil"])
def test_125_a_foreign_host_gets_no_page_of_apps(coordinator: Person, alice: Person, tracker: App, host: str) -> None:
    for person, path in (
        (coordinator, f"{P}/oauth2/tracker/"),
        (coordinator, TRY),
        (alice, ask_address(tracker)),
        (alice, "/device/"),
        (alice, "/member/me/connections/"),
    ):
        answered = person.browser.get(path, headers={"Host": host})
        assert answered.status_code == 400
        assert "evil" not in answered.text


def test_125_addresses_of_an_app_are_those_of_the_configured_site(
    coordinator: Person, tracker: App, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    elsewhere = {"Host": "other.example", "X-Forwarded-Host": "evil.example"}
    details = coordinator.browser.get(f"{P}/oauth2/tracker/", headers=elsewhere)
    begin(coordinator, tracker[2])
    walk = coordinator.browser.get(TRY, headers=elsewhere)

    for page in (details, walk):
        assert page.status_code == 200
        assert "evil.example" not in page.text
        assert "other.example" not in page.text
    assert f"redirect_uri=http://testserver{TRY}" in seen(walk)


def test_127_a_login_hint_tells_nobody_who_has_an_account(anybody: Person, tracker: App) -> None:
    answers = [
        anybody.browser.get(ask_address(tracker, login_hint=name))
        for name in ("alice@example.org", "nobody@example.org", "alice", "nobody")
    ]
    logins = [anybody.get(answered.headers["Location"]) for answered in answers]

    assert {answered.status_code for answered in answers} == {302}
    assert len({answered.headers["Location"].split("?")[0] for answered in answers}) == 1
    assert len({seen(login) for login in logins}) == 1
    for login in logins:
        assert "alice" not in login.text


def test_127_an_app_that_asks_for_no_page_learns_of_no_account(anybody: Person, tracker: App) -> None:
    hints = [
        anybody.browser.get(ask_address(tracker, login_hint=name, prompt="none")).headers["Location"]
        for name in ("alice@example.org", "nobody@example.org")
    ]

    assert hints[0] == hints[1]


def test_127_a_code_of_a_device_that_is_none_looks_like_one_of_somebody_else(
    world: World, alice: Person, bob: Person, tracker: App
) -> None:
    code = waiting_code(tracker)
    page = bob.post("/device/", user_code=code)
    bob.post("/device/", **hidden(page.text), allow="allow")
    taken, unknown = alice.post("/device/", user_code=code), alice.post("/device/", user_code="BBBB-BBBB")

    assert (taken.status_code, unknown.status_code) == (400, 400)
    assert seen(taken) == seen(unknown)


@pytest.mark.parametrize("evil", ["//evil.example", "/\\evil.example", "https://evil.example/", "/%2f/evil.example"])
def test_109_leaving_an_app_leads_nowhere_else(world: World, alice: Person, tracker: App, evil: str) -> None:
    allow(world.alice, tracker[0])
    own = Authorization.objects.get(member=world.alice, project=tracker[0])

    assert alice.post(f"{P}/leave/{own.pk}/", next=evil).headers["Location"] == "/member/me/connections/"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_109_no_page_of_apps_follows_a_next_that_somebody_adds(
    world: World, alice: Person, coordinator: Person, tracker: App, evil: str
) -> None:
    code = waiting_code(tracker)
    page = alice.post("/device/", user_code=code)
    decided = alice.post(f"/device/?next={evil}", **hidden(page.text), allow="allow", next=evil)
    told = answer(alice, alice.browser.get(ask_address(tracker, approval_prompt="force")), allow="allow", next=evil)
    begun = coordinator.post(f"{TRY}?next={evil}", step="begin", secret=tracker[2], next=evil)
    inactive = alice.get("/direct-sharing/authorize-inactive/", next=evil)

    assert decided.headers["Location"] == "/member/me/connections/"
    assert told.headers["Location"].startswith(f"{REDIRECT}?")
    assert begun.headers["Location"] == TRY
    assert "evil" not in inactive.text


def test_128_whoever_runs_an_app_cannot_close_the_account(world: World, coordinator: Person, tracker: App) -> None:
    refused = coordinator.post("/account/delete/", password=PASSWORD)

    assert refused.status_code == 409
    assert Project.objects.filter(pk=tracker[0].pk, coordinator=world.coordinator).exists()


def test_128_closing_an_account_ends_the_keys_of_every_app(
    world: World, alice: Person, tracker: App, client: httpx.Client
) -> None:
    pair = allow(world.alice, tracker[0])
    waiting = alice.browser.get(ask_address(tracker, approval_prompt="force"))
    code = answer(alice, waiting, allow="allow").headers["Location"].split("code=")[1].split("&")[0]
    alice.post("/account/delete/", password=PASSWORD)
    proof = (tracker[1], tracker[2])
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    renewed = {"grant_type": "refresh_token", "refresh_token": pair.refresh}

    assert client.get(EXCHANGE, headers=bearer(pair.access)).status_code == 401
    assert client.post("/oauth2/token/", data=fields, auth=proof).status_code == 400
    assert client.post("/oauth2/token/", data=renewed, auth=proof).json() == {"error": "invalid_grant"}
    assert Family.objects.count() == 1


def test_143_what_an_app_says_wrongly_is_not_repeated_as_markup(alice: Person, tracker: App) -> None:
    script = "<script>alert(1)</script>"
    for more in ({"state": script}, {"scope": script}, {"redirect_uri": f"https://{script}"}, {"client_id": script}):
        answered = alice.browser.get(ask_address(tracker, **more))
        assert "<script" not in answered.text
    assert "<script" not in alice.post("/device/", user_code=script).text
    assert "<script" not in alice.get("/device/", user_code=script).text


def test_131_what_a_coordinator_says_of_an_app_is_text(
    world: World, alice: Person, coordinator: Person, tracker: App
) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    fields = {"short_description": evil, "leader": evil, "organization": evil, "long_description": evil}
    projects.edit(project=tracker[0], actor="test", fields=fields, now=THEN)
    allow(world.alice, tracker[0])
    pages = [
        alice.browser.get(ask_address(tracker, approval_prompt="force")),
        alice.get("/activity/tracker/"),
        alice.get("/member/me/connections/"),
        alice.post("/device/", user_code=waiting_code(tracker)),
        coordinator.get(f"{P}/oauth2/tracker/"),
        coordinator.get(f"{P}/oauth2/update/tracker/"),
        coordinator.get(TRY),
    ]

    for page in pages:
        assert page.status_code == 200
        assert "<img src=x" not in page.text
