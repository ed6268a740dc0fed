"""A coordinator's pages of an OAuth2 project: making and changing it, and what its details say."""

import re

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from consentry_server.common.keys import unseal
from consentry_server.projects.models import Client, Project, WebhookSecret
from consentry_server.projects.rules import MOST_ADDRESSES
from consentry_server.tokens.models import MasterToken
from consentry_server.tokens.rules import Right
from tests.doors.web.person import JOIN, PROJECT, Person, hidden, seen
from tests.doors.web.test_projects import GOOD as ON_SITE
from tests.world import PASSWORD, REDIRECT, World, make_app, make_named_token

APP = "/direct-sharing/projects/oauth2"
CREATE = f"{APP}/create/"
GOOD = {name: value for name, value in ON_SITE.items() if name != "consent_text"} | {
    "name": "Step Coach",
    "enrollment_url": "https://app.example.org/start",
    "terms_url": "https://app.example.org/terms",
    "redirect_url": REDIRECT,
}
REQUIRED = "This field is required."


def client_of(slug: str) -> Client:
    return Client.objects.get(project__slug=slug)


def held(page: str) -> dict[str, str | list[str]]:
    """What the form of a page holds, as a browser would send it."""
    found: dict[str, str | list[str]] = dict(hidden(page))
    found |= dict(re.findall(r'<input type="(?:text|email)" name="([^"]+)" value="([^"]*)"', page))
    found |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\s([^<]*)</textarea>', page))
    found |= dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)"[^>]* checked', page))
    found |= dict.fromkeys(re.findall(r'<input type="checkbox" name="([^"]+)"[^>]* checked', page), "on")
    return found


def change(person: Person, slug: str, **fields: str | list[str]) -> httpx.Response:
    """Change these fields of an app and leave the others as the page shows them."""
    address = f"{APP}/update/{slug}/"
    return person.post(address, **(held(person.get(address).text) | fields))


def test_a_member_makes_an_app(world: World, alice: Person) -> None:
    answer = alice.post(CREATE, **GOOD)
    project, client = Project.objects.get(slug="step-coach"), client_of("step-coach")

    assert answer.headers["Location"] == f"{APP}/step-coach/"
    assert (project.kind, project.coordinator, project.approved_at) == ("oauth2", world.alice, None)
    assert (client.addresses, client.enrollment_url) == ([REDIRECT], "https://app.example.org/start")
    assert client.terms_url == "https://app.example.org/terms"
    assert (client.public, client.pkce_required, client.device_allowed) == (False, True, False)
    assert MasterToken.objects.filter(project=project).count() == 1


def test_an_app_without_pkce_and_with_a_webhook_of_its_own_secret(alice: Person) -> None:
    hook = {"deauth_webhook": "https://hooks.example.org/left", "webhook_secret": "0123456789abcdef"}
    alice.post(CREATE, **GOOD, **hook, pkce_optional="on", device_allowed="on")
    client = client_of("step-coach")

    assert (client.pkce_required, client.device_allowed) == (False, True)
    kept = WebhookSecret.objects.get(project=client.project)
    assert unseal(kept.sealed) == "0123456789abcdef"


