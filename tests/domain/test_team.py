"""What a team is to reviews, letters, accounts that close and what is done at the same moment."""

from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage

from consentry_server.audit.models import Event
from consentry_server.common.errors import Conflict, NotFound, Refused
from consentry_server.files import actions as files
from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Colleague, Invitation, Review
from consentry_server.projects.queries import reviewing, team
from consentry_server.projects.rules.team import GIVEN, MAY, WORDS, Do, Role, said_of
from consentry_server.tokens.models import Family
from tests.reviews import NOW, approve, ask, draft, make_reviewer
from tests.teams import help_with, invite, make_team
from tests.world import World, allow, make_app, make_member

MAILS = list[EmailMessage]
DRAIN = Callable[[], int]


def sent_to(mails: MAILS) -> list[str]:
    return sorted(address for mail in mails for address in mail.to)


def test_the_table_says_something_of_each_right_and_each_role_may_look() -> None:
    assert set(WORDS) == set(Do)
    assert set(MAY) == set(Role)
    assert all(Do.LOOK in may for may in MAY.values())
    for owners_own in (Do.TEAM, Do.CLOSE):
        assert [owners_own in MAY[role] for role in Role] == [True, False, False, False, False]
    assert len(said_of(Role.OWNER)) == len(Do)


def test_an_auditor_changes_nothing_and_an_analyst_nothing_of_the_project() -> None:
    looks = {Do.LOOK, Do.MEMBERS, Do.NAMES, Do.SETTINGS, Do.MESSAGES, Do.HISTORY}

    assert MAY[Role.AUDITOR] == looks
    assert MAY[Role.ANALYST] - looks == {Do.NOTE, Do.READ_TOKENS}
    assert MAY[Role.MESSENGER] - looks == {Do.WRITE}


def test_owner_and_managers_are_told_of_a_review_and_nobody_else_of_the_team(
    world: World, drain: DRAIN, mailoutbox: MAILS
) -> None:
    project = draft(world)
    people = make_team(project)
    reviewer = make_reviewer()
    drain()
    mailoutbox.clear()
    review = ask(project)
    drain()
    assert sent_to(mailoutbox) == ["reviewer@example.org"]
    mailoutbox.clear()
    projects.remark(review_id=review.pk, member_id=reviewer.pk, text="Why?", now=NOW)
    projects.remark(review_id=review.pk, member_id=people["manager"].pk, text="Because.", now=NOW)
    drain()
    both = ["coordinator@example.org", "the_manager@example.org"]
    assert sent_to(mailoutbox) == sorted([*both, "reviewer@example.org"])
    mailoutbox.clear()
    approve(review, reviewer)
    drain()

    assert sent_to(mailoutbox) == both


def test_who_left_the_team_before_a_letter_was_sent_does_not_get_it(
    world: World, drain: DRAIN, mailoutbox: MAILS
) -> None:
    project = draft(world)
    manager = help_with(project, world.joiner)
    drain()
    mailoutbox.clear()
    reviewer = make_reviewer()
    projects.send_back(review_id=ask(project).pk, member_id=reviewer.pk, reason="No.", now=NOW)
    projects.leave_team(project_id=project.pk, member_id=manager.member_id, now=NOW)
    drain()

    assert "joiner@example.org" not in sent_to(mailoutbox)
    assert "coordinator@example.org" in sent_to(mailoutbox)


@pytest.mark.parametrize("role", GIVEN)
def test_a_reviewer_decides_nothing_about_a_project_in_whose_team_they_are(
    world: World, drain: DRAIN, mailoutbox: MAILS, role: Role
) -> None:
    project, reviewer = draft(world), make_reviewer()
    help_with(project, reviewer, role)
    drain()
    mailoutbox.clear()
    review = ask(project)
    drain()
    assert sent_to(mailoutbox) == []
    assert not reviewing.may_decide(review, reviewer.pk)
    with pytest.raises(Refused, match="in the team"):
        approve(review, reviewer)
    with pytest.raises(Refused, match="in the team"):
        projects.send_back(review_id=review.pk, member_id=reviewer.pk, reason="No.", now=NOW)

    assert Review.objects.get(pk=review.pk).open


def test_closing_an_account_ends_all_that_the_member_is_in_teams(world: World) -> None:
    helper = make_member("helper")
    help_with(world.study, helper)
    help_with(world.other, helper, Role.ANALYST)
    asked = invite(world.source, "helper")
    files.close_account(member_id=helper.pk, now=NOW)
    asked.refresh_from_db()

    assert not Colleague.objects.exists()
    assert asked.ended_at is not None
    assert asked.invited == ""
    assert Event.objects.filter(name="team.leave", actor=f"member:{helper.pk}").count() == 2


