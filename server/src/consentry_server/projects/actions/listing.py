"""What keeps a project in the public lists: that it is what was reviewed, and that staff want it on the front page."""

from datetime import datetime

from django.db import IntegrityError, transaction

from consentry_server.audit.actions import record
from consentry_server.projects.models import Project, Version
from consentry_server.projects.queries import locked
from consentry_server.projects.queries import reviewing as queries
from consentry_server.projects.rules.reviewing import ROOM_MEANWHILE, Description, reviewed_again
from consentry_server.projects.rules.searching import folded

_SEARCHED = ("name", "leader", "organization", "short_description", "long_description", "returned_data_description")


def searched(project: Project) -> str:
    """Return the words of a project as the directory looks for them."""
    return folded(*(getattr(project, name) for name in _SEARCHED))


def freeze(project: Project, described: Description, *, now: datetime) -> Version:
    """Keep a description for ever; the same one is kept once."""
    kept = queries.version(project_id=project.pk, sha256=described.sha256)
    if kept is not None:
        return kept
    text, sha256 = described.canonical(), described.sha256
    try:
        with transaction.atomic():
            return Version.objects.create(project=project, text=text, sha256=sha256, taken_at=now)
    except IntegrityError:
        return Version.objects.get(project=project, sha256=sha256)


def settle(project: Project, *, now: datetime) -> None:
    """Compare a project, held by the caller, with what was reviewed: what is wider leaves the public lists."""
    differs = queries.differences(project)
    again = reviewed_again(differs)
    project.changed_at = (project.changed_at or now) if differs else None
    project.unlisted_at = (project.unlisted_at or now) if again else None
    if again and project.room_meanwhile is None:
        project.room_meanwhile = project.authorized_members + ROOM_MEANWHILE
    project.save(update_fields=["changed_at", "unlisted_at", "room_meanwhile"])


@transaction.atomic
def set_featured(*, project_id: int, featured: bool, actor: str, now: datetime) -> None:
    """Put a project on the front page, for as long as it is listed, or take it off."""
    project = locked(project_id)
    project.featured_at = now if featured else None
    project.save(update_fields=["featured_at"])
    name = "project.feature" if featured else "project.unfeature"
    record(name=name, actor=actor, about=f"project:{project_id}", now=now)
