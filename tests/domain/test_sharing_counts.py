"""Who is counted, and who is let in: joined, agreed, gone, suspended, back, and at the cap."""

from datetime import timedelta

import pytest

from consentry_server.audit.models import Event
from consentry_server.common.errors import ConsentryError, NotFound
from consentry_server.files import actions as files
from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.actions import NoSeat
from consentry_server.projects.models import Project
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries
from consentry_server.sharing.actions import AskChanged
from consentry_server.sharing.models import Authorization, Consent, ProjectMember
from tests.world import THEN, World, authorize, leave, make_member, make_project

LATER = THEN + timedelta(days=1)


def seats(project: Project) -> int:
    """How many members a project has by its counter, which must be right."""
    counted = Project.objects.get(id=project.pk).authorized_members
    rows = Authorization.objects.filter(project=project, revoked_at=None, suspended_at=None)
    assert rows.count() == counted
    return counted


def join(member: Member, project: Project) -> ProjectMember:
    shown = queries.ask(project.pk).text_sha256
    return sharing.join(member_id=member.pk, project_id=project.pk, shown=shown, now=THEN)


def agree(member: Member, project: Project, shown: str) -> Authorization:
    return sharing.authorize(member_id=member.pk, project_id=project.pk, shown=shown, hidden=False, now=LATER)


def test_joining_twice_keeps_the_number(world: World) -> None:
    assert join(world.joiner, world.study).number == join(world.joiner, world.study).number


def test_joining_with_another_text_than_shown_is_refused(world: World) -> None:
    shown = queries.ask(world.study.pk).text_sha256
    projects.edit(project=world.study, actor="test", fields={"consent_text": "Other"}, now=THEN)
    with pytest.raises(AskChanged):
        sharing.join(member_id=world.joiner.pk, project_id=world.study.pk, shown=shown, now=THEN)
    assert not ProjectMember.objects.filter(member=world.joiner).exists()


def test_agreeing_anew_keeps_both_consents_and_one_authorization(world: World) -> None:
    projects.edit(project=world.study, actor="test", fields={"requested_sources": [world.private]}, now=THEN)
    again = authorize(world.alice, world.study)
    assert again.pk == world.of_alice.pk
    assert Consent.objects.filter(authorization=again).count() == 2
    assert list(again.grants.values_list("source_id", flat=True)) == [world.private.pk]
    assert seats(world.study) == 2


def test_saying_no_leaves_no_row(world: World) -> None:
    join(world.joiner, world.study)
    sharing.decline(member_id=world.joiner.pk, project_id=world.study.pk, now=THEN)
    assert not ProjectMember.objects.filter(member=world.joiner).exists()
    assert seats(world.study) == 2


def test_leaving_ends_it_at_once_and_is_in_the_trail(world: World) -> None:
    leave(world.of_alice)
    assert queries.live(member_id=world.alice.pk, project_id=world.study.pk) is None
    assert not queries.is_live(world.of_alice.pk)
    assert queries.live_by_number(project_id=world.study.pk, number=world.alice_number) is None
    assert seats(world.study) == 1
    event = Event.objects.get(name="sharing.leave")
    assert (event.actor, event.detail) == (
        f"member:{world.alice.pk}",
        {"by": "member", "erasure": False},
    )


def test_leaving_twice_counts_once(world: World) -> None:
    leave(world.of_alice)
    with pytest.raises(NotFound):
        leave(world.of_alice)
    sharing.revoke(authorization=world.of_alice, by="project", erasure=False, now=LATER)
    assert seats(world.study) == 1
    assert Authorization.objects.get(id=world.of_alice.pk).revoked_by == "member"


def test_coming_back_begins_with_the_consent_text(world: World) -> None:
    leave(world.of_alice)
    with pytest.raises(NotFound):
        agree(world.alice, world.study, queries.ask(world.study.pk).sha256)


def suspend(world: World, *, suspended: bool) -> None:
    files.suspend(member_id=world.alice.pk, suspended=suspended, actor="test", now=LATER)


def test_a_suspended_member_is_not_live_and_comes_back_as_before(world: World) -> None:
    for suspended, count in ((True, 1), (True, 1), (False, 2), (False, 2)):
        suspend(world, suspended=suspended)
        assert queries.is_live(world.of_alice.pk) is not suspended
        assert seats(world.study) == count


def test_a_suspended_member_who_leaves_is_counted_once(world: World) -> None:
    suspend(world, suspended=True)
    leave(world.of_alice)
    assert seats(world.study) == 1
    suspend(world, suspended=False)
    assert seats(world.study) == 1
    assert not queries.is_live(world.of_alice.pk)


def test_a_suspended_member_lets_nobody_in(world: World) -> None:
    suspend(world, suspended=True)
    with pytest.raises(ConsentryError):
        authorize(world.alice, world.study)
    assert seats(world.study) == 1


def crowded(world: World, members: int) -> Project:
    """Make an unapproved project that has that many members."""
    project = make_project(world.coordinator, "Small", approved=False)
    for n in range(members):
        authorize(make_member(f"crowd{n}"), project)
    return project


def test_the_coordinator_comes_in_beyond_the_cap(world: World) -> None:
    project = crowded(world, 20)
    authorize(world.coordinator, project)
    assert seats(project) == 21


def test_a_member_at_the_cap_may_agree_anew(world: World) -> None:
    project = crowded(world, 19)
    authorize(world.alice, project)
    projects.edit(project=project, actor="test", fields={"requested_sources": [world.source]}, now=LATER)
    again = authorize(world.alice, project)
    assert again.grants.count() == 1
    assert seats(project) == 20


def test_whoever_leaves_makes_room_for_one(world: World) -> None:
    project = crowded(world, 19)
    leave(authorize(world.alice, project))
    authorize(world.bob, project)
    with pytest.raises(NoSeat):
        authorize(world.alice, project)


def test_approval_lifts_the_cap(world: World) -> None:
    project = crowded(world, 20)
    projects.set_approved(project=project, approved=True, actor="test", now=LATER)
    authorize(world.alice, project)
    assert seats(project) == 21