def test_128_an_owner_does_not_close_their_account_and_once_it_is_handed_over_does(world: World) -> None:
    app, *_ = make_app(world.joiner, "Theirs")
    row = help_with(app, world.bob)
    with pytest.raises(Conflict):
        files.close_account(member_id=world.joiner.pk, now=NOW)
    projects.offer(project_id=app.pk, member_id=world.joiner.pk, colleague_id=row.pk, now=NOW)
    projects.take_over(project_id=app.pk, member_id=world.bob.pk, now=NOW)
    files.close_account(member_id=world.joiner.pk, now=NOW)
    app.refresh_from_db()

    assert app.coordinator_id == world.bob.pk
    assert not Colleague.objects.exists()


@pytest.mark.parametrize("shut", ["is_active", "closed"])
def test_nobody_comes_into_a_team_whose_account_is_shut(world: World, shut: str) -> None:
    asked = invite(world.study, "joiner")
    if shut == "closed":
        files.close_account(member_id=world.joiner.pk, now=NOW)
    else:
        Member.objects.filter(pk=world.joiner.pk).update(is_active=False)
    with pytest.raises(NotFound):
        projects.accept(invitation_id=asked.pk, member_id=world.joiner.pk, now=NOW)

    assert not Colleague.objects.exists()


def test_an_address_that_is_another_one_in_large_letters_of_another_script_proves_nothing(world: World) -> None:
    asked = invite(world.study, "strasse@example.org")
    other = make_member("other")
    other.emailaddress_set.create(email="stra\u00dfe@example.org", verified=True)  # type: ignore[attr-defined]

    assert list(team.open_invitations(other.pk, now=NOW)) == []
    assert Invitation.objects.get(pk=asked.pk).address == "strasse@example.org"


def test_owner_and_managers_are_told_when_a_token_of_their_app_is_used_twice(
    world: World, drain: DRAIN, mailoutbox: MAILS
) -> None:
    app, *_ = make_app(world.coordinator, "Tracker")
    people = make_team(app)
    allow(world.alice, app)
    drain()
    mailoutbox.clear()
    from consentry_server.tokens.actions.ending import tell_of_reuse

    tell_of_reuse(family_id=Family.objects.get().pk, project_id=app.pk, now=NOW)
    row = Colleague.objects.get(member=people["manager"])
    second = make_member("second")
    help_with(app, second)
    drain()
    expected = ["alice@example.org", "coordinator@example.org", "the_manager@example.org"]
    assert [one for one in sent_to(mailoutbox) if one != "second@example.org"] == expected
    mailoutbox.clear()
    tell_of_reuse(family_id=Family.objects.get().pk, project_id=app.pk, now=NOW)
    projects.remove(project_id=app.pk, member_id=world.coordinator.pk, colleague_id=row.pk, now=NOW)
    drain()

    assert "the_manager@example.org" not in sent_to(mailoutbox)


def test_one_person_has_one_role_however_often_they_are_asked(world: World) -> None:
    by_name, by_address = invite(world.study, "joiner", Role.ANALYST), invite(world.study, "joiner@example.org")
    for asked in (by_name, by_address):
        projects.accept(invitation_id=asked.pk, member_id=world.joiner.pk, now=NOW)

    assert Colleague.objects.get().role == Role.ANALYST


def test_the_owner_asked_by_their_address_becomes_no_colleague_of_their_own(world: World) -> None:
    asked = invite(world.study, "coordinator@example.org")
    projects.accept(invitation_id=asked.pk, member_id=world.coordinator.pk, now=NOW)

    assert not Colleague.objects.exists()
    assert team.role_in(project_id=world.study.pk, member_id=world.coordinator.pk) == Role.OWNER


def test_what_is_done_by_somebody_who_may_no_longer_is_not_done(world: World) -> None:
    row = help_with(world.study, world.joiner)
    who = {"project_id": world.study.pk, "member_id": world.joiner.pk}
    owner = {"project_id": world.study.pk, "member_id": world.coordinator.pk, "colleague_id": row.pk, "now": NOW}
    projects.set_role(**owner, role=Role.AUDITOR)
    with pytest.raises(Refused), projects.acting(**who, do=Do.EDIT):
        pytest.fail("was let in")
    projects.remove(**owner)
    with pytest.raises(NotFound), projects.acting(**who, do=Do.LOOK):
        pytest.fail("was let in")
