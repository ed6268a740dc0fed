"""A member's first page: what I have, who may see it, what happened lately."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.files import actions as files
from consentry_server.files.queries import overview
from tests.doors.web.person import Person, seen
from tests.doors.web.test_adding import ADD, CSV
from tests.doors.web.test_ledger_page import note
from tests.world import THEN, World, authorize, give, leave, make_project

HOME = "/member/me/"


def test_it_says_what_there_is_who_may_see_it_and_what_happened(world: World, alice: Person) -> None:
    note(world, "download", file_id=world.file_id, files=1, size=8)
    page = seen(alice.get(HOME)).replace("\xa0", " ")

    assert "2 files, 15 bytes, from 2 sources." in page
    assert "Source 1 file" in page
    assert "Last added secret.csv 11 Apr 2016 alice.csv 11 Apr 2016" in page
    assert "1 project at this moment: Study 1 file" in page
    assert "Study downloaded alice.csv , 8 bytes" in page
    assert "You began to share with Study" in page


def test_nobody_sees_anything_of_somebody_else(world: World, bob: Person, joiner: Person, anybody: Person) -> None:
    note(world, "download", file_id=world.file_id, files=1, size=8)
    for person in (bob, joiner):
        page = seen(person.get(HOME))
        assert not any(word in page for word in ("alice.csv", "secret.csv", "Private", "downloaded"))
    assert "Study" not in seen(joiner.get(HOME))
    assert anybody.get(HOME).headers["Location"] == f"/account/login/?next={HOME}"


def test_a_new_member_is_welcomed_and_shown_the_way(coordinator: Person) -> None:
    page = coordinator.get(HOME)

    assert "Welcome, Coordinator" in seen(page)
    assert "Nothing yet." in seen(page)
    assert "Only you. A project sees nothing before you have read what it asks for and said yes." in seen(page)
    for way in (ADD, "/explore-share/", "/add-data/", "/member/me/access-log/"):
        assert f'href="{way}"' in page.text


def test_whoever_leaves_or_is_removed_or_comes_back_finds_it_there(world: World, alice: Person) -> None:
    other = authorize(world.alice, world.other)
    leave(world.of_alice)
    assert "You left Study" in seen(alice.get(HOME))
    assert "1 project at this moment: Other" in seen(alice.get(HOME))
    files.leave(member_id=world.alice.pk, authorization_id=other.pk, remove_files=False, erasure=False, now=THEN)
    page = seen(alice.get(HOME))

    assert "Only you." in page
    assert "You left Other" in page


def test_own_uploads_stand_there_too(world: World, joiner: Person) -> None:
    joiner.send(ADD, CSV)
    page = seen(joiner.get(HOME))

    assert "2 files" in page
    assert "Your uploads 1 file" in page
    assert "Last added steps.csv" in page


def test_a_file_that_is_gone_or_not_complete_was_not_added_lately(world: World, alice: Person) -> None:
    gone = give(world.alice, world.source, "gone.csv")
    files.delete_own(member_id=world.alice.pk, file_id=gone, now=THEN)

    assert "gone.csv" not in alice.get(HOME).text
    assert [file.basename for file in overview.added(world.alice.pk, most=9)] == ["secret.csv", "alice.csv"]


def test_the_last_files_of_all_sources_are_in_their_order(world: World) -> None:
    for nth in range(8):
        give(world.alice, (world.source, world.private)[nth % 2], f"{nth}.csv")

    assert [file.basename for file in overview.added(world.alice.pk, most=5)] == [f"{n}.csv" for n in (7, 6, 5, 4, 3)]


@pytest.mark.parametrize("query", ["?page=x", "?page=-1", "?a=%00b"])
def test_176_what_an_address_says_more_changes_nothing(alice: Person, query: str) -> None:
    assert alice.get(HOME + query).status_code in (200, 400)


def test_it_takes_as_many_statements_for_much_as_for_little_and_stays_light(world: World, alice: Person) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            alice.get(HOME)
        return len(found)

    note(world, "links", files=1)
    few = statements()
    for nth in range(12):
        source = make_project(world.coordinator, f"Source {nth}", requested_sources=[world.source])
        give(world.alice, source, "one.csv")
        give(world.alice, world.source, f"more-{nth}.csv")
        authorize(world.alice, source)
        note(world, "links", files=nth)

    assert statements() == few
    assert few <= 10
    assert len(alice.get(HOME).content) < 20_000


def test_logging_in_leads_there(world: World, anybody: Person) -> None:
    answer = anybody.post("/account/login/", login="alice", password="correct horse battery")

    assert answer.headers["Location"] == HOME
