"""A coordinator asks for a review, sees what changed since the last one, and writes to reviewers."""

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
from consentry_server.projects.rules.reviewing import Description, changes, reviewed_again
from consentry_server.projects.rules.team import Do
from consentry_server.web.describing import differences, said
from consentry_server.web.review_forms import AskForm, RemarkForm
from consentry_server.web.running import doing, project_for
from consentry_server.web.who import member_id

REVIEWS = 20  # earlier ones on a page


@login_required
@require_safe
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a coordinator where the review of a project stands."""
    return _page(request, project_for(request, slug, Do.HISTORY))


def state(project: Any) -> dict[str, Any]:
    """Return where the review of a project stands, for its coordinator."""
    described, waiting = queries.described(project), queries.open_review(project.pk)
    since = queries.differences(project)
    meanwhile = changes(Description.read(waiting.version.text), described) if waiting else []
    return {
        "described": described,
        "waiting": waiting,
        "since": differences(since),
        "again": reviewed_again(since),
        "meanwhile": differences(meanwhile),
        "can_ask": not project.approved_at or bool(since),
    }


def _page(request: HttpRequest, project: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
    found, past = state(project), list(queries.reviews_of(project.pk)[:REVIEWS])
    context = found | {
        "project": project,
        "said": said(found["described"]),
        "ask": AskForm(initial={"shown": found["described"].sha256}),
        "remark": RemarkForm(),
        "past": [row for row in past if not row.open],
        "remarks": queries.remarks(row.pk for row in past),
        "askers": team.who_may(project.pk, Do.REVIEW),
        "me": member_id(request),
    }
    return render(request, "web/review_own.html", context | forms, status=status)


@login_required
@require_POST
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a review of exactly what the coordinator was shown."""
    project = project_for(request, slug, Do.REVIEW)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, project, status=400, ask=form)
    who = {"project_id": project.pk, "member_id": member_id(request), "now": timezone.now()}
    try:
        with doing(request, project, Do.REVIEW):
            actions.ask_for_review(**who, shown=form.cleaned_data["shown"], note=form.cleaned_data["note"])
    except Invalid as invalid:
        form.add_faults(invalid)
        return _page(request, project, status=400, ask=form)
    except actions.TooOften as too_often:
        messages.error(request, too_often.detail)
        return _page(request, project, status=429)
    messages.success(request, gettext("Your project waits for a reviewer. You get a mail when somebody has decided."))
    return redirect("project_review", project.slug)


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a request back."""
    project = project_for(request, slug, Do.REVIEW)
    with doing(request, project, Do.REVIEW):
        actions.withdraw(project_id=project.pk, member_id=member_id(request), now=timezone.now())
    messages.success(request, gettext("You took your request back."))
    return redirect("project_review", project.slug)


@login_required
@require_POST
def remark(request: HttpRequest, slug: str) -> HttpResponse:
    """Write to whoever reviews."""
    project = project_for(request, slug, Do.REVIEW)
    waiting = queries.open_review(project.pk)
    if waiting is None:
        raise Http404
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _page(request, project, status=400, remark=form)
    text = form.cleaned_data["text"]
    with doing(request, project, Do.REVIEW):
        actions.remark(review_id=waiting.pk, member_id=member_id(request), text=text, now=timezone.now())
    return redirect("project_review", project.slug)