def test_an_app_on_peoples_own_machines_needs_pkce(alice: Person) -> None:
    refused = alice.post(CREATE, **GOOD, public="True", pkce_optional="on")
    alice.post(CREATE, **GOOD, public="True")
    client = client_of("step-coach")

    assert "keeps no secret, so it needs PKCE" in seen(refused)
    assert (client.public, client.pkce_required) == (True, True)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"enrollment_url": ""}, REQUIRED),
        ({"enrollment_url": "app.example.org"}, "Enter a valid URL."),
        ({"enrollment_url": "https://app.example.org/" + "x" * 200}, "at most 200 characters"),
        ({"enrollment_url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"terms_url": ""}, REQUIRED),
        ({"terms_url": "data:text/html,x"}, "Enter a valid URL."),
        ({"terms_url": "https://app.example.org/" + "x" * 200}, "at most 200 characters"),
        ({"redirect_url": ""}, REQUIRED),
        ({"redirect_url": " \r\n "}, REQUIRED),
        ({"redirect_url": "\r\n".join(f"https://a.example.org/{n}" for n in range(MOST_ADDRESSES + 1))}, "at most 20"),
        ({"webhook_secret": "fifteen-letters"}, "Give 16 to 64 characters"),
        ({"webhook_secret": "x" * 65}, "at most 64 characters"),
        ({"webhook_secret": "åäöåäöåäöåäöåäöå"}, "Give 16 to 64 characters"),
        ({"webhook_secret": "with spaces inside it"}, "Give 16 to 64 characters"),
        ({"deauth_webhook": "https://10.0.0.1/"}, "This address is not a public one."),
        ({"deauth_webhook": "https://hooks.example.org/" + "x" * 256}, "at most 256 characters"),
        ({"public": "perhaps"}, "Select a valid choice."),
        ({"name": ""}, REQUIRED),
        ({"explore_share": ""}, 'Pick at least one option from "Add data" and "Explore and share"'),
    ],
)
def test_a_form_says_what_is_wrong_and_makes_nothing(alice: Person, fields: dict[str, str], reason: str) -> None:
    before = Project.objects.count()
    answer = alice.post(CREATE, **(GOOD | fields))

    assert answer.status_code == 400
    assert reason in seen(answer)
    assert Project.objects.count() == before


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://app.example.org/complete",
        "https://*.example.org/complete",
        "https://app.example.org/complete#top",
        "https://eve@app.example.org/complete",
        "https://app.example.org\\@evil.example/",
        "https://åpp.example.org/",
        "https://",
        "app.example.org/complete",
        "//app.example.org/complete",
        "myapp:/complete",
        "https://app.example.org/" + "x" * 256,
    ],
)
def test_061_an_address_that_is_not_safe_to_go_back_to_is_refused(alice: Person, address: str) -> None:
    answer = alice.post(CREATE, **(GOOD | {"redirect_url": f"{REDIRECT}\r\n{address}"}))

    assert answer.status_code == 400
    assert 'id="id_redirect_url_error"' in answer.text
    assert not Client.objects.exists()


def test_several_addresses_are_kept_each_once_in_their_order(alice: Person) -> None:
    wanted = [REDIRECT, "http://127.0.0.1:5000/complete", "org.example.app:/back"]
    alice.post(CREATE, **(GOOD | {"redirect_url": f"{wanted[0]}\r\n  {wanted[1]} {wanted[0]}\r\n\r\n{wanted[2]}"}))

    assert client_of("step-coach").addresses == wanted


def test_055_fields_that_are_not_the_coordinators_are_ignored(alice: Person) -> None:
    extra = {"client_id": "mine", "approved_at": "2016-01-01", "kind": "on-site", "pkce_required": "", "id": "1"}
    alice.post(CREATE, **GOOD, **extra)
    client = client_of("step-coach")

    assert client.client_id != "mine"
    assert client.pkce_required
    assert (client.project.kind, client.project.approved_at) == ("oauth2", None)


def test_the_names_of_our_own_pages_are_no_addresses_of_projects(alice: Person) -> None:
    for name in ("Authorize", "Update", "Join", "Create"):
        answer = alice.post(CREATE, **(GOOD | {"name": name}))
        address = f"{APP}/{name.lower()}-project/"
        assert answer.headers["Location"] == address
        assert alice.get(address).status_code == 200


def test_changing_an_app_fills_in_what_it_says_now(world: World, coordinator: Person) -> None:
    make_app(world.coordinator, "Tracker", redirect_uris=f"{REDIRECT}\norg.example.app:/back", device_allowed=True)
    before = Client.objects.values().get()
    answer = change(coordinator, "tracker", short_description="Better than before.")

    assert answer.headers["Location"] == f"{APP}/tracker/"
    assert Project.objects.get(slug="tracker").short_description == "Better than before."
    assert Client.objects.values().get() == before


