"""A coordinator sees who left a project, by number only, and says what became of what they asked for."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from consentry_server.common.errors import Conflict, NotFound
from consentry_server.projects.rules.team import Do
from consentry_server.sharing import actions, queries
from consentry_server.web.departure_forms import SEEN, ErasureForm
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.running import doing, project_for
from consentry_server.web.who import actor

ROWS = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdrawn(request: HttpRequest, slug: str) -> HttpResponse:
    """List who left, the latest first."""
    project = project_for(request, slug, Do.HISTORY, act=Do.DEPARTURES)
    form = ErasureForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        return _settle(request, project, form.cleaned_data)
    number = asked_page(request)
    rows = queries.departed(project.pk, start=(number - 1) * ROWS, count=ROWS + 1)
    back = queries.back_again(rows)
    for row in rows:
        row.back = row.project_member_id in back  # type: ignore[attr-defined]
    context = {"project": project, "page": cut(rows, number=number, size=ROWS), "form": form}
    return render(request, "web/withdrawn.html", context, status=400 if form is not None else 200)


def _settle(request: HttpRequest, project: Any, said: dict[str, Any]) -> HttpResponse:
    who = {
        "project_id": project.pk,
        "authorization_id": said["authorization"],
        "actor": actor(request),
        "now": timezone.now(),
    }
    try:
        with doing(request, project, Do.DEPARTURES):
            if said["step"] == SEEN:
                actions.acknowledge_erasure(**who)
            else:
                actions.settle_erasure(**who, kept_because=said["kept_because"])
    except NotFound:
        raise Http404 from None
    except Conflict as conflict:
        messages.error(request, str(conflict))
    else:
        messages.success(request, gettext("Noted. The member sees it under what they share."))
    return redirect("withdrawn_members", project.slug)
