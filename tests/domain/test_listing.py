"""What a change of an approved project does: shown if it is small, reviewed again before it is listed if it is wide."""

import pytest

from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project, Review
from consentry_server.projects.queries import directory
from consentry_server.projects.queries import reviewing as queries
from consentry_server.projects.rules.reviewing import Description, changes
from tests.reviews import NOW, approve, ask, draft, edit, make_reviewer
from tests.world import World, authorize, make_app, make_datatype, make_member

SMALL: list[dict[str, object]] = [
    {"short_description": "How well people sleep"},
    {"long_description": "A long study."},
    {"contact_email": "new@example.org"},
    {"info_url": "https://example.org/new"},
    {"returned_data_description": "Hours of sleep"},
    {"is_academic_or_nonprofit": False},
    {"requested_sources": []},
    {"consent_text": "# Consent\n\n\nI agree  to **share**.\n"},
    {"post_sharing_url": ""},
]
WIDER: list[dict[str, object]] = [
    {"name": "Study of everything"},
    {"leader": "Somebody Else"},
    {"organization": "Another House"},
    {"is_study": False},
    {"add_data": True},
    {"request_username_access": True},
    {"consent_text": "# Consent\n\nI agree to share everything."},
    {"post_sharing_url": "https://elsewhere.example/"},
    {"erasure_supported": False},
]
WIDER_APPS: list[dict[str, object]] = [
    {"redirect_uris": "https://app.example.org/complete\nhttps://other.example.org/"},
    {"enrollment_url": "https://other.example.org/"},
    {"terms_url": "https://other.example.org/terms"},
    {"device_allowed": True},
    {"public": True},
]


@pytest.fixture
def reviewer(db: None) -> Member:
    return make_reviewer()


@pytest.fixture
def approved(world: World, reviewer: Member) -> Project:
    project = draft(world)
    approve(ask(project), reviewer)
    project.refresh_from_db()
    return project


@pytest.mark.parametrize("fields", SMALL, ids=lambda fields: next(iter(fields)))
def test_a_small_change_keeps_the_approval_and_is_shown(approved: Project, fields: dict[str, object]) -> None:
    edit(approved, **fields)

    assert approved in directory.listed()
    assert (approved.changed_at, approved.unlisted_at) == (NOW, None)
    (change,) = queries.differences(approved)
    assert (change.name, change.again) == (next(iter(fields)), False)
    (found,) = queries.changed(start=0, count=9)
    assert (found.project, found.review_id) == (approved, Review.objects.get(project=approved).pk)


@pytest.mark.parametrize("fields", WIDER, ids=lambda fields: next(iter(fields)))
def test_a_wider_change_leaves_the_lists_until_it_is_reviewed_again(
    approved: Project, reviewer: Member, fields: dict[str, object]
) -> None:
    edit(approved, **fields)
    assert approved not in directory.listed()
    assert approved.unlisted_at == NOW
    assert approved.approved_at is not None
    assert [change.again for change in queries.differences(approved)] == [True]
    approve(ask(approved), reviewer)

    approved.refresh_from_db()
    assert approved in directory.listed()
    assert (approved.changed_at, approved.unlisted_at, approved.room_meanwhile) == (None, None, None)


def test_one_more_source_is_wider_and_one_less_is_not(world: World, approved: Project) -> None:
    edit(approved, requested_sources=[world.source, world.private])
    assert approved.unlisted_at is not None
    edit(approved, requested_sources=[])
    assert approved.unlisted_at is None
    assert approved.changed_at is not None


@pytest.mark.parametrize("fields", WIDER_APPS, ids=lambda fields: next(iter(fields)))
def test_where_an_app_sends_members_and_how_it_proves_itself_is_reviewed_again(
    world: World, fields: dict[str, object]
) -> None:
    app, _, _ = make_app(world.coordinator, "App", pkce_required=True)
    edit(app, **fields)

    assert app.unlisted_at == NOW
    assert {change.name for change in queries.differences(app)} == set(fields)


def test_a_change_that_is_taken_back_is_listed_again(approved: Project) -> None:
    text = approved.consent_text
    edit(approved, consent_text="Another")
    edit(approved, consent_text=text)

    assert (approved.changed_at, approved.unlisted_at) == (None, None)
    assert approved in directory.listed()


def test_another_picture_is_a_small_change(approved: Project) -> None:
    projects.set_badge(project_id=approved.pk, key="a" * 32, actor="test", now=NOW)

    approved.refresh_from_db()
    assert (approved.changed_at, approved.unlisted_at) == (NOW, None)


def test_what_was_not_reviewed_takes_twenty_members_more_and_not_one_further(
    world: World, approved: Project, reviewer: Member
) -> None:
    authorize(world.alice, approved)
    edit(approved, consent_text="Another")
    for n in range(20):
        authorize(make_member(f"m{n}"), approved)
    with pytest.raises(projects.NoSeat):
        authorize(world.joiner, approved)
    edit(approved, consent_text="A third")  # gives no further room
    with pytest.raises(projects.NoSeat):
        authorize(world.joiner, approved)
    approve(ask(approved), reviewer)
    authorize(world.joiner, approved)

    approved.refresh_from_db()
    assert approved.authorized_members == 22


def test_what_no_version_of_the_two_knows_does_not_differ() -> None:
    old, new = Description({"name": "a"}), Description({"name": "a", "public": True})

    assert changes(old, new) == []


def test_data_types_are_part_of_what_is_reviewed(world: World) -> None:
    project = draft(world)
    before = queries.described(project)
    projects.register_datatypes(project_id=project.pk, datatype_ids=[make_datatype("steps")], actor="test", now=NOW)

    (change,) = changes(before, queries.described(project))
    assert (change.name, change.again) == ("datatypes", False)
