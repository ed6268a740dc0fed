"""A coordinator's pages: making and changing a project, and its master token."""

from datetime import timedelta

import pytest

from consentry_server.projects.models import Project
from consentry_server.tokens.models import MasterToken
from tests.doors.web.person import JOIN, PROJECT, Person, seen
from tests.world import World, make_project

CREATE = f"{PROJECT}/create/"
GOOD: dict[str, str | list[str]] = {
    "name": "Light & sleep",
    "leader": "Ada Leader",
    "organization": "Institute",
    "contact_email": "ada@example.org",
    "info_url": "https://example.org/light",
    "short_description": "Light at night.",
    "long_description": "We look at light.\r\nAt night.",
    "is_study": "True",
    "is_academic_or_nonprofit": "False",
    "request_username_access": "False",
    "active": "True",
    "explore_share": "on",
    "consent_text": "# Yes\r\n\r\nI agree.",
    "token_lifetime": "30 days",
}
REQUIRED = "This field is required."


def test_a_member_makes_a_project_with_its_first_token(world: World, alice: Person) -> None:
    sources = [str(world.source.pk), str(world.private.pk)]
    answer = alice.post(CREATE, **(GOOD | {"requested_sources": sources}))
    project = Project.objects.get(slug="light-sleep")
    token = MasterToken.objects.get(project=project)

    assert answer.headers["Location"] == f"{PROJECT}/light-sleep/"
    assert project.coordinator == world.alice
    assert (project.is_study, project.is_academic_or_nonprofit) == (True, False)
    assert project.consent_text == "# Yes\n\nI agree."
    assert {source.pk for source in project.requested_sources.all()} == {
        world.source.pk,
        world.private.pk,
    }
    assert project.approved_at is None
    assert token.expires_at is not None
    assert token.expires_at - token.created_at == timedelta(days=30)


def test_055_fields_that_are_not_the_coordinators_are_ignored(world: World, alice: Person) -> None:
    extra = dict.fromkeys(
        ["approved", "approved_at", "coordinator", "all_sources_access", "eternal_tokens_allowed"],
        "True",
    )
    alice.post(CREATE, **(GOOD | extra | {"authorized_members": "99", "slug": "mine", "id": "1"}))
    project = Project.objects.get(name="Light & sleep")

    assert project.approved_at is None
    assert project.coordinator == world.alice
    assert not project.all_sources_access
    assert not project.eternal_tokens_allowed
    assert (project.authorized_members, project.slug) == (0, "light-sleep")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": ""}, REQUIRED),
        ({"name": "n" * 101}, "Ensure this value has at most 100 characters (it has 101)."),
        ({"name": "a\x00b"}, ""),
        ({"leader": ""}, REQUIRED),
        ({"leader": "l" * 101}, "Ensure this value has at most 100 characters (it has 101)."),
        ({"organization": "o" * 101}, "Ensure this value has at most 100 characters (it has 101)."),
        ({"contact_email": "ada"}, "Enter a valid email address."),
        ({"contact_email": "a" * 250 + "@example.org"}, "at most 254 characters"),
        ({"info_url": ""}, REQUIRED),
        ({"info_url": "example.org"}, "Enter a valid URL."),
        ({"info_url": "https://example.org/" + "x" * 200}, "at most 200 characters"),
        ({"jogl_page": "ftp://example.org"}, "Enter a valid URL."),
        ({"short_description": "s" * 141}, "at most 140 characters (it has 141)."),
        ({"long_description": ""}, REQUIRED),
        ({"consent_text": " "}, REQUIRED),
        (
            {"is_study": "maybe"},
            "Select a valid choice. maybe is not one of the available choices.",
        ),
        ({"is_study": ""}, REQUIRED),
        ({"active": ""}, REQUIRED),
        (
            {"explore_share": ""},
            'Pick at least one option from "Add data" and "Explore and share"',
        ),
        (
            {"add_data": "on"},
            "Please provide a description of the data you plan to upload to member accounts.",
        ),
        ({"add_data": "on", "returned_data_description": "r" * 141}, "at most 140 characters"),
        ({"requested_sources": "999999"}, "Select a valid choice. 999999 is not one of"),
        ({"requested_sources": "x"}, "Select a valid choice. x is not one of"),
        ({"requested_sources": "9" * 30}, "is not one of the available choices."),
        ({"token_lifetime": "never"}, "Select a valid choice."),
        ({"post_sharing_url": "p" * 201}, "at most 200 characters"),
    ],
)
def test_a_form_says_what_is_wrong_and_makes_nothing(alice: Person, fields: dict[str, str], reason: str) -> None:
    before = Project.objects.count()
    answer = alice.post(CREATE, **(GOOD | fields))

    assert answer.status_code == 400
    assert reason in seen(answer)
    assert Project.objects.count() == before


