"""The coordinator's table of who takes part: numbers only, of this project only, in a constant number of statements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.projects.models import Project
from consentry_server.sharing.models import ProjectMember
from consentry_server.web import seats
from tests.doors.web.person import Person, seen
from tests.world import World, authorize, leave, make_member, make_project

PAGE = "/direct-sharing/projects/members/study/"
REMOVE = "/direct-sharing/projects/remove-members/study/"


@pytest.fixture
def named(world: World) -> Project:
    """A project that asked alice for her username."""
    project = make_project(world.coordinator, "Named", request_username_access=True)
    authorize(world.alice, project)
    return project


def test_members_are_listed_by_number_and_day_and_by_nothing_else(world: World, coordinator: Person) -> None:
    page = coordinator.get(PAGE)

    assert seen(page).index(world.alice_number) < seen(page).index(world.bob_number)
    assert "11 Apr 2016, 19:50" in seen(page)
    for name in ("alice", "bob", "joiner", "example.org"):
        assert name not in page.text.lower()


def test_a_username_is_shown_where_the_member_agreed(coordinator: Person, named: Project) -> None:
    page = coordinator.get("/direct-sharing/projects/members/named/")

    assert "alice" in seen(page)
    assert "alice@" not in page.text


def test_asking_for_usernames_later_shows_none_of_those_who_agreed_before(world: World, coordinator: Person) -> None:
    Project.objects.filter(pk=world.study.pk).update(request_username_access=True)
    page = coordinator.get(PAGE)

    assert seen(page).count("not shared") == 2
    assert "alice" not in page.text.lower()


def test_who_left_or_shut_the_account_is_not_listed(world: World, coordinator: Person) -> None:
    leave(world.of_alice)
    type(world.of_bob).objects.filter(pk=world.of_bob.pk).update(suspended_at=world.of_bob.authorized_at)

    assert "Nobody takes part yet." in seen(coordinator.get(PAGE))


def test_a_member_is_found_by_the_beginning_of_the_number(world: World, coordinator: Person) -> None:
    found = seen(coordinator.get(PAGE, number=f" {world.alice_number} "))
    nobody = seen(coordinator.get(PAGE, number=world.alice_number + "0"))

    assert world.alice_number in found
    assert world.bob_number not in found
    assert "No member who takes part now" in nobody


def test_a_number_of_another_project_looks_like_one_that_does_not_exist(world: World, coordinator: Person) -> None:
    elsewhere = authorize(world.joiner, world.other).project_member.number
    page = seen(coordinator.get(PAGE, number=elsewhere))

    assert "No member who takes part now" in page


@pytest.mark.parametrize("text", ["%", "_", "1%", "12_4", "alice", "1" * 17, "-1", "\u0661\u0662", "1 2", "1\n2"])
def test_185_what_is_no_number_is_answered_and_finds_nobody(world: World, coordinator: Person, text: str) -> None:
    answer = coordinator.get(PAGE, number=text)

    assert answer.status_code == 400
    assert "Correct the number to see members." in seen(answer)
    assert world.alice_number not in answer.text


@pytest.mark.parametrize("raw", ["%00", "1%00", "%ED%A0%80", "%FF"])
def test_166_bytes_that_are_no_text_are_refused(world: World, coordinator: Person, raw: str) -> None:
    answer = coordinator.browser.get(f"{PAGE}?number={raw}")

    assert answer.status_code == 400
    assert world.alice_number not in answer.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30])
def test_a_page_that_makes_no_sense_harms_nothing(coordinator: Person, page: str) -> None:
    assert coordinator.get(PAGE, page=page).status_code == 200


def test_nobody_else_learns_anything(world: World, alice: Person, joiner: Person, anybody: Person) -> None:
    make_project(world.joiner, "Theirs")

    assert alice.get(PAGE).status_code == 404
    assert joiner.get(PAGE).status_code == 404
    assert anybody.get(PAGE).headers["Location"] == f"/account/login/?next={PAGE}"


def test_a_long_list_has_pages_that_keep_the_search(
    world: World, coordinator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "ROWS", 1)
    for seat, number in ((world.of_alice, "55500001"), (world.of_bob, "55500002")):
        ProjectMember.objects.filter(pk=seat.project_member_id).update(number=number)
    first, second = coordinator.get(PAGE, number="555"), coordinator.get(PAGE, number="555", page="2")

    assert "55500001" in first.text
    assert "55500002" not in first.text
    assert "?number=555&amp;page=2" in first.text
    assert "55500002" in second.text


def test_the_page_asks_as_often_for_fifty_members_as_for_five(world: World, coordinator: Person) -> None:
    counts = []
    for size in (5, 50):
        while Project.objects.get(pk=world.study.pk).authorized_members < size:
            authorize(make_member(f"m{Project.objects.get(pk=world.study.pk).authorized_members}"), world.study)
        with CaptureQueriesContext(connection) as asked:
            assert coordinator.get(PAGE).text.count("Open<") == size
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_removing_leads_to_the_page_that_asks_first(world: World, coordinator: Person) -> None:
    address = f"{REMOVE}?number={world.alice_number}"
    assert address in coordinator.get(f"{PAGE}{world.alice_number}/").text
    page = coordinator.get(address)

    assert f">\n{world.alice_number}</textarea>" in page.text
    assert world.alice_number in coordinator.get(PAGE).text


def test_a_number_in_the_address_that_is_none_fills_in_nothing(coordinator: Person) -> None:
    assert "evil" not in seen(coordinator.get(REMOVE, number="<evil>"))
