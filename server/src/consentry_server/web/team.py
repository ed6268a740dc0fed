"""A project's team: who is in it, who is asked in, and what the owner and each colleague can do about it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from consentry_server.common.errors import Invalid
from consentry_server.projects import actions
from consentry_server.projects.queries import team as queries
from consentry_server.projects.rules.team import ROLE_NAMES, Do, Role, said_of
from consentry_server.web.fields import PasswordAgain
from consentry_server.web.running import project_for
from consentry_server.web.team_forms import InviteForm, RoleForm
from consentry_server.web.who import member_id

_ANSWERS = {"yes": actions.take_over, "no": actions.turn_down}


@login_required
@require_safe
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who runs a project, and what each role may do."""
    return _page(request, project_for(request, slug, Do.LOOK))


def _page(request: HttpRequest, project: Any, *, status: int = 200, invite: Any = None) -> HttpResponse:
    rows = list(queries.colleagues(project.pk))
    me = member_id(request)
    asked = queries.pending(project.pk, now=timezone.now()) if Do.HISTORY in project.may else ()
    context = {
        "project": project,
        "people": [(row, ROLE_NAMES[Role(row.role)]) for row in rows],
        "mine": next((row for row in rows if row.member_id == me), None),
        "offered": next((row for row in rows if row.offered_at), None),
        "asked": [(row, ROLE_NAMES[Role(row.role)]) for row in asked],
        "roles": [(role, ROLE_NAMES[role], said_of(role)) for role in Role],
        "invite": invite or InviteForm(),
    }
    return render(request, "web/team.html", context, status=status)


def _who(request: HttpRequest, project: Any) -> dict[str, Any]:
    return {"project_id": project.pk, "member_id": member_id(request), "now": timezone.now()}


@login_required
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask somebody in; the answer is the same whether anybody has that name or address."""
    project = project_for(request, slug, Do.TEAM)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, project, status=400, invite=form)
    try:
        actions.invite(**form.cleaned_data, **_who(request, project))
    except Invalid as invalid:
        form.add_faults(invalid)
        return _page(request, project, status=400, invite=form)
    except actions.TooManyInvitations as too_many:
        form.add_error(None, str(too_many))
        return _page(request, project, status=429, invite=form)
    messages.success(request, _("Invited. They come into the team once they say yes, within 14 days."))
    return redirect("team", project.slug)


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    project = project_for(request, slug, Do.TEAM)
    actions.withdraw_invitation(invitation_id=invitation_id, **_who(request, project))
    messages.success(request, _("The invitation is taken back."))
    return redirect("team", project.slug)


@login_required
@require_safe
def colleague(request: HttpRequest, slug: str, colleague_id: int) -> HttpResponse:
    """Show the owner what can be done about somebody in the team."""
    project = project_for(request, slug, Do.TEAM)
    return _colleague_page(request, project, colleague_id)


def _colleague_page(
    request: HttpRequest, project: Any, colleague_id: int, *, status: int = 200, hand_over: Any = None
) -> HttpResponse:
    row = queries.colleague(project_id=project.pk, colleague_id=colleague_id)
    if row is None:
        raise Http404
    context = {
        "project": project,
        "row": row,
        "role_name": ROLE_NAMES[Role(row.role)],
        "role": RoleForm(initial={"role": row.role}),
        "hand_over": hand_over or PasswordAgain(request),
    }
    return render(request, "web/colleague.html", context, status=status)


@login_required
@require_POST
def set_role(request: HttpRequest, slug: str, colleague_id: int) -> HttpResponse:
    """Give somebody another role."""
    project = project_for(request, slug, Do.TEAM)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _colleague_page(request, project, colleague_id, status=400)
    actions.set_role(colleague_id=colleague_id, role=form.cleaned_data["role"], **_who(request, project))
    messages.success(request, _("Saved. The new role holds from now on."))
    return redirect("team", project.slug)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, colleague_id: int) -> HttpResponse:
    """End somebody's part in the team."""
    project = project_for(request, slug, Do.TEAM)
    actions.remove(colleague_id=colleague_id, **_who(request, project))
    messages.success(request, _("They are out of the team. Replace the tokens and secrets that they may have copied."))
    return redirect("team", project.slug)


@login_required
@sensitive_post_parameters("password")
@require_POST
def hand_over(request: HttpRequest, slug: str, colleague_id: int) -> HttpResponse:
    """Offer the project to a colleague, once the password was entered again."""
    project = project_for(request, slug, Do.TEAM)
    form = PasswordAgain(request, request.POST)
    if not form.is_valid():
        return _colleague_page(request, project, colleague_id, status=400, hand_over=form)
    actions.offer(colleague_id=colleague_id, **_who(request, project))
    messages.success(request, _("Offered. The project is yours until they accept."))
    return redirect("team", project.slug)


@login_required
@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the offer of a project back."""
    project = project_for(request, slug, Do.TEAM)
    actions.keep(**_who(request, project))
    messages.success(request, _("The offer is taken back. The project stays yours."))
    return redirect("team", project.slug)


@login_required
@require_POST
def take_over(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer an offer of the project: yes makes its colleague the owner."""
    project = project_for(request, slug, Do.LOOK)
    answer = request.POST.get("answer", "")
    if answer not in _ANSWERS:
        return render(request, "400.html", status=400)
    _ANSWERS[answer](**_who(request, project))
    yes, no = _("The project is yours now."), _("You said no. Nothing changes.")
    messages.success(request, yes if answer == "yes" else no)
    return redirect("team", project.slug)


@login_required
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a team that one was asked into."""
    project = project_for(request, slug, Do.LOOK)
    actions.leave_team(**_who(request, project))
    messages.success(request, _("You are out of the team."))
    return redirect("manage")
