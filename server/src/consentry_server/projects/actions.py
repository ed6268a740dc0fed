"""Changes of projects."""

from datetime import datetime
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify

from consentry_server.audit.actions import record
from consentry_server.common.errors import Refused
from consentry_server.projects import queries
from consentry_server.projects.models import Project
from consentry_server.projects.rules import RESERVED_SLUGS, slug_candidates


class NoSeat(Refused):
    """The project is not approved and has as many members as it may have until then."""


@transaction.atomic
def create(*, coordinator_id: int, kind: str, fields: dict[str, Any], now: datetime) -> Project:
    """Make a project from checked form fields; it is unlisted and capped until staff approve it."""
    sources = fields.pop("requested_sources", [])
    active = fields.pop("active", True)
    project = Project(coordinator_id=coordinator_id, kind=kind, created_at=now, **fields)
    project.paused_at = None if active else now
    _save_under_free_slug(project)
    project.requested_sources.set(sources)
    record(
        name="project.create",
        actor=f"member:{coordinator_id}",
        about=f"project:{project.pk}",
        now=now,
    )
    return project


@transaction.atomic
def edit(*, project: Project, actor: str, fields: dict[str, Any], now: datetime) -> Project:
    """Change a project. Members who agreed before keep what they agreed to."""
    sources = fields.pop("requested_sources", None)
    active = fields.pop("active", project.active)
    renamed = fields.get("name", project.name) != project.name
    for name, value in fields.items():
        setattr(project, name, value)
    project.paused_at = None if active else (project.paused_at or now)
    columns = [*fields, "paused_at"]
    if renamed:
        _save_under_free_slug(project, update_fields=[*columns, "slug"])
    else:
        project.save(update_fields=columns)
    if sources is not None:
        project.requested_sources.set(sources)
    record(
        name="project.edit",
        actor=actor,
        about=f"project:{project.pk}",
        now=now,
        fields=sorted(fields),
    )
    return project


def _save_under_free_slug(project: Project, **how: Any) -> None:
    """Take the next free address until it is ours: the database decides, not a look before."""
    while True:
        project.slug = _free_slug(project)
        try:
            with transaction.atomic():
                return project.save(**how)
        except IntegrityError:
            if not queries.slug_taken(project.slug, besides=project.pk):
                raise


def _free_slug(project: Project) -> str:
    base = slugify(project.name)[:110] or "project"
    if base in RESERVED_SLUGS:
        base += "-project"
    slugs = (slug_candidates(base, attempt) for attempt in count(1))
    return next(slug for slug in slugs if not queries.slug_taken(slug, besides=project.pk))


@transaction.atomic
def set_badge(*, project_id: int, key: str, actor: str, now: datetime) -> str:
    """Give a project another picture and return the key of the old one, or ""."""
    project = queries.locked(project_id)
    old, project.badge_image = project.badge_image, key
    project.save(update_fields=["badge_image"])
    record(name="project.badge", actor=actor, about=f"project:{project_id}", now=now)
    return old


@transaction.atomic
def set_approved(*, project: Project, approved: bool, actor: str, now: datetime) -> None:
    """List a project and lift its cap, or take that back."""
    project.approved_at = now if approved else None
    project.save(update_fields=["approved_at"])
    record(
        name="project.approve" if approved else "project.unapprove",
        actor=actor,
        about=f"project:{project.pk}",
        now=now,
    )


def take_seat(*, project_id: int, cap: int | None) -> None:
    """Count one more member, in one statement so that a race cannot pass the cap; None is no cap."""
    rows = Project.objects.filter(id=project_id) if cap is None else queries.having_seat(project_id, cap=cap)
    if not rows.update(authorized_members=F("authorized_members") + 1):
        raise NoSeat("This project has not been approved yet and has all the members it may have until then.")


def free_seat(*, project_id: int) -> None:
    """Count one member less."""
    Project.objects.filter(id=project_id).update(authorized_members=F("authorized_members") - 1)
