"""Reads of projects."""

from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from consentry_server.projects.models import ON_SITE, Project


def by_slug(slug: str) -> Project | None:
    """Return the project with that slug."""
    return Project.objects.filter(slug=slug).first()


def by_id(project_id: int) -> Project | None:
    """Return the project with that id."""
    return Project.objects.filter(id=project_id).first()


def coordinated_by(member_id: int) -> QuerySet[Project]:
    """Return the projects that a member runs, newest first."""
    return Project.objects.filter(coordinator_id=member_id).order_by("-id")


def of_coordinator(*, slug: str, member_id: int) -> Project | None:
    """Return that project if this member runs it."""
    return Project.objects.filter(slug=slug, coordinator_id=member_id).first()


def open_on_site(slug: str) -> Project | None:
    """Return an on-site project that takes members."""
    return Project.objects.filter(slug=slug, kind=ON_SITE, paused_at=None).first()


def approved() -> QuerySet[Project]:
    """Return what the public listings show."""
    return Project.objects.filter(paused_at=None).exclude(approved_at=None).order_by("name")


def requestable_sources() -> QuerySet[Project]:
    """Return the approved projects that say what data they bring."""
    return Project.objects.exclude(approved_at=None).exclude(returned_data_description="").order_by("name")


def requested_sources(project: Project) -> list[Project]:
    """Return the sources that a project asks for now, by id."""
    return list(project.requested_sources.order_by("id"))


def slug_taken(slug: str, *, besides: int | None) -> bool:
    """Say whether another project has this slug."""
    return Project.objects.filter(slug=slug).exclude(id=besides or 0).exists()


def locked(project_id: int) -> Project:
    """Return a project that no other transaction changes until this one ends."""
    return Project.objects.select_for_update().get(id=project_id)


_ANSWER = (
    "paused_at",
    "approved_at",
    "authorized_members",
    "badge_image",
    "contact_email",
    "id",
    "info_url",
    "is_academic_or_nonprofit",
    "is_study",
    "leader",
    "long_description",
    "name",
    "organization",
    "request_username_access",
    "returned_data_description",
    "short_description",
    "slug",
    "kind",
)


# Raw: clients ask it before every page of theirs, and the ORM takes ten times as long to write it.
_DESCRIPTION = f"""
    SELECT {", ".join(_ANSWER)}, (SELECT string_agg(CAST(r.to_project_id AS text), ',')
        FROM projects_project_requested_sources r WHERE r.from_project_id = p.id)
    FROM projects_project p WHERE p.id = %s"""


def description(project_id: int) -> tuple[dict[str, Any], list[int]]:
    """Return a project's columns as `project/` needs them, and the ids of its requested sources."""
    with connection.cursor() as cursor:
        cursor.execute(_DESCRIPTION, [project_id])
        *columns, sources = cursor.fetchone()
    ids = sorted(map(int, sources.split(","))) if sources else []
    return dict(zip(_ANSWER, columns, strict=True)), ids


def having_seat(project_id: int, *, cap: int) -> QuerySet[Project]:
    """Return the project if one more member may join: it is approved, or below the cap."""
    return Project.objects.filter(Q(authorized_members__lt=cap) | Q(approved_at__isnull=False), id=project_id)


def get(project_id: int) -> Project:
    """Return the project with that id, which must exist."""
    return Project.objects.get(id=project_id)


def badges(keys: list[str]) -> set[str]:
    """Return those of these keys in the store that are the badge of a project."""
    return set(Project.objects.filter(badge_image__in=keys).values_list("badge_image", flat=True))


def existing(ids: list[int]) -> set[int]:
    """Return those of these ids that projects have."""
    return set(Project.objects.filter(id__in=ids).values_list("id", flat=True))