@pytest.mark.parametrize(
    "fields",
    [
        {"redirect_url": "https://evil.example/"},
        {"public": "True"},
        {"pkce_optional": "on"},
        {"device_allowed": "on"},
    ],
)
def test_how_an_app_works_is_changed_after_the_password_only(
    world: World, coordinator: Person, fields: dict[str, str]
) -> None:
    make_app(world.coordinator, "Tracker", pkce_required=True)
    before = Client.objects.values().get()
    without = change(coordinator, "tracker", **fields)
    wrong = change(coordinator, "tracker", **fields, password="not it")

    assert "Enter your password to change how the app works." in seen(without)
    assert "This is not your password." in seen(wrong)
    assert "not it" not in wrong.text
    assert Client.objects.values().get() == before
    assert change(coordinator, "tracker", **fields, password=PASSWORD).status_code == 302
    assert Client.objects.values().get() != before


def test_113_passwords_of_such_a_form_cannot_be_tried_out(
    world: World, coordinator: Person, settings: Settings
) -> None:
    settings.TRIES_PER_ADDRESS = 3
    make_app(world.coordinator, "Tracker")
    tried = [change(coordinator, "tracker", redirect_url="https://evil.example/", password=f"no{n}") for n in range(4)]

    assert [answer.status_code for answer in tried] == [400, 400, 400, 429]
    assert tried[-1].headers["Retry-After"]


def test_a_webhook_secret_that_is_there_is_not_replaced_by_the_form(world: World, coordinator: Person) -> None:
    make_app(world.coordinator, "Tracker", deauth_webhook="https://hooks.example.org/left")
    page = coordinator.get(f"{APP}/update/tracker/").text
    change(coordinator, "tracker", webhook_secret="0123456789abcdef")

    assert 'name="webhook_secret"' not in page
    assert unseal(WebhookSecret.objects.get().sealed) != "0123456789abcdef"


@pytest.mark.parametrize("path", [f"{APP}/tracker/", f"{APP}/update/tracker/"])
def test_044_an_app_of_another_coordinator_is_as_good_as_none(
    world: World, alice: Person, anybody: Person, path: str
) -> None:
    make_app(world.coordinator, "Tracker")
    unknown = path.replace("tracker", "nothing")

    for send in (alice.get, lambda at: alice.post(at, **GOOD)):
        foreign, missing = send(path), send(unknown)
        if foreign.status_code != 405:
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert seen(foreign) == seen(missing)
    assert anybody.post(path, **GOOD).headers["Location"].startswith("/account/login/")
    assert Project.objects.get(slug="tracker").name == "Tracker"


def test_a_project_has_no_page_under_the_other_kind(world: World, coordinator: Person) -> None:
    make_app(world.coordinator, "Tracker")

    for path in (f"{PROJECT}/tracker/", f"{PROJECT}/update/tracker/", f"{APP}/study/", f"{APP}/update/study/"):
        assert coordinator.get(path).status_code == 404
    assert coordinator.get(f"{JOIN}/tracker/").status_code == 404


def test_the_details_say_what_an_app_has_to_know(world: World, coordinator: Person, client: httpx.Client) -> None:
    second = "https://app.example.org/other?a=1"
    _, client_id, secret = make_app(world.coordinator, "Tracker", redirect_uris=f"{REDIRECT}\n{second}")
    page = coordinator.get(f"{APP}/tracker/").text
    told = client.get("/.well-known/openid-configuration").json()

    for name in ("authorization", "token", "revocation", "introspection", "userinfo"):
        assert f">{told[f'{name}_endpoint']}<" in page
    assert f">{told['jwks_uri']}<" in page
    assert told["device_authorization_endpoint"] not in page
    assert "http://testserver/.well-known/oauth-authorization-server" in page
    assert f">{client_id}<" in page
    assert f">{REDIRECT}<" in page
    assert f">{second}<" in page
    assert secret not in page
    assert "Members who share now 0" in seen(coordinator.get(f"{APP}/tracker/"))


