"""A coordinator's pages for tags and notes, and the member's page that shows them."""

import pytest

from consentry_server.sharing import actions
from consentry_server.sharing.queries import seats
from tests.doors.web.person import Person, seen
from tests.world import THEN, World, authorize, leave, make_project

PAGE = "/direct-sharing/projects/members/study/"
BY = {"actor": "member:1", "now": THEN}


def seat_of(number: str) -> str:
    return f"{PAGE}{number}/"


@pytest.fixture
def written(world: World) -> World:
    note = "Called <b>twice</b>."
    actions.describe(project_id=world.study.pk, number=world.alice_number, tags=["pilot", "r&d"], note=note, **BY)
    return world


def test_what_is_written_down_is_shown_to_the_coordinator(written: World, coordinator: Person) -> None:
    table, page = coordinator.get(PAGE), coordinator.get(seat_of(written.alice_number))

    assert "pilot" in seen(table)
    assert "Called &lt;b&gt;twice&lt;/b&gt;." in table.text
    assert 'value="pilot, r&amp;d"' in page.text
    assert "This member can read it" in seen(page)


def test_the_member_reads_it_and_nobody_else(written: World, alice: Person, bob: Person, joiner: Person) -> None:
    page = alice.get(f"/member/me/connections/{written.of_alice.pk}/seen/")

    assert "What it wrote down about you here" in seen(page)
    assert "Called &lt;b&gt;twice&lt;/b&gt;." in page.text
    assert "What it wrote down" not in seen(bob.get(f"/member/me/connections/{written.of_bob.pk}/seen/"))
    for stranger in (alice, bob, joiner):
        assert stranger.get(seat_of(written.alice_number)).status_code == 404


def test_another_coordinator_sees_and_writes_nothing(written: World, joiner: Person) -> None:
    make_project(written.joiner, "Theirs")
    theirs = "/direct-sharing/projects/members/theirs/"

    assert joiner.get(f"{theirs}{written.alice_number}/").status_code == 404
    assert joiner.post(f"{theirs}{written.alice_number}/", tags="x", note="y").status_code == 404
    answer = joiner.post(theirs, tags="x", numbers=written.alice_number, tag="yes")
    assert "Invalid project member ID" in seen(answer)
    assert joiner.post(PAGE, tags="x", numbers=written.alice_number, tag="yes").status_code == 404
    assert seats.written_of(written.of_alice.project_member_id)[1] == ["pilot", "r&d"]


def test_members_are_found_by_tag_and_can_be_written_to(written: World, coordinator: Person) -> None:
    page = coordinator.get(PAGE, tag="r&d")

    assert written.alice_number in seen(page)
    assert written.bob_number not in seen(page)
    assert "/direct-sharing/projects/message/study/?tag=r%26d" in page.text
    form = coordinator.get("/direct-sharing/projects/message/study/", tag="r&d")
    assert f">\n{written.alice_number}</textarea>" in form.text


@pytest.mark.parametrize("tag", ["never given", "<script>", "' OR 1=1"])
def test_a_tag_that_nobody_has_is_answered_calmly(written: World, coordinator: Person, tag: str) -> None:
    answer = coordinator.get(PAGE, tag=tag)

    assert answer.status_code == 400
    assert written.alice_number not in answer.text
    assert "<script>" not in answer.text
    assert coordinator.get("/direct-sharing/projects/message/study/", tag=tag).status_code == 200


def test_ticked_members_are_given_tags_and_lose_them(world: World, coordinator: Person) -> None:
    both = [world.alice_number, world.bob_number]
    answer = coordinator.post(PAGE, tags="Wave 2, pilot", numbers=both, tag="yes")
    assert answer.headers["Location"] == PAGE
    assert seats.tags(world.study.pk, most=9) == [("pilot", 2), ("wave 2", 2)]

    coordinator.post(PAGE, tags="pilot", numbers=both[:1], untag="yes")
    assert seats.tags(world.study.pk, most=9) == [("pilot", 1), ("wave 2", 2)]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"tags": "x"}, "Tick the members whom you mean."),
        ({"numbers": ["12345678"], "tags": ""}, "This field is required."),
        ({"numbers": ["12345678"], "tags": "x"}, "Invalid project member ID(s): 12345678"),
        ({"numbers": ["<script>"], "tags": "x"}, "Tick the members whom you mean."),
        ({"numbers": ["12345678"], "tags": "x" * 41}, "A tag has 40 characters at most"),
    ],
)
def test_185_what_cannot_be_done_is_said_and_nothing_is_lost(
    world: World, coordinator: Person, sent: dict[str, object], said: str
) -> None:
    answer = coordinator.post(PAGE, tag="yes", **sent)

    assert answer.status_code == 400
    assert said in seen(answer)
    assert world.alice_number in answer.text
    assert seats.tags(world.study.pk, most=9) == []


def test_a_note_is_saved_and_one_too_long_comes_back(world: World, coordinator: Person) -> None:
    page = seat_of(world.alice_number)
    assert coordinator.post(page, tags="Pilot", note="Called.").headers["Location"] == page
    assert seats.written_of(world.of_alice.project_member_id) == ("Called.", ["pilot"])

    answer = coordinator.post(page, tags="pilot", note="y" * 2001)
    assert answer.status_code == 400
    assert "Say it in 2,000 characters." in seen(answer)
    assert "y" * 2001 in answer.text


def test_who_left_has_no_page_any_more(written: World, coordinator: Person) -> None:
    leave(written.of_alice)

    assert coordinator.get(seat_of(written.alice_number)).status_code == 404
    assert coordinator.post(seat_of(written.alice_number), tags="x", note="").status_code == 404


def test_the_desk_shows_how_many_came_and_when_a_program_called_last(world: World, coordinator: Person) -> None:
    page = coordinator.get("/direct-sharing/projects/on-site/study/")

    assert "Members who share" in page.text
    assert 'class="plot"' in page.text
    assert "Last call by a program" in seen(page)


def test_a_project_without_members_has_no_plot(world: World, coordinator: Person) -> None:
    make_project(world.coordinator, "Empty")

    assert 'class="plot"' not in coordinator.get("/direct-sharing/projects/on-site/empty/").text


def test_a_member_of_two_projects_is_described_by_each_for_itself(written: World, alice: Person) -> None:
    other = authorize(written.alice, written.other)

    assert "pilot" not in seen(alice.get(f"/member/me/connections/{other.pk}/seen/"))
