"""Reads of who lets whom in. `LIVE` is the only definition of a member who takes part."""

from typing import NamedTuple

from django.db.models import QuerySet

from consentry_server.projects import queries as projects
from consentry_server.sharing.models import LIVE, Authorization, Consent, ProjectMember
from consentry_server.sharing.rules import UNAPPROVED_CAP, Ask, is_number

# The same as LIVE, for the hot paths' SQL over `sharing_authorization a`.
LIVE_SQL = "a.revoked_at IS NULL AND a.suspended_at IS NULL"


def ask(project_id: int) -> Ask:
    """Return what a project asks for at this moment."""
    project = projects.get(project_id)
    sources = projects.requested_sources(project)
    return Ask(
        project_id=project_id,
        project=project.name,
        leader=project.leader,
        organization=project.organization,
        consent_text=project.consent_text,
        username=project.request_username_access,
        all_sources=project.all_sources_access,
        sources=tuple((source.pk, source.name) for source in sources),
    )


def seat(*, member_id: int, project_id: int) -> ProjectMember | None:
    """Return how a project knows a member, whether or not they take part now."""
    return ProjectMember.objects.filter(member_id=member_id, project_id=project_id).first()


def locked_seat(*, member_id: int, project_id: int) -> ProjectMember | None:
    """Return the same, held until the transaction ends."""
    rows = ProjectMember.objects.select_for_update()
    return rows.filter(member_id=member_id, project_id=project_id).first()


def live(*, member_id: int, project_id: int) -> Authorization | None:
    """Return the authorization by which this member lets this project in now."""
    return Authorization.objects.filter(LIVE, member_id=member_id, project_id=project_id).first()


def live_by_number(*, project_id: int, number: object) -> Authorization | None:
    """Return the live authorization that a project names by a project member id."""
    if not is_number(number):
        return None
    rows = Authorization.objects.filter(LIVE, project_id=project_id, project_member__number=number)
    return rows.select_related("project_member").first()


def is_live(authorization_id: int) -> bool:
    """Say whether that authorization lets anything be read."""
    return Authorization.objects.filter(LIVE, id=authorization_id).exists()


def is_suspended(seat: ProjectMember) -> bool:
    """Say whether a member takes part and only the account is shut meanwhile."""
    rows = Authorization.objects.filter(project_member=seat, revoked_at=None)
    return rows.exclude(suspended_at=None).exists()


def held_live(authorization_id: int) -> bool:
    """Say whether an authorization is live, and keep it so until the transaction ends."""
    rows = Authorization.objects.select_for_update().filter(LIVE, id=authorization_id)
    return rows.first() is not None


def unrevoked_of(member_id: int) -> QuerySet[Authorization]:
    """Return what a member shares with whom, newest first; each with project, consent and grants at hand."""
    rows = Authorization.objects.filter(member_id=member_id, revoked_at=None)
    related = rows.select_related("project", "project_member").prefetch_related("grants__source")
    return related.order_by("-authorized_at", "-id")


def past_of(member_id: int) -> QuerySet[Authorization]:
    """Return what a member shared once and ended, the latest first."""
    rows = Authorization.objects.filter(member_id=member_id).exclude(revoked_at=None)
    return rows.select_related("project", "project_member").order_by("-revoked_at", "-id")


def own(*, member_id: int, authorization_id: int) -> Authorization | None:
    """Return a member's own unrevoked authorization; somebody else's is as good as none."""
    rows = Authorization.objects.filter(id=authorization_id, member_id=member_id, revoked_at=None)
    return rows.select_related("project", "project_member").first()


def last_consent(authorization: Authorization) -> Consent | None:
    """Return what was agreed to last."""
    return Consent.objects.filter(authorization=authorization).order_by("-id").first()


def visible_members(project_id: int) -> list[str]:
    """Return the usernames of live members who chose to be listed."""
    rows = Authorization.objects.filter(LIVE, project_id=project_id, project_member__hidden_at=None)
    return list(rows.order_by("member__username").values_list("member__username", flat=True))


def has_joined(*, member_id: int, project_id: int) -> bool:
    """Say whether a member has agreed to a project's consent text as it stands now."""
    found = seat(member_id=member_id, project_id=project_id)
    if found is None or found.joined_at is None:
        return False
    return found.joined_text_sha256 == ask(project_id).text_sha256


def has_room(*, member_id: int, project_id: int) -> bool:
    """Say whether this member may come in: below the cap, in already, or the coordinator."""
    if projects.having_seat(project_id, cap=UNAPPROVED_CAP).exists():
        return True
    inside = live(member_id=member_id, project_id=project_id) is not None
    return inside or projects.get(project_id).coordinator_id == member_id


class Connection(NamedTuple):
    """What a member shares with one project, and what exactly they agreed to last."""

    authorization: Authorization
    sources: list[str]
    consent: Consent | None


def connections(member_id: int) -> list[Connection]:
    """Return all that a member shares now, newest first. Three statements."""
    rows = list(unrevoked_of(member_id))
    consents = Consent.objects.filter(authorization__in=rows).order_by("id")
    last = {consent.authorization_id: consent for consent in consents}
    return [Connection(row, sorted(grant.source.name for grant in row.grants.all()), last.get(row.pk)) for row in rows]
