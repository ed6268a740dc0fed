"""What a member shares with whom, and ending it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.files.models import DataFile
from consentry_server.projects import actions as projects
from consentry_server.sharing.models import Authorization
from tests.doors.web.person import JOIN, LEAVE, Person, seen
from tests.world import THEN, World, authorize, give, leave, make_project

CONNECTIONS = "/member/me/connections/"


def is_live(authorization: Authorization) -> bool:
    return Authorization.objects.get(pk=authorization.pk).revoked_at is None


def test_the_page_says_with_whom_since_when_and_under_which_number(world: World, alice: Person) -> None:
    page = seen(alice.get(CONNECTIONS))

    assert "Study" in page
    assert "11 April 2016, 19:50" in page
    assert world.alice_number in page
    assert "files from Source" in page
    consent = world.of_alice.consents.get()
    assert consent.sha256 in page
    assert consent.request in page
    assert "direct-sharing-" not in page


def test_nobody_sees_what_another_shares(world: World, bob: Person, joiner: Person) -> None:
    assert world.alice_number not in bob.get(CONNECTIONS).text
    assert "You share nothing" in seen(joiner.get(CONNECTIONS))


def test_a_sharing_that_ended_stays_in_view(world: World, alice: Person) -> None:
    leave(world.of_alice)
    page = seen(alice.get("/member/me/joined/"))

    assert "You share nothing" in page
    assert "You left" in page


def test_leaving_ends_the_sharing_and_keeps_the_files(world: World, alice: Person) -> None:
    own = give(world.alice, world.study, "own.csv")
    answer = alice.press(f"{LEAVE}/{world.of_alice.pk}/")

    assert answer.headers["Location"] == CONNECTIONS
    assert not is_live(world.of_alice)
    assert DataFile.objects.get(id=own).deleted_at is None


def test_leaving_removes_the_projects_files_if_asked_to(world: World, alice: Person) -> None:
    own = give(world.alice, world.study, "own.csv")
    alice.press(f"{LEAVE}/{world.of_alice.pk}/", remove_datafiles="on")

    assert DataFile.objects.get(id=own).deleted_at is not None
    assert DataFile.objects.get(id=world.file_id).deleted_at is None


def test_erasure_is_asked_for_only_where_the_project_supports_it(world: World, alice: Person, bob: Person) -> None:
    alice.press(f"{LEAVE}/{world.of_alice.pk}/", erasure_requested="on")
    projects.edit(project=world.study, actor="test", fields={"erasure_supported": True}, now=THEN)
    bob.press(f"{LEAVE}/{world.of_bob.pk}/", erasure_requested="on")

    assert Authorization.objects.get(pk=world.of_alice.pk).erasure_requested_at is None
    assert Authorization.objects.get(pk=world.of_bob.pk).erasure_requested_at is not None


def test_029_nobody_ends_the_sharing_of_another(world: World, bob: Person, anybody: Person) -> None:
    address = f"{LEAVE}/{world.of_alice.pk}/"
    foreign, unknown = bob.post(address, remove_datafiles="on"), bob.post(f"{LEAVE}/999999/")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert seen(foreign) == seen(unknown)
    assert bob.get(address).status_code == 404
    assert anybody.post(address).headers["Location"].startswith("/account/login/")
    assert is_live(world.of_alice)


@pytest.mark.parametrize("unclear", ["2", "yes", "[]", "off", "0", "True False"])
def test_182_an_unclear_yes_changes_nothing(world: World, alice: Person, unclear: str) -> None:
    answer = alice.post(f"{LEAVE}/{world.of_alice.pk}/", remove_datafiles=unclear)

    assert answer.status_code == 400
    assert is_live(world.of_alice)


@pytest.mark.parametrize(
    ("wanted", "followed"),
    [
        ("/activity/study/", "/activity/study/"),
        ("//evil.example", CONNECTIONS),
        ("/\\evil.example", CONNECTIONS),
        ("https:evil.example", CONNECTIONS),
        ("https://evil.example/", CONNECTIONS),
        ("/%2f/evil.example", CONNECTIONS),
        ("/%5Cevil.example", CONNECTIONS),
        ("/\t/evil.example", CONNECTIONS),
        ("\n//evil.example", CONNECTIONS),
        ("javascript:alert(1)", CONNECTIONS),
        ("activity/study/", CONNECTIONS),
    ],
)
def test_109_the_way_on_stays_on_this_site(world: World, alice: Person, wanted: str, followed: str) -> None:
    answer = alice.post(f"{LEAVE}/{world.of_alice.pk}/", next=wanted)

    assert answer.headers["Location"] == followed


def test_the_connections_page_takes_as_many_statements_for_ten_as_for_one(world: World, alice: Person) -> None:
    with CaptureQueriesContext(connection) as one:
        alice.get(CONNECTIONS)
    for nth in range(9):
        sources = [world.source, world.private]
        project = make_project(world.coordinator, f"More {nth}", requested_sources=sources)
        authorize(world.alice, project)
        leave(authorize(world.alice, make_project(world.coordinator, f"Gone {nth}")))
    with CaptureQueriesContext(connection) as ten:
        alice.get(CONNECTIONS)

    assert len(ten) == len(one)


def test_hiding_and_showing_a_membership(world: World, alice: Person) -> None:
    seat = world.of_alice.project_member
    alice.press("/activity/study/", visible_status="false")
    seat.refresh_from_db()
    assert seat.hidden_at is not None
    alice.post("/activity/study/", visible_status="true")
    seat.refresh_from_db()
    assert seat.hidden_at is None
    assert alice.post("/activity/study/", visible_status="maybe").status_code == 400


def test_hiding_where_one_is_no_member_is_refused(joiner: Person, anybody: Person) -> None:
    assert joiner.post("/activity/study/", visible_status="false").status_code == 404
    assert anybody.post("/activity/study/", visible_status="false").status_code == 302


def test_a_projects_page_shows_each_visitor_what_is_theirs(
    world: World, alice: Person, joiner: Person, anybody: Person, coordinator: Person
) -> None:
    give(world.alice, world.study, "mine.csv")

    assert "mine.csv" in seen(alice.get("/activity/study/"))
    assert "mine.csv" not in seen(joiner.get("/activity/study/"))
    assert f"{JOIN}/study/" in anybody.get("/activity/study/").text
    assert "You run this project" in seen(coordinator.get("/activity/study/"))
    assert anybody.get("/activity/nothing/").status_code == 404


def test_all_files_from_a_project_can_be_deleted(world: World, alice: Person, bob: Person) -> None:
    looked = alice.get("/activity/source/delete-files/")
    alice.press("/activity/source/delete-files/")

    assert "Delete 1 file" in seen(looked)
    assert DataFile.objects.get(id=world.file_id).deleted_at is not None
    assert "Source" in seen(bob.get("/member/me/data/"))
