"""Apps on the page of what a member shares: since when they act, what they may do, and signing one out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.sharing.models import Authorization
from consentry_server.tokens.actions import sign_out as end_keys
from consentry_server.tokens.models import AccessToken, Family
from consentry_server.tokens.rules import DEFAULT_SCOPE
from tests.doors.api.calls import EXCHANGE, bearer
from tests.doors.web.person import Person, seen
from tests.world import World, allow, leave, make_app

CONNECTIONS = "/member/me/connections/"


def address(world: World) -> str:
    return f"{CONNECTIONS}{of_alice(world).pk}/sign-out/"


def of_alice(world: World) -> Authorization:
    return Authorization.objects.get(member=world.alice, project__kind="oauth2")


def read(at: datetime) -> str:
    """A time as the page writes it."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def works(client: httpx.Client, token: str) -> bool:
    return client.get(EXCHANGE, headers=bearer(token)).status_code == 200


def test_the_page_says_since_when_an_app_acts_and_when_it_did_last(world: World, alice: Person) -> None:
    project, _, _ = make_app(world.coordinator, "Tracker", requested_sources=[world.source])
    began = datetime.now(UTC) - timedelta(days=40)
    allow(world.alice, project, now=began)
    AccessToken.objects.update(last_used_at=None)
    before = seen(alice.get(CONNECTIONS))
    AccessToken.objects.update(last_used_at=began + timedelta(days=2))
    after = seen(alice.get(CONNECTIONS))

    assert f"It has acted for you since {read(began)}, and has done nothing yet." in before
    assert f"It has acted for you since {read(began)}, the last time on {read(began + timedelta(days=2))}." in after
    assert "may read what stands above, put files into your account and delete those again" in after
    assert "logs you in" not in after


def test_the_page_says_that_an_app_logs_its_members_in(world: World, alice: Person) -> None:
    project, _, _ = make_app(world.coordinator, "Tracker")
    allow(world.alice, project, scope=f"openid {DEFAULT_SCOPE}")

    assert "It logs you in with this account." in seen(alice.get(CONNECTIONS))


def test_a_project_without_an_app_has_no_such_lines(alice: Person) -> None:
    page = seen(alice.get(CONNECTIONS))

    assert "Study" in page
    assert "Sign this app out" not in page
    assert "The app" not in page


def test_one_press_ends_the_keys_and_not_the_sharing(world: World, alice: Person, client: httpx.Client) -> None:
    project, client_id, secret = make_app(world.coordinator, "Tracker", requested_sources=[world.source])
    pairs = [allow(world.alice, project), allow(world.alice, project)]
    assert all(works(client, pair.access) for pair in pairs)
    answer = alice.post(address(world))
    refreshed = client.post(
        "/oauth2/token/",
        data={"grant_type": "refresh_token", "refresh_token": pairs[0].refresh},
        auth=(client_id, secret),
    )
    page = seen(alice.get(CONNECTIONS))

    assert answer.headers["Location"] == CONNECTIONS
    assert not any(works(client, pair.access) for pair in pairs)
    assert refreshed.json() == {"error": "invalid_grant"}
    assert of_alice(world).revoked_at is None
    assert set(Family.objects.values_list("ended_by", flat=True)) == {"member"}
    assert "The app is signed out." in page
    assert "It is signed out: it has no key to your account." in page
    assert "Sign this app out" not in page


def test_signing_out_of_what_is_out_already_is_no_fault(world: World, alice: Person) -> None:
    project, _, _ = make_app(world.coordinator, "Tracker")
    allow(world.alice, project)

    assert [alice.post(address(world)).status_code for _ in range(2)] == [302, 302]
    assert alice.post(f"{CONNECTIONS}{world.of_alice.pk}/sign-out/").status_code == 302


def test_029_nobody_signs_out_the_app_of_another(
    world: World, bob: Person, anybody: Person, client: httpx.Client
) -> None:
    project, _, _ = make_app(world.coordinator, "Tracker")
    pair = allow(world.alice, project)
    foreign, unknown = bob.post(address(world)), bob.post(f"{CONNECTIONS}999999/sign-out/")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert seen(foreign) == seen(unknown)
    assert anybody.post(address(world)).headers["Location"].startswith("/account/login/")
    assert works(client, pair.access)


def test_122_looking_at_the_address_or_a_form_from_elsewhere_signs_nothing_out(
    world: World, alice: Person, client: httpx.Client
) -> None:
    project, _, _ = make_app(world.coordinator, "Tracker")
    pair = allow(world.alice, project)

    assert alice.get(address(world)).status_code == 405
    assert alice.browser.post(address(world)).status_code == 403
    assert works(client, pair.access)


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_109_signing_out_leads_back_to_the_page_whatever_is_wanted(world: World, alice: Person, wanted: str) -> None:
    allow(world.alice, make_app(world.coordinator, "Tracker")[0])

    assert alice.post(f"{address(world)}?next={wanted}", next=wanted).headers["Location"] == CONNECTIONS


def test_leaving_takes_the_app_off_the_page(world: World, alice: Person) -> None:
    allow(world.alice, make_app(world.coordinator, "Tracker")[0])
    leave(of_alice(world))

    assert "It has acted for you" not in seen(alice.get(CONNECTIONS))


def test_the_page_takes_as_many_statements_for_ten_apps_as_for_one(
    world: World, alice: Person, visit: Callable[..., Person]
) -> None:
    allow(world.alice, make_app(world.coordinator, "Tracker")[0])
    with CaptureQueriesContext(connection) as one:
        alice.get(CONNECTIONS)
    for nth in range(9):
        project, _, _ = make_app(world.coordinator, f"More {nth}", requested_sources=[world.source])
        allow(world.alice, project)
        allow(world.alice, project)
        if nth % 3 == 0:
            last = Authorization.objects.get(member=world.alice, project=project)
            end_keys(member_id=world.alice.pk, authorization_id=last.pk, now=datetime.now(UTC))
    with CaptureQueriesContext(connection) as ten:
        page = alice.get(CONNECTIONS)

    assert page.text.count(">Sign this app out<") == 7
    assert len(ten) == len(one)
