"""Finding a project: the front page, the directory with its search, and what is in development."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project
from tests.doors.web.person import Person, seen
from tests.reviews import make_reviewer
from tests.world import World, authorize, make_app, make_member, make_project

EXPLORE, ADD, DRAFTS = "/explore-share/", "/add-data/", "/direct-sharing/in-development/"
NOW = datetime.now(UTC)


def names(person: Person, path: str = EXPLORE, **query: str) -> list[str]:
    """Return the projects on a list, in its order."""
    answer = person.get(path, **query)
    assert answer.status_code == 200
    parts = answer.text.split('<h3><a href="/activity/')[1:]
    return [part.split("<bdi>")[1].split("</bdi>")[0] for part in parts]


@pytest.fixture
def choir(world: World) -> dict[str, Project]:
    """Projects that differ in what can be searched for."""
    member = world.coordinator
    return {
        "light": make_project(member, "Light", is_study=False, long_description="Lamps & sün in the morning"),
        "walks": make_project(member, "Walks", is_academic_or_nonprofit=False, leader="Łucja Ångström"),
        "brings": make_project(
            member, "Brings", explore_share=False, add_data=True, returned_data_description="Percent 100%_done"
        ),
        "app": make_app(member, "App", organization="Coach GmbH")[0],
    }


def test_each_of_the_two_addresses_begins_with_what_its_name_says(choir: dict[str, Project], anybody: Person) -> None:
    assert names(anybody) == ["App", "Light", "Other", "Private", "Source", "Study", "Walks"]
    assert names(anybody, ADD) == ["Brings", "Private", "Source"]
    assert names(anybody, does="") == ["App", "Brings", "Light", "Other", "Private", "Source", "Study", "Walks"]
    assert names(anybody, ADD, does="explores") == names(anybody)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "oauth2"}, ["App"]),
        ({"study": "no"}, ["Light"]),
        ({"nonprofit": "no"}, ["Walks"]),
        ({"nonprofit": "no", "study": "no"}, []),
        ({"q": "lamps"}, ["Light"]),
        ({"q": "SUN morning"}, ["Light"]),  # each word, in any case, with or without accents
        ({"q": "sün evening"}, []),
        ({"q": "angstrom"}, ["Walks"]),
        ({"q": "ÅNGSTRÖM"}, ["Walks"]),
        ({"q": "coach gmbh"}, ["App"]),
        ({"q": "Light", "study": "yes"}, []),
    ],
)
def test_the_search_finds_words_of_name_leader_organization_and_texts(
    choir: dict[str, Project], anybody: Person, query: dict[str, str], found: list[str]
) -> None:
    assert names(anybody, does="", **query) == found


def test_185_signs_of_databases_are_searched_for_as_they_are(choir: dict[str, Project], anybody: Person) -> None:
    for text in ("%", "100%", "%_", "_done"):
        assert names(anybody, does="", q=text) == ["Brings"]
    for text in ("%light%", "l_ght", "' OR 1=1 --", "\\", ";--", '"', "[a-z]", "l.ght"):
        assert names(anybody, does="", q=text) == []


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "everything"},
        {"study": "maybe"},
        {"does": "both"},
        {"q": "x" * 201},
        {"coordinator__password__startswith": "argon"},
        {"name__regex": "(a+)+"},
        {"ordering": "coordinator"},
        {"fields": "searched"},
    ],
)
def test_184_what_is_no_filter_of_this_list_is_refused(world: World, anybody: Person, query: dict[str, str]) -> None:
    answer = anybody.get(EXPLORE, **query)

    assert answer.status_code == 400
    assert "This is nothing that can be searched for" in seen(answer)
    assert "<article" not in answer.text


def test_184_words_that_others_add_to_addresses_change_nothing(world: World, anybody: Person) -> None:
    assert names(anybody, fbclid="x", utm_source="letter", access_token=world.token) == names(anybody)


def test_what_was_searched_for_stands_in_the_form_again_and_is_no_html(world: World, anybody: Person) -> None:
    page = anybody.get(EXPLORE, q='"><script>alert(1)</script>', study="yes").text

    assert "<script>alert" not in page
    assert "&quot;&gt;&lt;script&gt;alert(1)" in page
    assert '<option value="yes" selected>' in page


def test_049_what_is_not_public_is_on_no_list_and_in_no_count(world: World, anybody: Person) -> None:
    draft = make_project(world.coordinator, "Draft sleep", approved=False)
    paused, wider = (make_project(world.coordinator, name) for name in ("Paused sleep", "Wider sleep"))
    projects.edit(project=paused, actor="test", fields={"active": False}, now=NOW)
    projects.edit(project=wider, actor="test", fields={"request_username_access": True}, now=NOW)
    for project in (draft, paused, wider):
        projects.set_featured(project_id=project.pk, featured=True, actor="test", now=NOW)

    found = anybody.get(EXPLORE, does="", q="sleep")
    for path in (EXPLORE, ADD, "/"):
        assert not {"Draft sleep", "Paused sleep", "Wider sleep"} & set(names(anybody, path))
    assert "4 projects" in seen(found)  # those of the world, by "Institute of Sleep"
    assert names(anybody, DRAFTS) == ["Draft sleep"]


def test_in_development_are_those_that_can_be_joined(world: World, anybody: Person) -> None:
    full, paused, draft = (make_project(world.coordinator, f"Draft {n}", approved=False) for n in range(3))
    for n in range(20):
        authorize(make_member(f"m{n}"), full)
    projects.edit(project=paused, actor="test", fields={"active": False}, now=NOW)
    answer = anybody.get(DRAFTS)

    assert names(anybody, DRAFTS) == [draft.name]
    assert "Nobody here has looked at these projects yet" in seen(answer)
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text


def test_long_lists_come_in_pages_that_keep_the_search(world: World, anybody: Person) -> None:
    for n in range(21):
        make_project(world.coordinator, f"Walk {n:02}", explore_share=False, add_data=True)
        make_project(world.coordinator, f"Draft {n:02}", approved=False)
    first = anybody.get(EXPLORE, does="adds", q="walk")
    address = first.text.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")

    assert names(anybody, does="adds", q="walk") == [f"Walk {n:02}" for n in range(20)]
    assert names(anybody, f"{EXPLORE}{address}") == ["Walk 20"]
    assert names(anybody, DRAFTS, page="2") == ["Draft 00"]
    assert names(anybody, page="9" * 30) == []
    assert names(anybody, page="-1") == names(anybody)


@pytest.mark.parametrize("path", [EXPLORE, ADD, DRAFTS, "/"])
def test_a_list_costs_the_same_however_long_it_is(world: World, anybody: Person, path: str) -> None:
    anybody.get(path)
    with CaptureQueriesContext(connection) as few:
        anybody.get(path)
    for n in range(15):
        make_project(world.coordinator, f"P {n}", approved=n % 2 == 0, add_data=True)
    with CaptureQueriesContext(connection) as many:
        anybody.get(path)

    assert len(many) == len(few) <= 2


def test_the_front_page_shows_what_staff_chose_the_latest_first(world: World, anybody: Person) -> None:
    assert "New projects" in seen(anybody.get("/"))
    for n, project in enumerate((world.study, world.source, world.private, world.other)):
        projects.set_featured(project_id=project.pk, featured=True, actor="test", now=NOW + timedelta(hours=n))
    projects.set_featured(project_id=world.other.pk, featured=False, actor="test", now=NOW)

    assert names(anybody, "/") == ["Private", "Source", "Study"]
    assert "Featured projects" in seen(anybody.get("/"))


def test_the_front_page_says_in_three_pictures_what_this_is_and_where_to_begin(
    world: World, anybody: Person, alice: Person
) -> None:
    page, own = anybody.get("/").text, alice.get("/").text

    assert page.count('<svg class="art"') == 3
    assert 'href="/account/signup/"' in page
    assert 'href="/member/me/"' in own
    assert "/account/signup/" not in own


def test_the_front_page_leads_reviewers_to_their_reviews(world: World, visit: object, alice: Person) -> None:
    reviewer = visit(make_reviewer())  # type: ignore[operator]

    assert "/direct-sharing/review/" in reviewer.get("/").text
    assert "/direct-sharing/review/" not in alice.get("/").text
