"""Reads of teams: what somebody is in a project, who else is in it, who was asked."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Subquery, Value, When

from consentry_server.members import queries as members
from consentry_server.projects.models import UNANSWERED, Colleague, Invitation, Project
from consentry_server.projects.rules.team import Do, Role, holders, may


def _with_role(member_id: int) -> QuerySet[Any]:
    """Return projects with what this member is in each: the owner, what a row says, or nothing."""
    given = Colleague.objects.filter(project_id=OuterRef("pk"), member_id=member_id)
    owns = When(coordinator_id=member_id, then=Value(Role.OWNER.value))
    role = Case(owns, default=Subquery(given.values("role")[:1]), output_field=CharField(null=True))
    return Project.objects.annotate(role=role)


def helped(*, slug: str, member_id: int) -> Any:
    """Return that project and, as `role`, what this member is in its team; nobody else learns anything."""
    return _with_role(member_id).select_related("coordinator").filter(slug=slug).exclude(role=None).first()


def role_in(*, project_id: int, member_id: int) -> str | None:
    """Return what a member is in a project's team, if they are in it. One statement."""
    found: str | None = _with_role(member_id).filter(id=project_id).values_list("role", flat=True).first()
    return found


def member_may(*, project_id: int, member_id: int, do: Do) -> bool:
    """Say whether a member may do that with a project: the one place that is asked by an id."""
    return may(role_in(project_id=project_id, member_id=member_id), do)


def held_role(*, project_id: int, member_id: int) -> str | None:
    """Return the same, and keep a colleague's role as it is until the transaction ends."""
    row = Colleague.objects.select_for_update().filter(project_id=project_id, member_id=member_id).first()
    return role_in(project_id=project_id, member_id=member_id) if row is None else row.role


def helped_by(member_id: int) -> QuerySet[Colleague]:
    """Return in which projects' teams a member is whose owner they are not, the latest first."""
    return Colleague.objects.filter(member_id=member_id).select_related("project").order_by("-id")


def colleagues(project_id: int) -> QuerySet[Colleague]:
    """Return who helps to run a project, the first first."""
    rows = Colleague.objects.filter(project_id=project_id).select_related("member", "invited_by")
    return rows.order_by("id")


def colleague(*, project_id: int, colleague_id: int) -> Colleague | None:
    """Return one of them."""
    return colleagues(project_id).filter(id=colleague_id).first()


def held_colleague(*, project_id: int, **which: int) -> Colleague | None:
    """Return one of them, whose row nobody changes until the transaction ends."""
    return Colleague.objects.select_for_update().filter(project_id=project_id, **which).first()


def hold_team(project_id: int) -> None:
    """Keep all colleagues as they are until the transaction ends: an offer may move from any of them to any other."""
    list(Colleague.objects.select_for_update().filter(project_id=project_id).order_by("id").values_list("id"))


def who_may(project_id: int, do: Do) -> list[int]:
    """Return who in a project's team may do that. Two statements."""
    owner = Project.objects.filter(id=project_id, coordinator__isnull=False).values_list("coordinator_id", flat=True)
    rows = Colleague.objects.filter(project_id=project_id, role__in=holders(do))
    return sorted({*owner, *rows.values_list("member_id", flat=True)})


def keepers_of_app(project_id: int) -> list[int]:
    """Return who looks after a project as an app: they are told if somebody misuses its tokens. Two statements."""
    return who_may(project_id, Do.CLIENT)


def pending(project_id: int, *, now: datetime) -> QuerySet[Invitation]:
    """Return whom a project has asked and who has not answered, the latest first."""
    rows = Invitation.objects.filter(UNANSWERED, project_id=project_id, expires_at__gt=now)
    return rows.select_related("invited_by").order_by("-id")


def open_invitations(member_id: int, *, now: datetime) -> QuerySet[Invitation]:
    """Return what a member can answer: asked by their username, or by an address that they proved. Two statements."""
    addresses = [address.lower() for address in members.proved_addresses(member_id)]
    theirs = Q(member_id=member_id) | Q(address__in=addresses)
    rows = Invitation.objects.filter(UNANSWERED, theirs, expires_at__gt=now)
    return rows.select_related("project", "invited_by").order_by("-id")


def invitation(invitation_id: int) -> Invitation | None:
    """Return an invitation, whatever became of it."""
    return Invitation.objects.select_related("project", "invited_by", "member").filter(id=invitation_id).first()


def invited_since(member_id: int, *, since: datetime) -> int:
    """Return how many people a member asked into teams since then."""
    return Invitation.objects.filter(invited_by_id=member_id, invited_at__gt=since).count()


def asked_alike(project_id: int, invited: str) -> QuerySet[Invitation]:
    """Return the unanswered invitations to whoever is written like that, in whatever case."""
    return Invitation.objects.filter(UNANSWERED, project_id=project_id, invited__iexact=invited)


def expired(project_id: int, *, now: datetime) -> QuerySet[Invitation]:
    """Return the invitations that nobody answered in time."""
    return Invitation.objects.filter(UNANSWERED, project_id=project_id, expires_at__lte=now).exclude(invited="")


def size(project_id: int, *, now: datetime) -> int:
    """Return how many are in a team or were asked into it."""
    return Colleague.objects.filter(project_id=project_id).count() + pending(project_id, now=now).count()


def is_called(project_id: int, username: str) -> bool:
    """Say whether somebody of that name is in the team, which its owner sees anyway."""
    named = Colleague.objects.filter(project_id=project_id, member__username__iexact=username)
    owner = Project.objects.filter(id=project_id, coordinator__username__iexact=username)
    return named.exists() or owner.exists()
