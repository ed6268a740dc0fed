"""A member looks at which teams they are asked into, and says yes or no."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from consentry_server.projects import actions
from consentry_server.projects.queries import team as queries
from consentry_server.projects.rules.team import ROLE_NAMES, Role, said_of
from consentry_server.web.who import member_id


@login_required
@require_safe
def invitations(request: HttpRequest) -> HttpResponse:
    """List what somebody is asked, with what each role may do."""
    rows = queries.open_invitations(member_id(request), now=timezone.now())
    asked = [(row, ROLE_NAMES[Role(row.role)], said_of(Role(row.role))) for row in rows]
    return render(request, "web/invitations.html", {"asked": asked})


@login_required
@require_POST
def answer_invitation(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Say yes or no; what is not theirs, over or answered is no invitation."""
    answer = request.POST.get("answer", "")
    who = {"invitation_id": invitation_id, "member_id": member_id(request)}
    if answer == "yes":
        project = actions.accept(**who, now=timezone.now())
        messages.success(request, _("You are in the team now."))
        return redirect("project", project.kind, project.slug)
    if answer != "no":
        return render(request, "400.html", status=400)
    actions.decline(**who, now=timezone.now())
    messages.success(request, _("You said no. They see that the invitation is no longer open."))
    return redirect("invitations")
