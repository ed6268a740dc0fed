"""A coordinator's master tokens: made, shown, replaced, revoked."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from consentry_server.audit.models import Event
from consentry_server.common.ids import fingerprint
from consentry_server.projects import actions as projects
from consentry_server.tokens.models import MasterToken
from consentry_server.tokens.rules import MOST, Right
from tests.doors.web.person import PROJECT, Person, seen
from tests.world import PASSWORD, THEN, World, make_named_token

DETAILS = f"{PROJECT}/study/"
TOKENS = "/direct-sharing/projects/tokens/study/"
NEW = f"{TOKENS}create/"
WANTED: dict[str, str | list[str]] = {
    "name": "night run",
    "rights": ["read data", "message"],
    "lifetime": "30 days",
    "password": PASSWORD,
}


def row(token: str) -> MasterToken:
    return MasterToken.objects.get(fingerprint=fingerprint(token))


def page_of(token: str) -> str:
    return f"{TOKENS}{row(token).pk}/"


def shown(answer: httpx.Response) -> str:
    """The token that a page shows in clear."""
    found = re.search(r'id="master-token">(\w+)<', answer.text)
    return found[1] if found else ""


def rotate(person: Person, token: str, **fields: str) -> httpx.Response:
    plain = {"lifetime": "24 hours", "overlap": "0", "password": PASSWORD}
    named: dict[str, str] = {f"rotate__{name}": value for name, value in (plain | fields).items()}
    return person.post(f"{page_of(token)}rotate/", **named)


def works(person: Person, token: str, resource: str = "") -> bool:
    bearer = {"Authorization": f"Bearer {token}"}
    answer = person.browser.get(f"/api/direct-sharing/project/{resource}", headers=bearer)
    return answer.status_code == 200


def test_the_details_list_each_token_masked(world: World, coordinator: Person) -> None:
    other = make_named_token(world.study, "night run", Right.READ, Right.MESSAGE)
    page = coordinator.get(DETAILS)

    assert f"night run csm•••• {fingerprint(other)} read data, message" in seen(page)
    assert f"main csm•••• {fingerprint(world.token)} read data, add data, message, remove" in seen(page)
    assert f'href="{page_of(other)}"' in page.text
    assert world.token not in page.text
    assert other not in page.text


def test_a_token_is_shown_once_the_password_was_entered_again(world: World, coordinator: Person) -> None:
    address = f"{page_of(world.token)}reveal/"
    before = coordinator.get(page_of(world.token))
    wrong = coordinator.post(address, reveal__password="not it")
    right = coordinator.post(address, reveal__password=PASSWORD)

    assert world.token not in before.text
    assert wrong.status_code == 400
    assert world.token not in wrong.text
    assert shown(right) == world.token
    assert "http://testserver/api/direct-sharing/project/members/" in right.text
    assert right.headers["Cache-Control"] == "private, no-store"
    assert coordinator.get(address).status_code == 405
    assert Event.objects.get(name="token.reveal").detail["token"] == fingerprint(world.token)


def test_a_new_token_may_do_what_was_chosen(world: World, coordinator: Person) -> None:
    answer = coordinator.post(NEW, **WANTED)
    token = shown(answer)
    kept = row(token)

    assert works(coordinator, token, "members/")
    assert works(coordinator, world.token)
    assert (kept.name, kept.rights) == ("night run", "read data,message")
    assert kept.expires_at is not None
    assert kept.expires_at - kept.created_at == timedelta(days=30)
    assert token not in str(list(Event.objects.values()))
    event = Event.objects.get(name="token.mint", detail__token_name="night run")
    assert event.detail["rights"] == "read data,message"
    assert event.actor == f"member:{world.coordinator.pk}"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "   "}, "This field is required."),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"name": "main"}, "There is a token of this name."),
        ({"rights": []}, "This field is required."),
        ({"rights": ["read data", "everything"]}, "everything is not one of the available choices."),
        ({"lifetime": "never"}, "never is not one of the available choices."),
        ({"lifetime": ""}, "This field is required."),
        ({"password": "not it"}, "This is not your password."),
    ],
)
def test_a_wrong_form_makes_no_token_and_says_why(
    world: World, coordinator: Person, fields: dict[str, str | list[str]], says: str
) -> None:
    answer = coordinator.post(NEW, **(WANTED | fields))

    assert answer.status_code == 400
    assert says in seen(answer)
    assert MasterToken.objects.filter(project=world.study).count() == 1


def test_a_project_has_a_limited_number_of_tokens(world: World, coordinator: Person) -> None:
    for nth in range(MOST - 1):
        make_named_token(world.study, f"token {nth}", Right.READ)
    answer = coordinator.post(NEW, **WANTED)

    assert answer.status_code == 400
    assert "Revoke one that nobody uses first." in seen(answer)


def test_a_token_for_ever_needs_the_leave_of_staff(world: World, coordinator: Person) -> None:
    refused = rotate(coordinator, world.token, lifetime="never")
    projects.edit(project=world.study, actor="test", fields={"eternal_tokens_allowed": True}, now=THEN)
    allowed = rotate(coordinator, world.token, lifetime="never")
    made = coordinator.post(NEW, **(WANTED | {"lifetime": "never"}))

    assert (refused.status_code, allowed.status_code) == (400, 200)
    assert row(shown(allowed)).expires_at is row(shown(made)).expires_at is None
    assert "you end it" in seen(coordinator.get(DETAILS))


@pytest.mark.parametrize(("choice", "days"), [("24 hours", 1), ("30 days", 30), ("1 year", 365)])
def test_a_replacement_lives_as_long_as_was_chosen(world: World, coordinator: Person, choice: str, days: int) -> None:
    new = shown(rotate(coordinator, world.token, lifetime=choice))

    assert works(coordinator, new)
    assert not works(coordinator, world.token)
    kept = row(new)
    assert (kept.name, kept.rights) == (row(world.token).name, row(world.token).rights)
    assert kept.expires_at is not None
    assert kept.expires_at - kept.created_at == timedelta(days=days)


def test_023_the_old_token_works_on_for_the_chosen_hours_and_is_listed(world: World, coordinator: Person) -> None:
    new = shown(rotate(coordinator, world.token, overlap="24"))
    old = row(world.token)

    assert works(coordinator, world.token)
    assert works(coordinator, new)
    assert old.expires_at is not None
    assert old.expires_at < datetime.now(UTC) + timedelta(hours=24, minutes=1)
    assert f"main replaced csm•••• {old.fingerprint}" in seen(coordinator.get(DETAILS))
    assert "Replace it" not in seen(coordinator.get(page_of(world.token)))


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "not it"},
        {"overlap": "25"},
        {"overlap": "-1"},
        {"overlap": "1.5"},
        {"overlap": "9" * 40},
        {"overlap": ""},
        {"lifetime": "a while"},
        {"lifetime": ""},
    ],
)
def test_a_token_is_not_replaced_by_a_wrong_form(world: World, coordinator: Person, fields: dict[str, str]) -> None:
    assert rotate(coordinator, world.token, **fields).status_code == 400
    assert works(coordinator, world.token)


def test_022_replacing_a_token_that_was_replaced_meanwhile_is_refused(world: World, coordinator: Person) -> None:
    first, second = rotate(coordinator, world.token), rotate(coordinator, world.token)

    assert (first.status_code, second.status_code) == (200, 409)
    assert "has just been replaced" in seen(second)
    assert MasterToken.objects.filter(project=world.study).count() == 2


def test_a_revoked_token_is_none_any_more_and_its_name_is_free(world: World, coordinator: Person) -> None:
    token = shown(coordinator.post(NEW, **WANTED))
    address = page_of(token)
    answer = coordinator.post(f"{address}revoke/")

    assert answer.headers["Location"] == DETAILS
    assert not works(coordinator, token)
    assert works(coordinator, world.token)
    page = seen(coordinator.get(DETAILS))
    assert "The token “night run” is revoked." in page
    assert fingerprint(token) not in page
    assert coordinator.get(address).status_code == 404
    assert coordinator.post(f"{address}revoke/").status_code == 404
    assert coordinator.post(f"{address}reveal/", reveal__password=PASSWORD).status_code == 404
    assert rotate(coordinator, token).status_code == 409
    assert Event.objects.get(name="token.revoke").detail["token"] == fingerprint(token)
    assert coordinator.post(NEW, **WANTED).status_code == 200


def test_a_replaced_token_can_be_revoked_before_its_overlap_is_over(world: World, coordinator: Person) -> None:
    new = shown(rotate(coordinator, world.token, overlap="24"))
    coordinator.post(f"{page_of(world.token)}revoke/")

    assert not works(coordinator, world.token)
    assert works(coordinator, new)


@pytest.mark.parametrize("what", ["", "reveal/", "rotate/", "revoke/"])
def test_044_a_token_of_another_coordinator_is_as_good_as_none(
    world: World, alice: Person, anybody: Person, what: str
) -> None:
    address = page_of(world.token) + what
    fields = {"reveal__password": PASSWORD, "rotate__password": PASSWORD, "rotate__lifetime": "24 hours"}
    fields["rotate__overlap"] = "0"
    send = alice.get if what == "" else alice.post
    foreign, missing = send(address, **fields), send(address.replace("study", "nothing"), **fields)

    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert seen(foreign) == seen(missing)
    ask = anybody.get if what == "" else anybody.post
    assert ask(address).headers["Location"].startswith("/account/login/")
    assert works(anybody, world.token)
    assert MasterToken.objects.filter(project=world.study).count() == 1


@pytest.mark.parametrize("what", ["", "reveal/", "rotate/", "revoke/"])
def test_044_a_token_of_ones_other_project_is_not_found_under_this_one(
    world: World, coordinator: Person, what: str
) -> None:
    address = page_of(world.other_token) + what
    fields = {"reveal__password": PASSWORD, "rotate__password": PASSWORD, "rotate__lifetime": "24 hours"}
    fields["rotate__overlap"] = "0"

    send = coordinator.get if what == "" else coordinator.post
    assert send(address, **fields).status_code == 404
    assert works(coordinator, world.other_token)


def test_the_details_say_when_a_token_was_last_used(world: World, coordinator: Person) -> None:
    before = seen(coordinator.get(page_of(world.token)))
    works(coordinator, world.token)
    at = datetime.now(UTC)
    after = seen(coordinator.get(page_of(world.token)))

    assert "Last used never" in before
    assert f"Last used {at.day} {at:%B %Y}" in after
    assert f"{at.day} {at:%b %Y}" in seen(coordinator.get(DETAILS))
