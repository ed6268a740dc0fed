"""Reads of the public lists of projects."""

from dataclasses import dataclass

from django.db.models import QuerySet

from consentry_server.projects.models import Project
from consentry_server.projects.rules.searching import words

_LONG = ("consent_text", "long_description", "searched")  # are not on a list


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; what is left out may be either way."""

    search: str = ""
    adds_data: bool = False
    explores: bool = False
    kind: str = ""
    study: bool | None = None
    nonprofit: bool | None = None


def listed() -> QuerySet[Project]:
    """Return what the public lists show, by name: approved, open to members, and as it was reviewed."""
    rows = Project.objects.filter(paused_at=None, unlisted_at=None).exclude(approved_at=None)
    return rows.defer(*_LONG).order_by("name", "id")


def directory(wanted: Wanted) -> QuerySet[Project]:
    """Return the listed projects that are what somebody looks for."""
    rows = listed()
    chosen: dict[str, bool | None] = {
        "add_data": wanted.adds_data or None,
        "explore_share": wanted.explores or None,
        "is_study": wanted.study,
        "is_academic_or_nonprofit": wanted.nonprofit,
    }
    rows = rows.filter(**{name: value for name, value in chosen.items() if value is not None})
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    for word in words(wanted.search):
        rows = rows.filter(searched__contains=word)  # Django escapes what LIKE would take for a wildcard
    return rows


def featured(*, most: int) -> list[Project]:
    """Return those that staff put on the front page, the latest first."""
    return list(listed().exclude(featured_at=None).order_by("-featured_at", "-id")[:most])


def newest(*, most: int) -> list[Project]:
    """Return those that were approved last."""
    return list(listed().order_by("-approved_at", "-id")[:most])


def in_development(*, cap: int) -> QuerySet[Project]:
    """Return what can be joined and was never approved, the newest first."""
    rows = Project.objects.filter(paused_at=None, approved_at=None, authorized_members__lt=cap)
    return rows.defer(*_LONG).order_by("-created_at", "-id")
