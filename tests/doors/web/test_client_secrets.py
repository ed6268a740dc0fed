"""What an app proves itself with: shown once, two alive while one replaces the other, ended with a button."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pytest_django import Settings

from consentry_server.audit.models import Event
from consentry_server.common.ids import digest, fingerprint, well_formed
from consentry_server.tokens.models import ClientSecret
from consentry_server.tokens.rules import SECRET
from tests.doors.web.person import Person, hidden, seen
from tests.doors.web.test_apps import APP, CREATE, GOOD
from tests.world import PASSWORD, World, make_app

PAGE = "/direct-sharing/projects/secrets/tracker/"


def shown(answer: httpx.Response) -> str:
    found = re.search(r'id="client-secret">(\w+)<', answer.text)
    return found[1] if found else ""


def replace(person: Person, page: str = PAGE, **fields: str) -> httpx.Response:
    """Fill in the form as it stands on the page."""
    named: dict[str, str] = {f"secret__{name}": value for name, value in ({"password": PASSWORD} | fields).items()}
    return person.post(f"{page}replace/", **(hidden(person.get(page).text) | named))


def works(client: httpx.Client, client_id: str, secret: str) -> bool:
    """Say whether an app can prove itself with that secret."""
    return client.post("/oauth2/introspect/", data={"token": "x"}, auth=(client_id, secret)).status_code == 200


def test_a_new_app_gets_its_secret_once_and_after_the_password(
    alice: Person, client: httpx.Client, world: World
) -> None:
    alice.post(CREATE, **GOOD)
    page = "/direct-sharing/projects/secrets/step-coach/"
    before = alice.get(f"{APP}/step-coach/")
    wrong = replace(alice, page, password="not it")
    made = replace(alice, page)
    secret, kept = shown(made), ClientSecret.objects.get()

    assert "none yet" in seen(before)
    assert f'href="{page}"' in before.text
    assert (wrong.status_code, shown(wrong)) == (400, "")
    assert well_formed(secret, SECRET)
    assert works(client, kept.project.client.client_id, secret)
    assert made.headers["Cache-Control"] == "private, no-store"
    for again in (alice.get(page), alice.get(f"{APP}/step-coach/")):
        assert secret not in again.text
        assert fingerprint(secret) in again.text
    assert bytes(kept.sha256) == digest(secret)
    assert secret not in str(list(Event.objects.values()))
    assert Event.objects.get(name="client.rotate").actor == f"member:{world.alice.pk}"


@pytest.mark.parametrize(("overlap", "hours"), [("0", 0), ("1", 1), ("24", 24), ("168", 168), ("", 0)])
def test_023_the_old_secret_works_on_for_as_long_as_was_chosen(
    world: World, coordinator: Person, client: httpx.Client, overlap: str, hours: int
) -> None:
    _, client_id, old = make_app(world.coordinator, "Tracker")
    before = datetime.now(UTC)
    new = shown(replace(coordinator, overlap=overlap))
    ends = ClientSecret.objects.get(fingerprint=fingerprint(old)).ends_at

    assert ends is not None
    assert before + timedelta(hours=hours) <= ends <= datetime.now(UTC) + timedelta(hours=hours)
    assert works(client, client_id, new)
    assert works(client, client_id, old) is (hours > 0)
    ClientSecret.objects.filter(fingerprint=fingerprint(old)).update(ends_at=before)
    assert not works(client, client_id, old)
    assert works(client, client_id, new)


def test_no_more_than_two_secrets_work(world: World, coordinator: Person, client: httpx.Client) -> None:
    _, client_id, first = make_app(world.coordinator, "Tracker")
    second = shown(replace(coordinator, overlap="168"))
    third = shown(replace(coordinator, overlap="168"))

    assert [works(client, client_id, secret) for secret in (first, second, third)] == [False, True, True]
    page = seen(coordinator.get(PAGE))
    assert fingerprint(first) not in page
    assert fingerprint(second) in page


def test_the_old_secret_is_ended_at_once_with_a_button(world: World, coordinator: Person, client: httpx.Client) -> None:
    _, client_id, old = make_app(world.coordinator, "Tracker")
    new = shown(replace(coordinator, overlap="168"))
    row = ClientSecret.objects.get(fingerprint=fingerprint(old))
    page = coordinator.get(PAGE)
    address = f"{PAGE}{row.pk}/end/"
    answer = coordinator.post(address)

    assert page.text.count("End it now") == 1
    assert f'action="{address}"' in page.text
    assert answer.headers["Location"] == PAGE
    assert "The old secret is ended." in seen(coordinator.get(PAGE))
    assert [works(client, client_id, secret) for secret in (old, new)] == [False, True]
    assert coordinator.post(address).status_code == 404


def test_the_present_secret_cannot_be_ended_without_another(
    world: World, coordinator: Person, client: httpx.Client
) -> None:
    _, client_id, secret = make_app(world.coordinator, "Tracker")
    row = ClientSecret.objects.get()

    assert coordinator.post(f"{PAGE}{row.pk}/end/").status_code == 404
    assert works(client, client_id, secret)


def test_022_a_secret_that_was_replaced_meanwhile_is_not_replaced_again(
    world: World, coordinator: Person, client: httpx.Client
) -> None:
    _, client_id, first = make_app(world.coordinator, "Tracker")
    stale = {"secret__replacing": fingerprint(first), "secret__overlap": "0", "secret__password": PASSWORD}
    new = shown(coordinator.post(f"{PAGE}replace/", **stale))
    late = coordinator.post(f"{PAGE}replace/", **stale)

    assert late.status_code == 409
    assert "has just been replaced" in seen(late)
    assert (shown(late), works(client, client_id, new)) == ("", True)
    assert f'value="{fingerprint(new)}"' in late.text


@pytest.mark.parametrize("fields", [{"password": ""}, {"password": "not it"}, {"overlap": "2"}, {"overlap": "-1"}])
def test_a_wrong_form_replaces_nothing(
    world: World, coordinator: Person, client: httpx.Client, fields: dict[str, str]
) -> None:
    _, client_id, secret = make_app(world.coordinator, "Tracker")

    assert replace(coordinator, **fields).status_code == 400
    assert works(client, client_id, secret)
    assert ClientSecret.objects.count() == 1


def test_113_the_password_of_the_form_cannot_be_tried_out(
    world: World, coordinator: Person, settings: Settings
) -> None:
    settings.TRIES_PER_ADDRESS = 3
    make_app(world.coordinator, "Tracker")
    tried = [replace(coordinator, password=f"no {n}") for n in range(3)]
    last = replace(coordinator)

    assert [answer.status_code for answer in (*tried, last)] == [400, 400, 400, 429]
    assert ClientSecret.objects.count() == 1


def test_an_app_on_peoples_own_machines_has_no_secret(world: World, coordinator: Person) -> None:
    make_app(world.coordinator, "Tracker", public=True)
    ClientSecret.objects.all().delete()
    page = coordinator.get(PAGE)

    assert "has no client secret" in seen(page)
    assert "replace/" not in page.text
    assert coordinator.post(f"{PAGE}replace/", secret__replacing="", secret__password=PASSWORD).status_code == 404
    assert not ClientSecret.objects.exists()


@pytest.mark.parametrize("what", ["", "replace/", "end"])
def test_044_the_secrets_of_another_coordinators_app_are_as_good_as_none(
    world: World, alice: Person, anybody: Person, client: httpx.Client, what: str
) -> None:
    _, client_id, secret = make_app(world.coordinator, "Tracker")
    row = ClientSecret.objects.get()
    fields = {"secret__password": PASSWORD, "secret__replacing": fingerprint(secret), "secret__overlap": "0"}
    address = PAGE + (f"{row.pk}/end/" if what == "end" else what)
    send = alice.post if what else alice.get
    foreign, missing = send(address, **fields), send(address.replace("tracker", "nothing"), **fields)

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert seen(foreign) == seen(missing)
    ask = anybody.post if what else anybody.get
    assert ask(address).headers["Location"].startswith("/account/login/")
    assert works(client, client_id, secret)


def test_044_a_secret_of_ones_other_app_is_not_ended_under_this_one(
    world: World, coordinator: Person, client: httpx.Client
) -> None:
    make_app(world.coordinator, "Tracker")
    _, client_id, old = make_app(world.coordinator, "Other app")
    replace(coordinator, "/direct-sharing/projects/secrets/other-app/", overlap="168")
    row = ClientSecret.objects.get(fingerprint=fingerprint(old))

    assert coordinator.post(f"{PAGE}{row.pk}/end/").status_code == 404
    assert works(client, client_id, old)


def test_a_study_has_no_client_secrets(world: World, coordinator: Person) -> None:
    address = "/direct-sharing/projects/secrets/study/"

    assert coordinator.get(address).status_code == 404
    assert coordinator.post(f"{address}replace/", secret__password=PASSWORD).status_code == 404
