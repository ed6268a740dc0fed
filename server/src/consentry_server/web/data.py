"""A member's own files: where they came from, how many there are, and who may see them."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from consentry_server.common.keys import derive
from consentry_server.files import actions as files
from consentry_server.files import queries
from consentry_server.files.queries import readers
from consentry_server.files.rules import LINK_FOR, Link, sign_link
from consentry_server.projects import queries as projects
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.who import member_id

SOURCES, FILES = 100, 50  # on one page
READERS = 20  # that are named


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

    @property
    def kind(self) -> str:
        """What its name says that it is."""
        ending = PurePosixPath(self.name).suffix[1:]
        return ending.upper() if ending.isascii() and ending.isalnum() and len(ending) <= 5 else ""


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
    """Show where a member's files came from, and how many projects may see what."""
    who, number = member_id(request), asked_page(request)
    start = (number - 1) * SOURCES
    counts = readers.counted(who)
    rows = [(total, counts.get(total.source_id, 0)) for total in queries.totals(who)[start : start + SOURCES + 1]]
    context = {"page": cut(rows, number=number, size=SOURCES), "own_source": projects.own_source_id()}
    return render(request, "web/data.html", context)


@login_required
@require_safe
def source(request: HttpRequest, source_id: int) -> HttpResponse:
    """Show a member's files from one source, and who may see them."""
    who, now, number = member_id(request), timezone.now(), asked_page(request)
    total = _total(who, source_id)
    start = (number - 1) * FILES
    rows = queries.deposited(member_id=who, source_id=source_id)[start : start + FILES + 1]
    found = readers.of_source(source_id, member_id=who, most=READERS + 1)
    context = {
        "total": total,
        "page": cut([shown(row, member_id=who, now=now) for row in rows], number=number, size=FILES),
        "readers": found[:READERS],
        "more_readers": len(found) > READERS,
        "is_own": total.source.kind == "own",
    }
    return render(request, "web/source.html", context)


def _total(who: int, source_id: int) -> Any:
    """Return what a member has from a source; of one that brought nothing they learn nothing."""
    total = queries.total(member_id=who, source_id=source_id)
    if total is None:
        raise Http404
    return total


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_all(request: HttpRequest, source_id: int) -> HttpResponse:
    """Delete all of a member's files from one source, after asking once more."""
    who = member_id(request)
    total = _total(who, source_id)
    if request.method == "POST":
        count = files.delete_own_from(member_id=who, source_id=source_id, now=timezone.now())
        messages.success(
            request, ngettext("The file is deleted.", "{count} files are deleted.", count).format(count=count)
        )
        return redirect("data")
    return render(request, "web/delete_all.html", {"total": total})
