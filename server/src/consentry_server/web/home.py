"""Pages for everybody: the front page, the terms, and a project's own page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consentry_server.files import actions as files
from consentry_server.files import queries as file_queries
from consentry_server.projects import queries as projects
from consentry_server.projects.rules import image_type, safe_url
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries
from consentry_server.web.data import shown
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.who import member_id

FILES = 50  # on one page


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Say what this is, and show the projects that staff have approved."""
    return render(request, "web/front.html", {"projects": projects.approved()})


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "web/terms.html")


@require_safe
def badge(_request: HttpRequest, key: str) -> HttpResponse:
    """Show the picture of a project. Its type is told by its bytes, never by who uploaded it."""
    image = files.badge(key)
    kind = image_type(image) if image else None
    if image is None or kind is None:
        raise Http404
    return HttpResponse(image, content_type=kind)


@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a project to anybody, and to a member what it has to do with them."""
    project = _project(slug)
    if request.method == "POST":
        return _set_visible(request, project)
    context = {
        "project": project,
        "info_url": project.info_url if safe_url(project.info_url) else "",
    }
    if request.user.is_authenticated:
        context |= _of_member(request, project)
    return render(request, "web/activity.html", context)


def _project(slug: str) -> Any:
    project = projects.by_slug(slug)
    if project is None:
        raise Http404
    return project


def _of_member(request: HttpRequest, project: Any) -> dict[str, Any]:
    who = member_id(request)
    number, now = asked_page(request), timezone.now()
    start = (number - 1) * FILES
    rows = file_queries.deposited(member_id=who, source_id=project.pk)[start : start + FILES + 1]
    return {
        "seat": sharing_queries.seat(member_id=who, project_id=project.pk),
        "live": sharing_queries.live(member_id=who, project_id=project.pk),
        "page": cut([shown(row, member_id=who, now=now) for row in rows], number=number, size=FILES),
        "is_coordinator": project.coordinator_id == who,
    }


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
