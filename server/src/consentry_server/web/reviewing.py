"""Reviewers: what waits for them, the exact version that was asked about, and deciding."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from consentry_server.common.errors import Invalid
from consentry_server.projects import actions
from consentry_server.projects.queries import reviewing as queries
from consentry_server.projects.queries import team
from consentry_server.projects.rules.reviewing import Description, changes, checklist, reviewed_again
from consentry_server.projects.rules.team import Do
from consentry_server.web.asking import REVIEWS
from consentry_server.web.describing import differences, said
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.review_forms import ApproveForm, RemarkForm, ReturnForm
from consentry_server.web.who import member_id

ROWS = 50  # on a page of the queue


def _reviewer(request: HttpRequest) -> int:
    """Return who is logged in, if they review projects; anybody else learns nothing."""
    who = member_id(request)
    if not queries.is_reviewer(who):
        raise Http404
    return who


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits for a review, and what changed since one."""
    _reviewer(request)
    number = asked_page(request)
    start = (number - 1) * ROWS
    waiting = cut(list(queries.waiting()[start : start + ROWS + 1]), number=number, size=ROWS)
    changed = cut(queries.changed(start=start, count=ROWS + 1), number=number, size=ROWS)
    page = waiting if waiting.has_next or not changed.has_next else changed
    return render(request, "web/review_queue.html", {"waiting": waiting, "changed": changed, "page": page})


def _found(request: HttpRequest, review_id: int) -> Any:
    _reviewer(request)
    found = queries.review(review_id)
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def review(request: HttpRequest, review_id: int) -> HttpResponse:
    """Show a reviewer the exact version that a coordinator asked about."""
    return _page(request, _found(request, review_id))


def _page(request: HttpRequest, found: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
    version = Description.read(found.version.text)
    past = list(queries.reviews_of(found.project_id)[:REVIEWS])
    approved = next((row for row in past if row.approved_at and row.pk < found.pk), None)
    before = changes(Description.read(approved.version.text), version) if approved else []
    meanwhile = changes(version, queries.described(found.project))
    context = {
        "review": found,
        "project": found.project,
        "said": said(version),
        "approved": approved,
        "before": differences(before),
        "meanwhile": differences(meanwhile),
        "again": reviewed_again(meanwhile),
        "remarks": queries.remarks(row.pk for row in past),
        "past": [row for row in past if row.pk != found.pk],
        "may_decide": found.open and queries.may_decide(found, member_id(request)),
        "approve": ApproveForm(checks=checklist(version)),
        "send_back": ReturnForm(),
        "remark": RemarkForm(),
        "askers": team.who_may(found.project_id, Do.REVIEW),
        "me": member_id(request),
    }
    return render(request, "web/review.html", context | forms, status=status)


@login_required
@require_POST
def approve(request: HttpRequest, review_id: int) -> HttpResponse:
    """Approve the version of this review."""
    found = _found(request, review_id)
    form = ApproveForm(request.POST, checks=checklist(Description.read(found.version.text)))
    if not form.is_valid():
        return _page(request, found, status=400, approve=form)
    who: dict[str, Any] = {"review_id": review_id, "member_id": member_id(request), "now": timezone.now()}
    try:
        actions.approve(**who, checked=form.cleaned_data["checked"])
    except Invalid as invalid:
        form.add_faults(invalid)
        return _page(request, found, status=400, approve=form)
    messages.success(
        request,
        gettext("{name} is approved. Its coordinator and its members are told.").format(name=found.project.name),
    )
    return redirect("review_queue")


@login_required
@require_POST
def send_back(request: HttpRequest, review_id: int) -> HttpResponse:
    """Return a project to its coordinator with a reason."""
    found = _found(request, review_id)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=400, send_back=form)
    who: dict[str, Any] = {"review_id": review_id, "member_id": member_id(request), "now": timezone.now()}
    actions.send_back(**who, reason=form.cleaned_data["reason"])
    messages.success(
        request, gettext("{name} is returned. Its coordinator is told why.").format(name=found.project.name)
    )
    return redirect("review_queue")


@login_required
@require_POST
def remark(request: HttpRequest, review_id: int) -> HttpResponse:
    """Write to the coordinator."""
    found = _found(request, review_id)
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=400, remark=form)
    text = form.cleaned_data["text"]
    actions.remark(review_id=review_id, member_id=member_id(request), text=text, now=timezone.now())
    return redirect("review", review_id)
