"""Reads of reviews: what stands now, what was asked about, who may decide."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from consentry_server.members import queries as members
from consentry_server.projects.models import (
    OPEN,
    Announcement,
    Client,
    Project,
    Registration,
    Remark,
    Review,
    Reviewer,
    Version,
)
from consentry_server.projects.queries.team import role_in
from consentry_server.projects.rules.reviewing import PARTS, Change, Description, changes

_OF_PROJECT = [part.name for part in PARTS if hasattr(Project, part.name) and part.name != "requested_sources"]
_OF_CLIENT = [part.name for part in PARTS if hasattr(Client, part.name)]


def described(project: Project) -> Description:
    """Return what a project says about itself now. Three statements."""
    values: dict[str, Any] = {name: getattr(project, name) for name in _OF_PROJECT}
    values["requested_sources"] = [[row.pk, row.name] for row in project.requested_sources.order_by("id")]
    types = Registration.objects.filter(project=project).order_by("datatype_id")
    values["datatypes"] = list(types.values_list("datatype_id", flat=True))
    app = Client.objects.filter(project=project).first()
    if app is not None:
        values |= {name: getattr(app, name) for name in _OF_CLIENT} | {"redirect_uris": app.addresses}
    return Description(values)


def version(*, project_id: int, sha256: str) -> Version | None:
    """Return the frozen description with that hash."""
    return Version.objects.filter(project_id=project_id, sha256=sha256).first()


def _reviews() -> QuerySet[Review]:
    return Review.objects.select_related("project__coordinator", "version", "asked_by", "decided_by")


def review(review_id: int) -> Review | None:
    """Return a review, whatever became of it."""
    return _reviews().filter(id=review_id).first()


def open_review(project_id: int) -> Review | None:
    """Return the review of a project that nobody has decided yet."""
    return _reviews().filter(OPEN, project_id=project_id).first()


def last_approved(project_id: int) -> Review | None:
    """Return the latest approval of a project, with the version that it is bound to."""
    return _reviews().filter(project_id=project_id).exclude(approved_at=None).order_by("-id").first()


def reviews_of(project_id: int) -> QuerySet[Review]:
    """Return all reviews of a project, the latest first."""
    return _reviews().filter(project_id=project_id).order_by("-id")


def remarks(review_ids: Iterable[int]) -> QuerySet[Remark]:
    """Return what was said about these reviews, in the order in which it was."""
    return Remark.objects.filter(review_id__in=list(review_ids)).select_related("author").order_by("id")


def remark(remark_id: int) -> Remark:
    """Return one of them, with its review, project and author at hand."""
    return Remark.objects.select_related("review__project", "author").get(id=remark_id)


def waiting() -> QuerySet[Review]:
    """Return what waits for a reviewer, the longest first."""
    return _reviews().filter(OPEN).order_by("asked_at", "id")


class Changed(NamedTuple):
    """An approved project that is another by now, and the review that it was approved by."""

    project: Project
    review_id: int


def changed(*, start: int, count: int) -> list[Changed]:
    """Return some of the approved projects that differ from what was reviewed; unlisted ones first."""
    rows = Project.objects.exclude(approved_at=None).exclude(changed_at=None).select_related("coordinator")
    ordered = rows.order_by(F("unlisted_at").asc(nulls_last=True), "changed_at", "id")[start : start + count]
    ids = [project.pk for project in ordered]
    reviews = Review.objects.filter(project_id__in=ids).exclude(approved_at=None).order_by("id")
    last = dict(reviews.values_list("project_id", "id"))
    return [Changed(project, last[project.pk]) for project in ordered if project.pk in last]


def differences(project: Project) -> list[Change]:
    """Return what is another now than when a project was approved."""
    approved = last_approved(project.pk) if project.approved_at else None
    return changes(Description.read(approved.version.text), described(project)) if approved else []


def asked_since(project_id: int, *, since: datetime) -> int:
    """Return how often a review of a project was asked for since then."""
    return Review.objects.filter(project_id=project_id, asked_at__gt=since).count()


def is_reviewer(member_id: int) -> bool:
    """Say whether a member may review projects: appointed, or of the staff."""
    return members.is_staff(member_id) or appointed(member_id)


def may_decide(review: Review, member_id: int) -> bool:
    """Say whether a reviewer may decide about this project: they are not in its team, or they are of the staff."""
    return role_in(project_id=review.project_id, member_id=member_id) is None or members.is_staff(member_id)


def appointed(member_id: int) -> bool:
    """Say whether staff let this member review projects."""
    return Reviewer.objects.filter(member_id=member_id, ended_at=None, member__is_active=True).exists()


def reviewers() -> set[int]:
    """Return who may review projects."""
    rows = Reviewer.objects.filter(ended_at=None, member__is_active=True)
    return {*rows.values_list("member_id", flat=True), *members.staff()}


def remarked_since(review_id: int, *, author_id: int, since: datetime) -> int:
    """Return how often somebody said something about a review since then."""
    return Remark.objects.filter(review_id=review_id, author_id=author_id, written_at__gt=since).count()


def spoke_in(review_id: int) -> set[int]:
    """Return who said something about a review."""
    return set(Remark.objects.filter(review_id=review_id).values_list("author_id", flat=True))


def locked_announcement(announcement_id: int) -> Announcement:
    """Return something to be told, held until the transaction ends."""
    return Announcement.objects.select_for_update().get(id=announcement_id)


def announcement(announcement_id: int) -> Announcement:
    """Return something to be told."""
    return Announcement.objects.get(id=announcement_id)
