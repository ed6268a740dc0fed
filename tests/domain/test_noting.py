"""What a project writes down about its members: its own, of those who take part, until they ask to erase it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.audit.models import Event
from consentry_server.common.errors import Invalid
from consentry_server.files import actions as files
from consentry_server.sharing import actions
from consentry_server.sharing.models import Authorization, Note, Tag
from consentry_server.sharing.queries import seats
from consentry_server.sharing.queries.seats import Wanted
from consentry_server.sharing.rules.noting import LONGEST_NOTE, MOST_TAGS, tags_in
from tests.world import THEN, World, authorize, leave

BY = {"actor": "member:1", "now": THEN}


def describe(world: World, number: str, *tags: str, note: str = "") -> None:
    actions.describe(project_id=world.study.pk, number=number, tags=tags, note=note, **BY)


def written(world: World) -> tuple[str, list[str]]:
    return seats.written_of(world.of_alice.project_member_id)


def test_tags_and_note_are_kept_as_written_last(world: World) -> None:
    describe(world, world.alice_number, "pilot", "berlin", note="Called twice.")
    describe(world, world.alice_number, "berlin", "new", note="Called\nthree times.")

    assert written(world) == ("Called\nthree times.", ["berlin", "new"])
    describe(world, world.alice_number)
    assert written(world) == ("", [])
    assert not Note.objects.exists()


def test_the_trail_says_that_but_not_what(world: World) -> None:
    describe(world, world.alice_number, "pilot", note="Called twice.")
    event = Event.objects.get(name="sharing.described")

    assert event.detail == {"numbers": world.alice_number}
    assert event.actor == "member:1"


def test_several_are_given_and_lose_tags_at_once(world: World) -> None:
    both = [world.alice_number, world.bob_number]
    for _ in range(2):
        actions.tag(project_id=world.study.pk, numbers=both, tags=["pilot", "wave 2"], **BY)
    assert seats.tags(world.study.pk, most=9) == [("pilot", 2), ("wave 2", 2)]

    actions.untag(project_id=world.study.pk, numbers=[world.bob_number], tags=["pilot", "never given"], **BY)
    assert seats.tags(world.study.pk, most=9) == [("pilot", 1), ("wave 2", 2)]
    assert seats.numbers(world.study.pk, Wanted(tag="pilot"), most=9) == [world.alice_number]


def test_too_many_tags_are_refused_for_all_or_nobody(world: World) -> None:
    describe(world, world.alice_number, *map(str, range(MOST_TAGS)))

    with pytest.raises(Invalid):
        actions.tag(project_id=world.study.pk, numbers=[world.bob_number, world.alice_number], tags=["one more"], **BY)
    assert not Tag.objects.filter(name="one more").exists()


@pytest.mark.parametrize("who", ["stranger", "departed", "other project", "nonsense"])
def test_of_nobody_else_anything_is_written(world: World, who: str) -> None:
    number = {"stranger": "12345678", "nonsense": "\x00"}.get(who, "")
    if who == "departed":
        gone = authorize(world.joiner, world.study)
        leave(gone)
        number = gone.project_member.number
    if who == "other project":
        number = authorize(world.joiner, world.other).project_member.number

    with pytest.raises(actions.UnknownNumbers):
        describe(world, number, "x", note="y")
    with pytest.raises(actions.UnknownNumbers):
        actions.tag(project_id=world.study.pk, numbers=[world.alice_number, number], tags=["x"], **BY)
    assert not Tag.objects.exists()
    assert not Note.objects.exists()


def test_whoever_leaves_and_comes_back_has_them_still(world: World) -> None:
    describe(world, world.alice_number, "pilot", note="Called.")
    leave(world.of_alice)
    assert seats.shown(world.study.pk, Wanted(tag="pilot"), start=0, count=9) == []
    assert seats.tags(world.study.pk, most=9) == []

    authorize(world.alice, world.study)
    (row,) = seats.shown(world.study.pk, Wanted(tag="pilot"), start=0, count=9)
    assert (row.note, row.tags) == ("Called.", ["pilot"])


def test_asking_to_erase_erases_them_in_this_project_only(world: World) -> None:
    elsewhere = authorize(world.alice, world.other)
    other = elsewhere.project_member.number
    describe(world, world.alice_number, "pilot", note="Called.")
    actions.describe(project_id=world.other.pk, number=other, tags=["kept"], note="Kept.", **BY)

    actions.revoke(authorization=Authorization.objects.get(pk=world.of_alice.pk), by="member", erasure=True, now=THEN)
    assert written(world) == ("", [])
    assert seats.written_of(elsewhere.project_member_id) == ("Kept.", ["kept"])


def test_closing_the_account_erases_them_everywhere_also_where_one_left_before(world: World) -> None:
    describe(world, world.alice_number, "pilot", note="Called.")
    leave(world.of_alice)
    files.close_account(member_id=world.alice.pk, now=THEN)

    assert not Tag.objects.exists()
    assert not Note.objects.exists()


def test_a_note_that_is_too_long_changes_nothing(world: World) -> None:
    describe(world, world.alice_number, "pilot", note="x" * LONGEST_NOTE)
    with pytest.raises(Invalid):
        describe(world, world.alice_number, note="x" * (LONGEST_NOTE + 1))

    assert written(world)[1] == ["pilot"]


def test_tags_are_told_apart_by_their_letters_only() -> None:
    assert tags_in(" Pilot,  second \t wave,,PILOT\nberlin, ") == ["berlin", "pilot", "second wave"]
    assert tags_in("") == []


@pytest.mark.parametrize("text", ["x" * 41, ",".join(map(str, range(MOST_TAGS + 1)))])
def test_tags_that_are_too_long_or_too_many_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        tags_in(text)
    assert "tags" in refused.value.faults


def test_a_number_that_begins_like_another_is_somebody_else(world: World) -> None:
    seat = world.of_bob.project_member
    type(seat).objects.filter(pk=seat.pk).update(number=world.alice_number + "00000000")
    found = seats.one(world.study.pk, world.alice_number)

    assert found is not None
    assert found.seat_id == world.of_alice.project_member_id


def test_days_count_who_came_and_who_left(world: World) -> None:
    leave(world.of_bob)
    first, *others = seats.days(world.study.pk)

    assert first.came == 2
    assert first.left + sum(day.left for day in others) == 1


def test_as_many_statements_tag_two_members_as_one(world: World) -> None:
    counts = []
    for numbers in ([world.alice_number], [world.alice_number, world.bob_number]):
        with CaptureQueriesContext(connection) as asked:
            actions.tag(project_id=world.study.pk, numbers=numbers, tags=["pilot"], **BY)
        counts.append(len(asked))

    assert counts[0] == counts[1]
