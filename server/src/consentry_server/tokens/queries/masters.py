"""The master tokens that a project has."""

from datetime import datetime

from django.db.models import Q, QuerySet

from consentry_server.tokens.models import MasterToken
from consentry_server.tokens.rules import FIRST


def current(project_id: int) -> QuerySet[MasterToken]:
    """Return a project's tokens that were neither replaced nor revoked, in the order in which they were named."""
    return MasterToken.objects.filter(project_id=project_id, replaced_at=None, revoked_at=None).order_by("id")


def named(project_id: int, name: str = FIRST) -> MasterToken | None:
    """Return a project's present token of that name."""
    return current(project_id).filter(name=name).first()


def listed(project_id: int, *, now: datetime) -> QuerySet[MasterToken]:
    """Return what a coordinator looks after: present tokens, and replaced ones that still work; by name."""
    works = Q(revoked_at=None) & (Q(replaced_at=None) | Q(expires_at__gt=now))
    return MasterToken.objects.filter(works, project_id=project_id).order_by("name", "-id")


def one(project_id: int, token_id: int, *, now: datetime) -> MasterToken | None:
    """Return a project's token if it is among those listed."""
    return listed(project_id, now=now).filter(id=token_id).first()


def any_of(project_id: int, token_id: int) -> MasterToken | None:
    """Return a project's token, be it over or not."""
    return MasterToken.objects.filter(project_id=project_id, id=token_id).first()
