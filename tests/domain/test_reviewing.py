"""Review of projects: who asks, who decides, and who is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction

from consentry_server.audit.models import Event
from consentry_server.common.errors import Conflict, Invalid, NotFound, Refused
from consentry_server.members.models import Member
from consentry_server.messaging import actions as messaging
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Announcement, Project, Review, Version
from consentry_server.projects.queries import directory
from consentry_server.projects.queries import reviewing as queries
from consentry_server.projects.rules.reviewing import LONGEST_NOTE, Description
from consentry_server.sharing import actions as sharing
from tests.reviews import NOW, approve, ask, draft, edit, make_reviewer
from tests.world import World, authorize


@pytest.fixture
def reviewer(db: None) -> Member:
    return make_reviewer()


@pytest.fixture
def approved(world: World, reviewer: Member) -> Project:
    project = draft(world)
    approve(ask(project), reviewer)
    project.refresh_from_db()
    return project


def test_asking_and_approving_lists_a_project_and_lifts_its_cap(world: World, reviewer: Member) -> None:
    project = draft(world)
    assert project not in directory.listed()
    review = ask(project, note="Please look at the consent text.")
    assert list(queries.waiting()) == [review]
    approve(review, reviewer)

    project.refresh_from_db()
    assert project.approved_at == NOW
    assert project in directory.listed()
    assert not queries.waiting().exists()
    names = Event.objects.filter(about=f"project:{project.pk}").order_by("id").values_list("name", "detail")
    kept = {"review": review.pk, "version": review.version.sha256}
    assert list(names)[1:] == [("review.ask", kept), ("review.approve", kept)]


def test_what_was_approved_is_kept_word_for_word_and_the_database_refuses_to_change_it(approved: Project) -> None:
    version = Version.objects.get(project=approved)
    values = Description.read(version.text).fields

    assert values["consent_text"] == approved.consent_text
    assert values["requested_sources"] == [[approved.requested_sources.get().pk, "Source"]]
    for write in (Version.objects.all().delete, lambda: Version.objects.update(text="{}")):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_a_coordinator_who_was_shown_another_version_asks_for_nothing(world: World) -> None:
    project = draft(world)
    shown = queries.described(project).sha256
    edit(project, short_description="Another")

    with pytest.raises(projects.ChangedMeanwhile):
        projects.ask_for_review(project_id=project.pk, member_id=world.coordinator.pk, shown=shown, note="", now=NOW)
    assert not Review.objects.filter(project=project).exists()


def test_253_what_changed_widely_while_a_reviewer_looked_is_not_approved(world: World, reviewer: Member) -> None:
    project = draft(world)
    review = ask(project)
    edit(project, consent_text="We sell your data.")

    with pytest.raises(projects.ChangedMeanwhile):
        approve(review, reviewer)
    project.refresh_from_db()
    assert project.approved_at is None
    assert queries.open_review(project.pk) == review


def test_253_a_small_change_meanwhile_is_not_what_was_approved_and_is_shown_as_a_change(
    world: World, reviewer: Member
) -> None:
    project = draft(world)
    review = ask(project)
    edit(project, short_description="Another sentence")
    approve(review, reviewer)

    project.refresh_from_db()
    assert project.approved_at == NOW
    assert [change.before for change in queries.differences(project)] == ["How people sleep"]


def test_asking_anew_gives_up_the_request_about_the_older_version(world: World, reviewer: Member) -> None:
    project = draft(world)
    first = ask(project)
    edit(project, consent_text="Better")
    second = ask(project)

    first.refresh_from_db()
    assert first.withdrawn_at == NOW
    assert list(queries.waiting()) == [second]
    with pytest.raises(Conflict):
        approve(first, reviewer)
    approve(second, reviewer)


def test_asking_twice_about_one_version_is_asking_once(world: World) -> None:
    project = draft(world)

    assert ask(project) == ask(project)
    assert Review.objects.filter(project=project).count() == 1


def test_there_is_nothing_to_ask_while_a_project_is_approved_as_it_stands(approved: Project) -> None:
    with pytest.raises(projects.NothingNew):
        ask(approved)


def test_a_review_can_be_asked_for_five_times_a_day(world: World) -> None:
    project = draft(world)
    for n in range(5):
        edit(project, short_description=f"Version {n}")
        ask(project)
    edit(project, short_description="Version 6")

    with pytest.raises(projects.TooOften):
        ask(project)
    ask(project, now=NOW + timedelta(days=1, seconds=1))


def test_a_request_can_be_taken_back_until_it_is_decided(world: World, reviewer: Member) -> None:
    project = draft(world)
    review = ask(project)
    who = {"project_id": project.pk, "member_id": world.coordinator.pk, "now": NOW}
    projects.withdraw(**who)

    with pytest.raises(Conflict):
        approve(review, reviewer)
    with pytest.raises(Conflict):
        projects.withdraw(**who)


def test_a_review_is_decided_once(world: World, reviewer: Member) -> None:
    review = ask(draft(world))
    projects.send_back(review_id=review.pk, member_id=reviewer.pk, reason="Say how long.", now=NOW)

    with pytest.raises(Conflict):
        approve(review, reviewer)
    with pytest.raises(Conflict):
        projects.send_back(review_id=review.pk, member_id=reviewer.pk, reason="Again.", now=NOW)


def test_nobody_approves_what_they_did_not_look_at(world: World, reviewer: Member) -> None:
    review = ask(draft(world))

    with pytest.raises(Invalid):
        projects.approve(review_id=review.pk, member_id=reviewer.pk, checked={"who", "ask"}, now=NOW)
    assert queries.open_review(review.project_id) == review


def test_a_project_is_returned_with_a_reason_and_an_approval_that_it_has_stays(
    approved: Project, reviewer: Member
) -> None:
    edit(approved, consent_text="Another")
    review = ask(approved)
    for reason in ("", " ", "r" * (LONGEST_NOTE + 1)):
        with pytest.raises(Invalid):
            projects.send_back(review_id=review.pk, member_id=reviewer.pk, reason=reason, now=NOW)
    projects.send_back(review_id=review.pk, member_id=reviewer.pk, reason="Too wide.", now=NOW)

    approved.refresh_from_db()
    assert approved.approved_at is not None
    assert approved not in directory.listed()


def test_members_who_are_no_reviewers_decide_nothing(world: World, reviewer: Member) -> None:
    review = ask(draft(world))
    projects.dismiss(member_id=reviewer.pk, actor="test", now=NOW)

    for member in (world.alice, world.coordinator, reviewer):
        with pytest.raises(NotFound):
            approve(review, member)
        with pytest.raises(NotFound):
            projects.send_back(review_id=review.pk, member_id=member.pk, reason="No.", now=NOW)
    with pytest.raises(NotFound):
        projects.remark(review_id=review.pk, member_id=world.alice.pk, text="Hello", now=NOW)


def test_a_reviewer_does_not_decide_about_a_project_of_their_own_but_staff_may(world: World) -> None:
    projects.appoint(member_id=world.coordinator.pk, actor="test", now=NOW)
    review = ask(draft(world))
    with pytest.raises(Refused):
        approve(review, world.coordinator)
    Member.objects.filter(pk=world.coordinator.pk).update(is_staff=True)
    approve(review, world.coordinator)


def test_coordinator_reviewers_and_members_are_told_by_mail(
    world: World, reviewer: Member, drain: Callable[[], int], mailoutbox: list[EmailMessage]
) -> None:
    project = draft(world)
    for member in (world.alice, world.bob):
        authorize(member, project)
    seat = authorize(world.joiner, project).project_member
    sharing.set_muted(seat_id=seat.pk, muted=True, now=NOW)
    review = ask(project, note="It is small.")
    projects.remark(review_id=review.pk, member_id=reviewer.pk, text="For how long?", now=NOW)
    projects.remark(review_id=review.pk, member_id=world.coordinator.pk, text="A year.", now=NOW)
    projects.send_back(review_id=review.pk, member_id=reviewer.pk, reason="Say so in the text.", now=NOW)
    edit(project, consent_text="For a year.")
    approve(ask(project), reviewer)
    drain()

    told = [(mail.to[0].partition("@")[0], mail.subject.partition(":")[0]) for mail in mailoutbox]
    assert told == [
        ("reviewer", "Waits for review"),
        ("coordinator", "A remark on the review of Draft"),
        ("reviewer", "A remark on the review of Draft"),
        ("coordinator", "Not approved yet"),
        ("reviewer", "Waits for review"),
        ("coordinator", "Approved"),
        ("alice", "A project of yours was reviewed"),
        ("bob", "A project of yours was reviewed"),
    ]
    assert "It is small." in mailoutbox[0].body
    assert f"/direct-sharing/review/{review.pk}/" in mailoutbox[0].body
    assert "For how long?" in mailoutbox[1].body
    assert "Say so in the text." in mailoutbox[3].body
    assert "/direct-sharing/projects/review/draft/" in mailoutbox[3].body
    assert "stays exactly as it is" in mailoutbox[6].body


def test_members_are_told_page_by_page_and_each_once_though_a_worker_dies(
    world: World, drain: Callable[[], int], mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messaging, "_MAILS_AT_ONCE", 1)
    projects.set_approved(project=world.study, approved=False, actor="test", now=NOW)
    announcement = Announcement.objects.get(project=world.study)
    for _ in range(5):  # as if each had been done, and the worker killed before it said so
        messaging.announce(announcement_id=announcement.pk, now=NOW)
    drain()

    told = [mail.to[0] for mail in mailoutbox]
    assert sorted(told) == ["alice@example.org", "bob@example.org", "coordinator@example.org"]
    assert all("no longer approved" in mail.subject.lower() for mail in mailoutbox)
