"""A member's own files: what there is, downloading it, deleting it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consentry_server.common.keys import derive
from consentry_server.common.strict import integer
from consentry_server.files import actions as files
from consentry_server.files import queries
from consentry_server.files.rules import LINK_FOR, Link, sign_link
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.who import member_id

FILES = 100  # on one page


@dataclass(frozen=True)
class ShownFile:
    """A file as a page shows it; the link works for an hour."""

    id: int
    name: str
    source: str
    description: str
    size: int
    created_at: datetime
    link: str


def shown(file: Any, *, member_id: int, now: datetime) -> ShownFile:
    """Describe a member's own file and mint a download link for it."""
    link = Link("m", member_id, int(now.timestamp()) + LINK_FOR)
    signed = sign_link(derive("links"), link, stage="link", file_id=file.pk)
    description = json.loads(file.metadata).get("description", "")
    address = f"/data-management/datafile-download/{file.pk}/?key={signed}"
    return ShownFile(file.pk, file.basename, file.source.name, description, file.size, file.created_at, address)


@login_required
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """Show a member's files, source after source, or those of one source."""
    who, now = member_id(request), timezone.now()
    source_id, number = integer(request.GET.get("source")), asked_page(request)
    rows = queries.own(who) if source_id is None else queries.deposited(member_id=who, source_id=source_id)
    start = (number - 1) * FILES
    found = [shown(row, member_id=who, now=now) for row in rows[start : start + FILES + 1]]
    totals = list(queries.totals(who))
    context = {
        "totals": totals,
        "source_id": source_id,
        "page": cut(found, number=number, size=FILES),
        "count": sum(total.files for total in totals),
        "query": "" if source_id is None else f"source={source_id}&",
    }
    return render(request, "web/data.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """Ask once more, then delete one of a member's own files."""
    who, now = member_id(request), timezone.now()
    if request.method == "POST":
        files.delete_own(member_id=who, file_id=file_id, now=now)
        messages.success(request, "The file is deleted.")
        return redirect("data")
    file = queries.readable_by_owner(file_id=file_id, member_id=who)
    if file is None:
        raise Http404
    return render(request, "web/delete_file.html", {"file": file})
