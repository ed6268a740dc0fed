"""A project's own page, for anybody, members, its coordinator and reviewers."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Client, Project
from tests.doors.web.person import Person, seen
from tests.reviews import draft, edit, make_reviewer
from tests.world import World, authorize, give, make_app, make_datatype, make_member, make_project

STUDY = "/activity/study/"
NOW = datetime.now(UTC)
Visit = Callable[[Member | None], Person]


def test_anybody_sees_who_runs_a_project_what_it_asks_for_and_its_consent_text(world: World, anybody: Person) -> None:
    page = anybody.get(STUDY)
    words = seen(page)

    for part in ("Ada Leader", "Institute of Sleep", "study@example.org", "A study of how people sleep.", "2 members"):
        assert part in words
    assert "Your files from Source" in words
    assert "it knows you by an eight-digit number" in words
    assert "I agree to share" in words
    assert "reviewed" in words
    assert 'href="/direct-sharing/projects/on-site/join/study/"' in page.text
    assert "robots" not in page.text


def test_what_a_project_brings_is_named_with_its_data_types(world: World, anybody: Person) -> None:
    project = draft(world, add_data=True, returned_data_description="Hours of sleep")
    projects.register_datatypes(
        project_id=project.pk, datatype_ids=[make_datatype("sleep stages")], actor="test", now=NOW
    )

    assert "Hours of sleep ( sleep stages )" in seen(anybody.get("/activity/draft/"))


def test_an_app_begins_on_its_own_site_and_an_address_that_browsers_run_is_no_button(
    world: World, anybody: Person
) -> None:
    app, _, _ = make_app(world.coordinator, "App")
    page = anybody.get("/activity/app/").text
    Client.objects.filter(project=app).update(enrollment_url="javascript:alert(1)", terms_url="data:text/html,x")

    assert 'href="https://app.example.org/"' in page
    assert "/join/app/" not in page
    page = anybody.get("/activity/app/").text
    assert "javascript:" not in page
    assert "data:text" not in page


def test_131_what_a_coordinator_writes_is_no_html(world: World, anybody: Person) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(1)"><style>*{}</style>'
    fields = {"name": evil[:40], "leader": evil[:90], "long_description": evil, "consent_text": evil}
    project = make_project(world.coordinator, "Evil", short_description=evil[:120], organization=evil[:90])
    edit(project, **fields)
    page = anybody.get(f"/activity/{project.slug}/").text

    for part in ("<script", "<img src=x", "<style"):
        assert part not in page


def test_members_who_chose_it_are_listed_by_name_in_pages(world: World, anybody: Person, bob: Person) -> None:
    for n in range(60):
        authorize(make_member(f"walker_{n:02}"), world.study)
    bob.post(STUDY, visible_status="false")
    first, second = anybody.get(STUDY), anybody.get(STUDY, members="2")

    assert "alice walker_00" in seen(first)
    assert "bob" not in seen(first)
    assert "62 members" in seen(first)
    assert "walker_59" not in seen(first)
    assert "walker_59" in seen(second)


def test_nobody_is_listed_as_a_member_of_what_was_not_reviewed(world: World, anybody: Person) -> None:
    authorize(world.alice, draft(world))
    page = anybody.get("/activity/draft/")

    assert "1 member shares with it" in seen(page)
    assert "alice" not in seen(page)
    assert "not reviewed yet" in seen(page)
    assert '<meta name="robots" content="noindex, nofollow">' in page.text


def test_a_member_sees_since_when_what_it_sees_and_how_to_end_it(world: World, alice: Person) -> None:
    page = alice.get(STUDY)

    assert f"It knows you as number {world.alice_number}" in seen(page)
    assert "It sees your files from Source , and what it brought itself" in seen(page)
    for address in (f"/projects/leave/{world.of_alice.pk}/", f"{STUDY}send-message/", "/member/me/connections/"):
        assert address in page.text
    assert "/join/study/" not in page.text


def test_a_member_sees_what_they_opened_and_not_what_is_asked_by_now(world: World, alice: Person) -> None:
    edit(world.study, requested_sources=[world.source, world.private], request_username_access=True)
    page = seen(alice.get(STUDY))

    assert "It sees your files from Source , and" in page
    assert "and by your username" not in page


def test_a_project_that_takes_nobody_has_no_button_to_join(world: World, anybody: Person) -> None:
    full = draft(world)
    for n in range(20):
        authorize(make_member(f"m{n}"), full)
    edit(world.study, active=False)

    assert "It has all the members that it may have" in seen(anybody.get("/activity/draft/"))
    assert "/join/draft/" not in anybody.get("/activity/draft/").text
    assert "It takes no new members" in seen(anybody.get(STUDY))
    assert "/join/study/" not in anybody.get(STUDY).text


def test_only_the_coordinator_sees_the_state_of_the_review_and_can_ask(
    world: World, coordinator: Person, alice: Person, anybody: Person
) -> None:
    draft(world)
    pages = {who: person.get("/activity/draft/").text for who, person in
             {"runs it": coordinator, "member": alice, "nobody": anybody}.items()}  # fmt: skip

    assert "/projects/review/draft/ask/" in pages["runs it"]
    assert "/projects/review/" not in pages["member"] + pages["nobody"]
    assert "You run this project" not in pages["member"] + pages["nobody"]


def test_everybody_sees_that_something_changed_since_the_review(world: World, anybody: Person) -> None:
    edit(world.study, short_description="Another")
    assert "words were changed since" in seen(anybody.get(STUDY))
    edit(world.study, consent_text="Another")
    assert "asks for more than was reviewed" in seen(anybody.get(STUDY))


def test_reviewers_find_the_review_of_a_project_on_its_page(world: World, visit: Visit, alice: Person) -> None:
    reviewer = visit(make_reviewer())

    assert "/direct-sharing/review/" in reviewer.get(STUDY).text
    assert "/direct-sharing/review/" not in alice.get(STUDY).text


@pytest.mark.parametrize("who", ["anybody", "alice", "coordinator"])
def test_the_page_costs_the_same_however_much_there_is_of_everything(
    world: World, request: pytest.FixtureRequest, who: str
) -> None:
    person: Person = request.getfixturevalue(who)
    person.get(STUDY)
    with CaptureQueriesContext(connection) as few:
        person.get(STUDY)
    sources: list[Project] = [world.source]
    for n in range(8):
        authorize(make_member(f"m{n}"), world.study)
        give(world.alice, world.study, f"{n}.csv", b"1")
        brings = {"add_data": True, "returned_data_description": "Steps"}
        sources.append(make_project(world.coordinator, f"Source {n}", **brings))
    edit(world.study, requested_sources=sources)
    sharing_of_alice = authorize(world.alice, world.study)
    with CaptureQueriesContext(connection) as many:
        person.get(STUDY)

    assert sharing_of_alice.grants.count() == 9
    assert len(many) == len(few) <= 20
    assert not [query["sql"] for query in many if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
