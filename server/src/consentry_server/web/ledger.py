"""The access ledger: who read what of a member, and when; on a page, or to take along."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from consentry_server.files import queries
from consentry_server.files.queries.accesses import LedgerLine, Wanted, whole_ledger
from consentry_server.sharing import queries as sharing
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.who import member_id

LINES = 50  # on one page
KINDS = {
    "download": _("downloaded a file"),
    "archive": _("took files in an archive"),
    "links": _("took links to files"),
    "member": _("listed my files"),
    "members": _("listed its members"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")  # what a spreadsheet may run
_COLUMNS = ("at", "project_id", "project", "kind", "file", "first_file", "files", "bytes", "address")


class Filter(forms.Form):
    """Which lines somebody wants to see."""

    use_required_attribute = False

    project = forms.TypedChoiceField(label=_("Project"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label=_("What it did"), required=False, choices=[("", _("Anything")), *KINDS.items()])
    since = forms.DateField(
        label=_("From"), required=False, input_formats=["%Y-%m-%d"], widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, input_formats=["%Y-%m-%d"], widget=forms.DateInput({"type": "date"})
    )

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.GET)
        known = sharing.known_to(member_id(request))
        self.fields["project"].choices = [("", gettext("Any project")), *known]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("since") and said.get("until") and said["until"] < said["since"]:
            self.add_error("until", gettext("This is before the first day."))
        return said

    def wanted(self) -> Wanted:
        """Return what a filter without mistakes says; days are whole ones, in UTC."""
        said = self.cleaned_data
        first, last = said["since"], said["until"]
        return Wanted(
            project_id=said["project"],
            kind=said["kind"],
            since=datetime.combine(first, time.min, UTC) if first else None,
            until=_after(datetime.combine(last, time.min, UTC)) if last else None,
        )

    def query(self) -> str:
        """Return the filter as part of an address."""
        return urlencode([(name, value) for name in self.fields if (value := self.data.get(name))])


def _after(day: datetime) -> datetime | None:
    """Return when a day is over; the last one of the calendar never is."""
    try:
        return day + timedelta(days=1)
    except OverflowError:
        return None


@login_required
@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    """Show a page of the ledger, the latest line first."""
    number, wanted = asked_page(request), Filter(request)
    rows: list[LedgerLine] = []
    if wanted.is_valid():
        start = (number - 1) * LINES
        rows = queries.ledger(member_id(request), limit=LINES + 1, offset=start, wanted=wanted.wanted())
    query = wanted.query()
    page = cut(rows, number=number, size=LINES)
    context = {"page": page, "filter": wanted, "filtered": bool(query), "query": f"{query}&" if query else ""}
    return render(request, "web/ledger.html", context, status=200 if wanted.is_valid() else 400)


@login_required
@require_safe
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send the lines that somebody wants as a file, a few hundred at once, however many there are."""
    wanted = Filter(request)
    if not wanted.is_valid():
        return render(
            request, "400.html", {"reason": gettext("This filter makes no sense. Nothing was exported.")}, status=400
        )
    kind, write = _FORMS[form]
    headers = {"Content-Disposition": f'attachment; filename="access-log.{form}"', "Content-Type": kind}
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    return StreamingHttpResponse(write(whole_ledger(member_id(request), wanted.wanted())), headers=headers)


def _values(line: LedgerLine) -> tuple[Any, ...]:
    counts = (line.first_file, line.files, line.size)
    return (line.at.isoformat(), line.project_id, line.project, line.kind, line.basename or "", *counts, line.address)


def _csv(batches: Iterator[list[LedgerLine]]) -> Iterator[str]:
    yield ",".join(_COLUMNS) + "\r\n"
    for lines in batches:
        out = StringIO()
        csv.writer(out).writerows([map(harmless, _values(line)) for line in lines])
        yield out.getvalue()


def harmless(value: Any) -> Any:
    """Return a cell that a spreadsheet takes for text, whatever it begins with."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value


def _json(batches: Iterator[list[LedgerLine]]) -> Iterator[str]:
    before = "[\n"
    for lines in batches:
        found = [dict(zip(_COLUMNS, _values(line), strict=True)) for line in lines]
        yield before + ",\n".join(json.dumps(line, ensure_ascii=False) for line in found)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


_FORMS = {"csv": ("text/csv; charset=utf-8", _csv), "json": ("application/json", _json)}
