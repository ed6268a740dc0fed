"""A project's own page: who runs it, what it asks for and why, and what it has to do with whoever looks."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from consentry_server.common.strict import page_number
from consentry_server.datatypes import queries as datatypes
from consentry_server.files import actions as files
from consentry_server.files import queries as file_queries
from consentry_server.projects import queries as projects
from consentry_server.projects.queries import reviewing, team
from consentry_server.projects.rules import safe_url
from consentry_server.projects.rules.team import Do, may
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries
from consentry_server.sharing.rules import UNAPPROVED_CAP
from consentry_server.web import asking
from consentry_server.web.adding import new_form
from consentry_server.web.data import shown
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.review_forms import AskForm
from consentry_server.web.texts import markdown
from consentry_server.web.who import member_id

FILES = 50  # on one page
NAMES = 60  # of members on one page


@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a project to anybody, and to a member what it has to do with them."""
    project = _project(slug)
    if request.method == "POST":
        return _set_visible(request, project)
    context = _of_project(request, project)
    if request.user.is_authenticated:
        context |= _of_member(request, project)
    return render(request, "web/activity.html", context)


def _safe(url: str) -> str:
    return url if safe_url(url) else ""


def _of_app(project: Any) -> dict[str, Any]:
    """Return where an app begins; a project that people join here begins here."""
    client = projects.client_of(project.pk) if project.kind == "oauth2" else None
    if client is None:
        return {}
    start = _safe(client.enrollment_url)
    return {"start_url": start, "start_host": urlsplit(start).hostname, "terms_url": _safe(client.terms_url)}


def _project(slug: str) -> Any:
    project = projects.by_slug(slug)
    if project is None:
        raise Http404
    return project


def _of_project(request: HttpRequest, project: Any) -> dict[str, Any]:
    return {
        "project": project,
        "info_url": _safe(project.info_url),
        "consent": markdown(project.consent_text) if project.kind == "on-site" else "",
        "sources": projects.requested_sources(project),
        "types": sorted(datatypes.names(projects.registered(project.pk)).values()),
        "names": _names(request, project),
        "has_room": projects.having_seat(project.pk, cap=UNAPPROVED_CAP).exists(),
    } | _of_app(project)


def _names(request: HttpRequest, project: Any) -> Any:
    """Return those members who chose to be listed; of a project that was not reviewed, nobody is."""
    number = min(max(page_number(request.GET.get("members")) or 1, 1), 100_000)
    if not project.approved_at:
        return cut([], number=1, size=NAMES)
    start = (number - 1) * NAMES
    found = sharing_queries.listed_members(project.pk, start=start, count=NAMES + 1)
    return cut(found, number=number, size=NAMES)


def _of_member(request: HttpRequest, project: Any) -> dict[str, Any]:
    who = member_id(request)
    number, now = asked_page(request), timezone.now()
    start = (number - 1) * FILES
    rows = file_queries.deposited(member_id=who, source_id=project.pk)[start : start + FILES + 1]
    live = sharing_queries.live(member_id=who, project_id=project.pk)
    return {
        "seat": sharing_queries.seat(member_id=who, project_id=project.pk),
        "live": live,
        "granted": sharing_queries.granted(live) if live else [],
        "add": new_form() if live and sharing_queries.opens(live, projects.own_source_id()) else None,
        "page": cut([shown(row, member_id=who, now=now) for row in rows], number=number, size=FILES),
    } | _of_part(who, project)


def _of_part(who: int, project: Any) -> dict[str, Any]:
    """Return what the page has for the project's team, and for reviewers."""
    role = team.role_in(project_id=project.pk, member_id=who)
    if may(role, Do.REVIEW):
        state = asking.state(project)
        ask = AskForm(initial={"shown": state["described"].sha256})
        return state | {"is_coordinator": True, "ask": ask}
    if role is not None:
        return {"helps": True}
    if reviewing.is_reviewer(who):
        return {"to_review": reviewing.open_review(project.pk) or reviewing.last_approved(project.pk)}
    return {}


@login_required
def _set_visible(request: HttpRequest, project: Any) -> HttpResponse:
    choice = {"true": False, "false": True}.get(request.POST.get("visible_status", "").lower())
    if choice is None:
        return render(request, "400.html", status=400)
    sharing.set_hidden(member_id=member_id(request), project_id=project.pk, hidden=choice, now=timezone.now())
    return redirect("activity", slug=project.slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_files(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete all that a project brought to a member, after asking once more."""
    project = _project(slug)
    who = member_id(request)
    if request.method == "POST":
        files.delete_own_from(member_id=who, source_id=project.pk, now=timezone.now())
        return redirect("activity", slug=project.slug)
    count = file_queries.deposited(member_id=who, source_id=project.pk).count()
    return render(request, "web/delete_files.html", {"project": project, "count": count})
