"""A project asks for something else than before: members see the difference, and decide."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.sharing import queries
from tests.doors.web.person import AUTHORIZE, JOIN, Person, hidden, seen
from tests.doors.web.test_joining import change
from tests.world import World, authorize, make_project

CONNECTIONS = "/member/me/connections/"
DETAILS = "/direct-sharing/projects/on-site/study/"


def sources_of(world: World) -> list[int]:
    return sorted(world.of_alice.grants.values_list("source_id", flat=True))


def test_037_who_takes_part_sees_what_is_asked_for_besides_and_gives_it_only_by_agreeing(
    world: World, alice: Person, bob: Person, joiner: Person
) -> None:
    change(world.study, requested_sources=[world.source, world.private], request_username_access=True)
    for person in (alice, bob):
        page = seen(person.get(CONNECTIONS))
        assert "It asks for more now than you agreed to on 11 April 2016" in page
        assert "It also asks for your files from Private" in page
        assert "It asks for your username" in page
    assert "It asks for more" not in seen(joiner.get(CONNECTIONS))
    assert sources_of(world) == [world.source.pk]

    assert "It also asks for your files from Private" in seen(alice.get(f"{AUTHORIZE}/study/"))
    alice.press(f"{AUTHORIZE}/study/", allow="allow")
    assert sources_of(world) == [world.source.pk, world.private.pk]
    assert "It asks for more" not in seen(alice.get(CONNECTIONS))
    assert "It asks for more" in seen(bob.get(CONNECTIONS))


def test_saying_no_leaves_what_was_agreed_to(world: World, alice: Person) -> None:
    change(world.study, requested_sources=[world.source, world.private])
    alice.press(f"{AUTHORIZE}/study/", cancel="cancel")

    assert sources_of(world) == [world.source.pk]
    assert "It asks for more" in seen(alice.get(CONNECTIONS))
    live = queries.live(member_id=world.alice.pk, project_id=world.study.pk)
    assert live == world.of_alice


def test_another_consent_text_is_shown_line_by_line_before_it_is_agreed_to(world: World, alice: Person) -> None:
    change(world.study, consent_text="# Consent\n\nI agree to **share** <b>it all</b>.", leader="Eve <Leader>")
    listed, page = alice.get(CONNECTIONS), alice.get(f"{JOIN}/study/")

    assert "It has changed its request since you agreed" in seen(listed)
    assert "Who leads it was Ada Leader , and is Eve <Leader> now" in seen(page).replace("“", "").replace("”", "")
    assert "You share with this project since you agreed on 11 April 2016" in seen(page)
    for answer in (listed, page):
        assert "Was: I agree to **share**." in seen(answer)
        assert "Is now: I agree to **share** <b>it all</b>." in seen(answer)
        assert "<b>it all" not in answer.text
    assert alice.get(f"{AUTHORIZE}/study/").headers["Location"] == f"{JOIN}/study/"


def test_less_than_before_asks_for_nothing_more(world: World, alice: Person) -> None:
    change(world.study, requested_sources=[])
    page = seen(alice.get(CONNECTIONS))

    assert "It has changed its request since you agreed" in page
    assert "It no longer asks for your files from Source" in page


def test_082_a_change_between_looking_and_agreeing_is_shown_first(world: World, alice: Person) -> None:
    change(world.study, requested_sources=[world.source, world.private])
    shown = hidden(alice.get(f"{AUTHORIZE}/study/").text)
    change(world.study, all_sources_access=True)
    answer = alice.post(f"{AUTHORIZE}/study/", **shown)

    assert answer.status_code == 409
    assert sources_of(world) == [world.source.pk]


def test_a_project_that_is_closed_offers_no_way_to_decide(world: World, alice: Person) -> None:
    change(world.study, requested_sources=[], active=False)

    assert "Read it and decide" not in seen(alice.get(CONNECTIONS))


def test_the_coordinator_reads_how_many_have_not_agreed_yet(
    world: World, coordinator: Person, alice: Person, joiner: Person
) -> None:
    assert "Agreed to something else" not in seen(coordinator.get(DETAILS))
    change(world.study, requested_sources=[world.source, world.private])
    assert "Agreed to something else 2 of them" in seen(coordinator.get(DETAILS))
    alice.press(f"{AUTHORIZE}/study/", allow="allow")
    page = seen(coordinator.get(DETAILS))

    assert "Agreed to something else 1 of them" in page
    assert f"{AUTHORIZE}/study/" in page
    assert alice.get(DETAILS).status_code == joiner.get(DETAILS).status_code == 404


@pytest.mark.parametrize("differ", [False, True])
def test_what_is_shared_with_many_takes_as_many_statements_as_with_one(
    world: World, alice: Person, differ: bool
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            alice.get(CONNECTIONS)
        return len(found)

    one = statements()
    for nth in range(8):
        project = make_project(world.coordinator, f"Study {nth}", requested_sources=[world.source])
        authorize(world.alice, project)
        if differ:
            change(project, requested_sources=[world.private])

    assert statements() == one
