"""See what they see: a member opens a project's view of them."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consentry_server.files import queries
from consentry_server.files.queries import FileRow
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.queries import seats
from consentry_server.web.paging import Page, asked_page
from consentry_server.web.who import member_id

FILES = 50  # on one page


class SeenFile(NamedTuple):
    """A file with all that a project reads of it before it downloads it."""

    id: int
    name: str
    description: str
    source: str
    created: datetime
    size: int
    sha256: str


@login_required
@require_safe
def seen_by(request: HttpRequest, authorization_id: int) -> HttpResponse:
    """Show what a project's program gets when it asks for this member, by the statements that answer it."""
    authorization = sharing.own(member_id=member_id(request), authorization_id=authorization_id)
    if authorization is None:
        raise Http404
    number = asked_page(request)
    start, known_as = (number - 1) * FILES, authorization.project_member.number
    row = queries.member_page(authorization.project_id, known_as, limit=FILES, offset=start)
    if row is None:  # the account is shut at this moment
        raise Http404
    names = {total.source_id: total.source.name for total in queries.totals(member_id(request))}
    page = Page([_file(file, names) for file in row.files], number, row.file_count > start + FILES)
    note, tags = seats.written_of(authorization.project_member_id)
    context = {
        "note": note,
        "tags": tags,
        "project": authorization.project,
        "row": row,
        "since": datetime.fromisoformat(row.created),
        "page": page,
        "totals": [(names[source_id], files) for source_id, files in row.totals if files],
    }
    return render(request, "web/seen_by.html", context)


def _file(row: FileRow, names: dict[int, Any]) -> SeenFile:
    number, name, created, metadata, source_id, size, sha256 = row[:7]
    description, added = json.loads(metadata).get("description", ""), datetime.fromisoformat(created)
    return SeenFile(number, name, description, names[source_id], added, size, sha256)
