"""Joining an on-site project: first its consent text, then exactly what it would get."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from consentry_server.files import queries as files
from consentry_server.projects import queries as projects
from consentry_server.projects.actions import NoSeat
from consentry_server.projects.rules import safe_url, without_number
from consentry_server.sharing import actions, queries
from consentry_server.web.changing import readable
from consentry_server.web.texts import markdown
from consentry_server.web.who import member_id

HIDDEN = "hidden_membership"


def _open_project(slug: str) -> Any:
    project = projects.open_on_site(slug)
    if project is None:
        raise Http404
    return project


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a project's consent text, and note that a member agrees to it."""
    project = _open_project(slug)
    who = {"member_id": member_id(request), "project_id": project.pk}
    if not queries.has_room(**who):
        return _full(request, project)
    if request.method != "POST":
        return redirect("authorize", slug) if queries.has_joined(**who) else _consent_page(request, project)
    try:
        actions.join(**who, shown=request.POST.get("shown", ""), now=timezone.now())
    except actions.AskChanged:
        return _consent_page(request, project, changed=True)
    return redirect("authorize", slug)


def _full(request: HttpRequest, project: Any) -> HttpResponse:
    messages.error(
        request,
        gettext(
            'Sorry, "{name}" has not been approved and has exceeded the 20 member limit for unapproved projects.'
        ).format(name=project.name),
    )
    return redirect("data")


def _agreed(request: HttpRequest, project: Any) -> Any:
    """Return what a member who takes part agreed to last."""
    live = queries.live(member_id=member_id(request), project_id=project.pk)
    return queries.last_consent(live) if live else None


def _consent_page(request: HttpRequest, project: Any, *, changed: bool = False) -> HttpResponse:
    ask = queries.ask(project.pk)
    agreed = _agreed(request, project)
    context = {
        "project": project,
        "ask": ask,
        "text": markdown(ask.consent_text),
        "changed": changed,
        "agreed": agreed,
        "differs": readable(queries.changed(agreed, ask)),
    }
    return render(request, "web/join.html", context, status=409 if changed else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest, slug: str) -> HttpResponse:
    """Show exactly what a project would get, and let it in if the member says so."""
    project = _open_project(slug)
    who = {"member_id": member_id(request), "project_id": project.pk}
    if request.method == "POST" and "cancel" in request.POST:
        return _cancel(request, project)
    if not queries.has_room(**who):
        return _full(request, project)
    if not queries.has_joined(**who):
        return _consent_page(request, project, changed=True) if request.method == "POST" else redirect("join", slug)
    return _authorize(request, project) if request.method == "POST" else _ask_page(request, project)


def _cancel(request: HttpRequest, project: Any) -> HttpResponse:
    actions.decline(member_id=member_id(request), project_id=project.pk, now=timezone.now())
    messages.info(request, gettext("You said no. Nothing new is shared."))
    return redirect("activity", project.slug)


def _authorize(request: HttpRequest, project: Any) -> HttpResponse:
    try:
        authorization = actions.authorize(
            member_id=member_id(request),
            project_id=project.pk,
            shown=request.POST.get("shown", ""),
            hidden=request.POST.get("hide-membership") == HIDDEN,
            now=timezone.now(),
        )
    except NoSeat:
        return _full(request, project)
    except actions.AskChanged:
        return _ask_page(request, project, changed=True)
    messages.success(
        request, gettext("You now share with {name}. You can end it at any time.").format(name=project.name)
    )
    target = without_number(project.post_sharing_url, authorization.project_member.number)
    return redirect(target) if safe_url(target) else redirect("activity", project.slug)


def _ask_page(request: HttpRequest, project: Any, *, changed: bool = False) -> HttpResponse:
    who, agreed = member_id(request), _agreed(request, project)
    ask = queries.ask(project.pk)
    context = {
        "project": project,
        "ask": ask,
        "sources": files.opened_by(ask.sources, all_of_them=ask.all_sources, member_id=who),
        "text": markdown(ask.consent_text),
        "changed": changed,
        "agreed": agreed,
        "differs": readable(queries.changed(agreed, ask)),
        "seat": queries.seat(member_id=who, project_id=project.pk),
    }
    response = render(request, "web/authorize.html", context, status=409 if changed else 200)
    response.leads_to = without_number(project.post_sharing_url, context["seat"].number)  # type: ignore[attr-defined]
    return response
