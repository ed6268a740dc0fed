"""Review: a coordinator asks, reviewers look, speak and decide; the approval is bound to the version they saw."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, Invalid, NotFound, Refused
from consentry_server.mail import actions as mail
from consentry_server.mail.words import written_in
from consentry_server.members import queries as members
from consentry_server.outbox import actions as outbox
from consentry_server.projects.actions.listing import freeze, settle
from consentry_server.projects.models import OPEN, Announcement, Project, Remark, Review, Reviewer
from consentry_server.projects.queries import locked, team
from consentry_server.projects.queries import reviewing as queries
from consentry_server.projects.rules.letters import About, Stamp, letter
from consentry_server.projects.rules.reviewing import (
    ASKS_A_DAY,
    LONGEST_NOTE,
    REMARKS_A_DAY,
    WITHIN,
    Description,
    changes,
    reviewed_again,
    unchecked,
)
from consentry_server.projects.rules.team import Do


class ChangedMeanwhile(Conflict):
    """The project is no longer what was shown."""


class TooOften(Refused):
    """Somebody asked or wrote as often as they may for now."""


class NothingNew(Refused):
    """The project is approved as it stands."""


@transaction.atomic
def ask_for_review(*, project_id: int, member_id: int, shown: str, note: str, now: datetime) -> Review:
    """Have reviewers look at a project as it stands, whose hash was `shown`; an older request gives way to this one.

    Raises ChangedMeanwhile, NothingNew, TooOften, and Invalid for a note that is too long.
    """
    project = locked(project_id)
    described = queries.described(project)
    if described.sha256 != shown:
        raise ChangedMeanwhile(gettext("The project has just been changed. Look at it once more before you ask."))
    version = freeze(project, described, now=now)
    before = queries.open_review(project_id)
    if before is not None and before.version_id == version.pk:
        return before
    _check_asking(project, note, now=now)
    Review.objects.filter(OPEN, project_id=project_id).update(withdrawn_at=now)
    review = Review.objects.create(project=project, version=version, asked_by_id=member_id, asked_at=now, note=note)
    _note("review.ask", review, member_id, now=now)
    _tell(queries.reviewers() - {member_id, *team.who_may(project_id, Do.LOOK)}, "asked", review, now=now)
    return review


def _check_asking(project: Project, note: str, *, now: datetime) -> None:
    if project.approved_at and project.changed_at is None:
        raise NothingNew(gettext("Your project is approved as it stands. There is nothing to review."))
    if queries.asked_since(project.pk, since=now - WITHIN) >= ASKS_A_DAY:
        raise TooOften(gettext("You can ask {most} times a day. Try again tomorrow.").format(most=ASKS_A_DAY))
    _check_length("note", note)


def _check_length(field: str, text: str) -> None:
    if len(text) > LONGEST_NOTE:
        raise Invalid({field: [gettext("Use at most {most} characters.").format(most=LONGEST_NOTE)]})


@transaction.atomic
def withdraw(*, project_id: int, member_id: int, now: datetime) -> None:
    """Take a request back; nothing else changes. Raises Conflict if it was decided meanwhile."""
    locked(project_id)
    review = queries.open_review(project_id)
    if review is None:
        raise Conflict(gettext("There is no request to take back: it was decided meanwhile."))
    review.withdrawn_at = now
    review.save(update_fields=["withdrawn_at"])
    _note("review.withdraw", review, member_id, now=now)


@transaction.atomic
def approve(*, review_id: int, member_id: int, checked: Collection[str], now: datetime) -> None:
    """Approve the version that a review is about, and no other: lists the project and lifts its cap.

    Raises NotFound for whoever is no reviewer, Refused for one who runs the project, Conflict if it was decided
    or the project asks for more by now, and Invalid if something was not looked at.
    """
    review = _to_decide(review_id, member_id)
    project, described = review.project, Description.read(review.version.text)
    if unchecked(described, set(checked)):
        raise Invalid({"checked": [gettext("Look at each of these before you approve.")]})
    if reviewed_again(changes(described, queries.described(project))):
        raise ChangedMeanwhile(gettext("The coordinator has changed more than words since. Nothing was approved."))
    review.approved_at, review.decided_by_id, review.checked = now, member_id, ",".join(sorted(checked))
    review.save(update_fields=["approved_at", "decided_by", "checked"])
    approved(project, now=now)
    announce(project, Announcement.Kind.APPROVED, now=now)
    _note("review.approve", review, member_id, now=now)
    _tell(_askers(project.pk), "approved", review, now=now)


def approved(project: Project, *, now: datetime) -> None:
    """List a project, held by the caller, whose approval has just been kept."""
    project.approved_at, project.room_meanwhile = project.approved_at or now, None
    project.save(update_fields=["approved_at", "room_meanwhile"])
    settle(project, now=now)


@transaction.atomic
def set_approved(*, project: Project, approved: bool, actor: str, now: datetime) -> None:
    """Approve a project as it stands, as commands do for a world that they make, or take an approval back."""
    locked(project.pk)
    project.refresh_from_db()
    if approved:
        _approve_as_it_stands(project, now=now)
    else:
        _take_back(project, now=now)
    name = "project.approve" if approved else "project.unapprove"
    record(name=name, actor=actor, about=f"project:{project.pk}", now=now)


def _approve_as_it_stands(project: Project, *, now: datetime) -> None:
    version = freeze(project, queries.described(project), now=now)
    Review.objects.create(project=project, version=version, asked_at=now, approved_at=now)
    approved(project, now=now)


def _take_back(project: Project, *, now: datetime) -> None:
    project.approved_at = project.room_meanwhile = None
    project.save(update_fields=["approved_at", "room_meanwhile"])
    settle(project, now=now)
    announce(project, Announcement.Kind.UNAPPROVED, now=now)
    review = queries.last_approved(project.pk)
    if review is not None:
        _tell(_askers(project.pk), "unapproved", review, now=now)


def announce(project: Project, kind: str, *, now: datetime) -> None:
    """Have the members of a project told something by mail."""
    row = Announcement.objects.create(project=project, kind=kind, made_at=now)
    about = f"project:{project.pk}"
    outbox.put(kind="messaging.announce", payload={"announcement_id": row.pk}, now=now, about=about)


def told(*, announcement_id: int, up_to: int) -> None:
    """Note how far the members of a project have mails coming."""
    Announcement.objects.filter(id=announcement_id).update(told_up_to=up_to)


@transaction.atomic
def send_back(*, review_id: int, member_id: int, reason: str, now: datetime) -> None:
    """Return a project to its coordinator with a reason. An approval that it has stays. Raises as `approve` does."""
    review = _to_decide(review_id, member_id)
    _check_said("reason", reason)
    review.returned_at, review.decided_by_id, review.reason = now, member_id, reason
    review.save(update_fields=["returned_at", "decided_by", "reason"])
    _note("review.return", review, member_id, now=now)
    _tell(_askers(review.project_id), "returned", review, now=now)


def _check_said(field: str, text: str) -> None:
    if not text.strip():
        raise Invalid({field: [gettext("This field is required.")]})
    _check_length(field, text)


def _to_decide(review_id: int, member_id: int) -> Review:
    """Return an open review that this member may decide; nobody else does meanwhile, and the project stays as it is."""
    found = queries.review(review_id) if queries.is_reviewer(member_id) else None
    if found is None:
        raise NotFound(gettext("There is no such review."))
    project = locked(found.project_id)
    review = queries.open_review(project.pk)
    if review is None or review.pk != review_id:
        raise Conflict(gettext("This was decided, taken back or asked anew meanwhile. Nothing was done."))
    if not queries.may_decide(review, member_id):
        raise Refused(gettext("You are in the team of this project, so somebody else decides."))
    review.project = project
    return review


@transaction.atomic
def remark(*, review_id: int, member_id: int, text: str, now: datetime) -> None:
    """Say something about a review to the other side. Raises NotFound for whoever has no part in it."""
    review = queries.review(review_id)
    if review is None or not _has_part(review, member_id):
        raise NotFound(gettext("There is no such review."))
    if not review.open:
        raise Conflict(gettext("This review is over. Ask for another one."))
    _check_said("text", text)
    if queries.remarked_since(review_id, author_id=member_id, since=now - WITHIN) >= REMARKS_A_DAY:
        raise TooOften(gettext("You can write {most} remarks a day. Try again tomorrow.").format(most=REMARKS_A_DAY))
    row = Remark.objects.create(review=review, author_id=member_id, text=text, written_at=now)
    askers = set(_askers(review.project_id))
    others = queries.spoke_in(review_id) if member_id in askers else askers
    _note("review.remark", review, member_id, now=now)
    _tell(others - {member_id}, f"remark:{row.pk}", review, now=now)


def _askers(project_id: int) -> list[int]:
    """Return who speaks for a project with its reviewers: its owner and its managers."""
    return team.who_may(project_id, Do.REVIEW)


def _has_part(review: Review, member_id: int) -> bool:
    return _speaks_for(review.project_id, member_id) or queries.is_reviewer(member_id)


def _speaks_for(project_id: int, member_id: int) -> bool:
    return team.member_may(project_id=project_id, member_id=member_id, do=Do.REVIEW)


def _note(name: str, review: Review, member_id: int, *, now: datetime) -> None:
    about, detail = f"project:{review.project_id}", {"review": review.pk, "version": review.version.sha256}
    record(name=name, actor=f"member:{member_id}", about=about, now=now, **detail)


def _tell(member_ids: Collection[int], news: str, review: Review, *, now: datetime) -> None:
    """Have these people told of a review, each by a mail of their own."""
    for member_id in sorted(member_ids):
        payload = {"review_id": review.pk, "member_id": member_id, "news": news}
        outbox.put(kind="projects.review", payload=payload, now=now, about=f"project:{review.project_id}")


@transaction.atomic
def appoint(*, member_id: int, actor: str, now: datetime) -> None:
    """Let a member review projects. Once more is the same."""
    row, new = Reviewer.objects.get_or_create(member_id=member_id, defaults={"appointed_at": now})
    if not new and row.ended_at is not None:
        row.appointed_at, row.ended_at = now, None
        row.save(update_fields=["appointed_at", "ended_at"])
    record(name="reviewer.appoint", actor=actor, about=f"member:{member_id}", now=now)


@transaction.atomic
def dismiss(*, member_id: int, actor: str, now: datetime) -> None:
    """Let a member review projects no more."""
    if Reviewer.objects.filter(member_id=member_id, ended_at=None).update(ended_at=now):
        record(name="reviewer.dismiss", actor=actor, about=f"member:{member_id}", now=now)


def mail_news(*, review_id: int, member_id: int, news: str, stamp: Stamp) -> None:
    """Mail to one person what has become of a review, unless their account is shut or they have no part in it by now.

    Raises as `mail.actions.send`.
    """
    review = queries.review(review_id)
    person = members.open_accounts([member_id]).first()
    if review is None or person is None or not _has_part(review, member_id):
        return
    project = review.project
    about = About(review_id, project.name, project.slug, _said_with(news, review))
    with written_in(person.language):
        written = letter(news, about, runs_it=_speaks_for(project.pk, member_id), stamp=stamp)
    mail.send(to=person.email, subject=written.subject, text=written.text, headers=stamp.headers)


def _said_with(news: str, review: Review) -> str:
    kind, _, remark_id = news.partition(":")
    if kind == "remark":
        return queries.remark(int(remark_id)).text
    return {"asked": review.note, "returned": review.reason}.get(kind, "")