def test_the_authorize_address_leads_to_the_page_that_asks(world: World, coordinator: Person, alice: Person) -> None:
    make_app(world.coordinator, "Tracker", redirect_uris=f"{REDIRECT}\nhttps://app.example.org/other")
    page = seen(coordinator.get(f"{APP}/tracker/"))
    address = re.search(r"http://testserver/direct-sharing/projects/oauth2/authorize/\?\S+", page)
    assert address is not None
    asked = alice.browser.get(address[0])

    assert asked.status_code == 200
    assert "Let Tracker in?" in seen(asked)


def test_the_details_take_as_many_statements_however_much_there_is(world: World, coordinator: Person) -> None:
    one, _, _ = make_app(world.coordinator, "One")
    many, _, _ = make_app(
        world.coordinator,
        "Many",
        redirect_uris="\n".join(f"https://a.example.org/{n}" for n in range(9)),
        requested_sources=[world.source, world.private],
    )
    make_named_token(one, "first", Right.READ)
    for nth in range(9):
        make_named_token(many, f"nr {nth}", Right.READ)
    coordinator.get(f"{APP}/one/")
    with CaptureQueriesContext(connection) as few:
        coordinator.get(f"{APP}/{one.slug}/")
    with CaptureQueriesContext(connection) as lots:
        coordinator.get(f"{APP}/{many.slug}/")

    assert len(lots) == len(few)


def test_the_list_of_projects_has_both_kinds_in_as_many_statements(world: World, coordinator: Person) -> None:
    manage = "/direct-sharing/projects/manage/"
    make_app(world.coordinator, "Tracker")
    with CaptureQueriesContext(connection) as few:
        page = coordinator.get(manage)
    for nth in range(5):
        make_app(world.coordinator, f"More {nth}")
    with CaptureQueriesContext(connection) as lots:
        coordinator.get(manage)

    assert f'href="{APP}/tracker/"' in page.text
    assert f'href="{APP}/update/tracker/"' in page.text
    assert f'href="{PROJECT}/study/"' in page.text
    assert "Tracker an app" in seen(page)
    assert "Study joined here" in seen(page)
    assert len(lots) == len(few)


@pytest.mark.parametrize(
    "page", ["message", "remove-members", "withdrawn-members", "deliveries", "registered_datatypes"]
)
def test_what_projects_have_works_for_apps_and_leads_back(world: World, coordinator: Person, page: str) -> None:
    make_app(world.coordinator, "Tracker")
    answer = coordinator.get(f"/direct-sharing/projects/{page}/tracker/")

    assert answer.status_code == 200
    assert f'href="{APP}/tracker/"' in answer.text


def test_an_app_has_master_tokens_at_the_same_addresses(world: World, coordinator: Person) -> None:
    make_app(world.coordinator, "Tracker")
    new = "/direct-sharing/projects/tokens/tracker/create/"
    fields = {"name": "night", "rights": "read data", "lifetime": "24 hours", "password": PASSWORD}
    made = coordinator.post(new, **fields)
    token = MasterToken.objects.get(name="night")

    assert f'href="{APP}/tracker/#tokens"' in made.text
    assert coordinator.get(f"/direct-sharing/projects/tokens/tracker/{token.pk}/").status_code == 200
    ended = coordinator.post(f"/direct-sharing/projects/tokens/tracker/{token.pk}/revoke/")
    assert ended.headers["Location"] == f"{APP}/tracker/"


def test_the_public_page_of_an_app_leads_to_where_it_starts(world: World, joiner: Person, anybody: Person) -> None:
    make_app(world.coordinator, "Tracker")
    for person in (joiner, anybody):
        page = person.get("/activity/tracker/").text
        assert '<a class="button" href="https://app.example.org/" rel="noopener noreferrer nofollow">Start</a>' in page
        assert 'href="https://app.example.org/terms"' in page
        assert JOIN not in page


def test_149_an_address_kept_from_before_does_not_start_anything_if_it_is_unsafe(world: World, anybody: Person) -> None:
    make_app(world.coordinator, "Tracker")
    Client.objects.update(enrollment_url="javascript:alert(1)", terms_url="data:text/html,x")
    page = anybody.get("/activity/tracker/")

    assert "javascript:" not in page.text
    assert "data:text" not in page.text
    assert "Start" not in seen(page)
