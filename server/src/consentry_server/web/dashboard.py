"""A member's first page: what I have, who may see it, what happened lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consentry_server.files import queries
from consentry_server.files.queries import overview, readers
from consentry_server.sharing import queries as sharing
from consentry_server.web.who import member_id

FEW = 5  # lines of each block


@dataclass(frozen=True)
class Happening:
    """Something that a member did about a project, or a project about them: `began`, `left` or `removed`."""

    at: datetime
    project: str
    slug: str
    kind: str


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what a member has, who may see it, and what happened lately."""
    who = member_id(request)
    context = {
        "summary": overview.summary(who),
        "sources": overview.largest(who, most=FEW),
        "added": overview.added(who, most=FEW),
        "readers": readers.of_member(who, most=FEW),
        "sharing": sharing.count_live(who),
        "lines": queries.ledger(who, limit=FEW, offset=0),
        "happenings": [_happening(row) for row in sharing.lately(who, most=FEW)],
    }
    return render(request, "web/dashboard.html", context)


def _happening(row: Any) -> Happening:
    if row.revoked_at is None:
        return Happening(row.authorized_at, row.project.name, row.project.slug, "began")
    kind = "removed" if row.revoked_by == "project" else "left"
    return Happening(row.revoked_at, row.project.name, row.project.slug, kind)
