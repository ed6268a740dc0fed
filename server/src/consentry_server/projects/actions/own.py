"""The source of what members add themselves: each installation has one, and nobody runs it."""

from contextlib import suppress
from datetime import datetime
from itertools import count

from django.db import IntegrityError, transaction

from consentry_server.audit.actions import record
from consentry_server.projects import queries
from consentry_server.projects.models import OWN, Project
from consentry_server.projects.rules import slug_candidates

_SAID = {
    "name": "Your uploads",
    "leader": "",
    "contact_email": "",
    "info_url": "",
    "short_description": "Files that members add themselves.",
    "long_description": "",
    "returned_data_description": "Whatever members add themselves: files of any kind",
    "is_study": False,
    "is_academic_or_nonprofit": False,
    "request_username_access": False,
    "any_datatypes": True,
}


def own_source(*, now: datetime) -> int:
    """Return the id of the source of members' own uploads; whoever asks first makes it."""
    while (found := queries.own_source_id()) is None:
        with suppress(IntegrityError), transaction.atomic():  # somebody else was faster
            _make(now=now)
    return found


def _make(*, now: datetime) -> None:
    """Make it approved, so that projects can ask for it, and closed, so that nobody joins it or sees it on a list."""
    slugs = (slug_candidates("your-uploads", attempt) for attempt in count(1))
    slug = next(slug for slug in slugs if not queries.slug_taken(slug, besides=None))
    made = Project.objects.create(kind=OWN, slug=slug, created_at=now, approved_at=now, paused_at=now, **_SAID)
    record(name="project.create", actor="installation", about=f"project:{made.pk}", now=now)