@pytest.mark.parametrize("field", ["info_url", "jogl_page", "post_sharing_url"])
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "JaVaScRiPt:alert(1)",
        "vbscript:x",
        "ftp://a.org/x",
    ],
)
def test_149_an_address_that_a_browser_would_run_is_refused(alice: Person, field: str, address: str) -> None:
    answer = alice.post(CREATE, **(GOOD | {field: address}))

    assert answer.status_code == 400
    assert "Enter a valid URL." in seen(answer)


def test_a_bare_host_to_go_to_after_sharing_gets_http(alice: Person) -> None:
    alice.post(CREATE, **(GOOD | {"post_sharing_url": "example.org/done?id=PROJECT_MEMBER_ID"}))

    project = Project.objects.get(slug="light-sleep")
    assert project.post_sharing_url == "http://example.org/done?id=PROJECT_MEMBER_ID"


def test_149_an_address_kept_from_before_is_not_linked_if_it_is_unsafe(world: World, anybody: Person) -> None:
    Project.objects.filter(pk=world.study.pk).update(info_url="javascript:alert(1)")

    assert "javascript:" not in anybody.get("/activity/study/").text


def test_two_projects_of_one_name_have_two_addresses(alice: Person) -> None:
    alice.post(CREATE, **GOOD)
    alice.post(CREATE, **GOOD)
    alice.post(CREATE, **(GOOD | {"name": "Create"}))

    slugs = {"light-sleep", "light-sleep-2", "create-project"}
    assert set(Project.objects.filter(slug__in=slugs).values_list("slug", flat=True)) == slugs


def test_changing_a_project_fills_in_what_it_says_now(world: World, coordinator: Person) -> None:
    address = f"{PROJECT}/update/study/"
    page = coordinator.get(address).text
    answer = coordinator.post(address, **(GOOD | {"name": "Study two", "active": "False"}))

    assert "I agree to **share**." in page
    assert answer.headers["Location"] == f"{PROJECT}/study-two/"
    world.study.refresh_from_db()
    assert world.study.paused_at is not None
    assert world.study.approved_at is not None
    assert not world.study.requested_sources.exists()
    assert MasterToken.objects.filter(project=world.study).count() == 1


@pytest.mark.parametrize(
    "path",
    [
        f"{PROJECT}/study/",
        f"{PROJECT}/update/study/",
    ],
)
def test_044_a_project_of_another_coordinator_is_as_good_as_none(
    world: World, alice: Person, anybody: Person, path: str
) -> None:
    unknown = path.replace("study", "nothing")

    for send in (alice.get, lambda at: alice.post(at, **GOOD)):
        foreign, missing = send(path), send(unknown)
        if foreign.status_code != 405:
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert seen(foreign) == seen(missing)
    assert anybody.post(path, **GOOD).headers["Location"].startswith("/account/login/")
    world.study.refresh_from_db()
    assert world.study.name == "Study"
    assert MasterToken.objects.filter(project=world.study).count() == 1


def test_the_details_show_members_the_join_link_and_only_part_of_the_token(world: World, coordinator: Person) -> None:
    page = coordinator.get(f"{PROJECT}/study/")

    assert "Members who share now 2" in seen(page)
    assert f"http://testserver{JOIN}/study/" in page.text
    assert "Works until" in seen(page)
    assert world.token not in page.text


def test_everybody_manages_own_projects_only(world: World, coordinator: Person, alice: Person) -> None:
    mine = make_project(world.alice, "Mine", approved=False)
    of_alice = seen(alice.get("/direct-sharing/projects/manage/"))

    assert mine.name in of_alice
    assert "waits for approval" in of_alice
    assert "Study" not in of_alice
    assert "Mine" not in seen(coordinator.get("/direct-sharing/projects/manage/"))


def test_the_front_page_lists_approved_projects_only(world: World, anybody: Person) -> None:
    make_project(world.alice, "Hidden", approved=False)
    page = seen(anybody.get("/"))

    assert "Study" in page
    assert "Hidden" not in page


def test_two_projects_made_at_once_under_one_name_are_both_kept(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.post(CREATE, **GOOD)
    looks = iter([False, True, True, False])  # the first look comes too early
    monkeypatch.setattr("consentry_server.projects.queries.slug_taken", lambda *_args, **_named: next(looks))
    answer = alice.post(CREATE, **GOOD)

    assert answer.headers["Location"] == f"{PROJECT}/light-sleep-2/"
