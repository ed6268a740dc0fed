"""Asking for a review, approving, changing: as coordinators and reviewers do by their pages."""

from datetime import UTC, datetime

from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project, Review
from consentry_server.projects.queries import reviewing as queries
from consentry_server.projects.rules.reviewing import Description, checklist
from tests.world import World, make_member, make_project

NOW = datetime.now(UTC)


def make_reviewer(username: str = "reviewer") -> Member:
    """Make a member who may review projects."""
    member = make_member(username)
    projects.appoint(member_id=member.pk, actor="test", now=NOW)
    return member


def ask(project: Project, *, note: str = "", now: datetime = NOW) -> Review:
    project.refresh_from_db()
    shown = queries.described(project).sha256
    return projects.ask_for_review(
        project_id=project.pk, member_id=project.coordinator_id, shown=shown, note=note, now=now
    )


def approve(review: Review, by: Member) -> None:
    codes = {check.code for check in checklist(Description.read(review.version.text))}
    projects.approve(review_id=review.pk, member_id=by.pk, checked=codes, now=NOW)


def edit(project: Project, **fields: object) -> None:
    projects.edit(project=project, actor="test", fields=fields, now=NOW)


def draft(world: World, **fields: object) -> Project:
    return make_project(
        world.coordinator,
        "Draft",
        approved=False,
        requested_sources=[world.source],
        erasure_supported=True,
        post_sharing_url="https://example.org/done",
        **fields,
    )
