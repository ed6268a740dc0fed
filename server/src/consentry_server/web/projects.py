"""A coordinator's projects: making, changing, looking after the master token."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from consentry_server.common.errors import Conflict
from consentry_server.files import actions as files
from consentry_server.projects import actions, queries
from consentry_server.tokens import actions as tokens
from consentry_server.tokens import queries as token_queries
from consentry_server.web.fields import PasswordAgain
from consentry_server.web.project_forms import NewOnSiteForm, OnSiteForm, RotateForm, lifetime
from consentry_server.web.who import actor, member_id


@login_required
@require_safe
def manage(request: HttpRequest) -> HttpResponse:
    """List the projects that a member runs."""
    return render(request, "web/manage.html", {"projects": queries.coordinated_by(member_id(request))})


def _own(request: HttpRequest, slug: str) -> Any:
    """Return a project that this member runs; of anybody else's they learn nothing."""
    project = queries.of_coordinator(slug=slug, member_id=member_id(request))
    if project is None:
        raise Http404
    return project


def _offered(besides: int | None = None) -> list[tuple[int, str]]:
    return [
        (source.pk, f"{source.name}: {source.returned_data_description}")
        for source in queries.requestable_sources()
        if source.pk != besides
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make an on-site project and its first master token."""
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = NewOnSiteForm(*posted, offered=_offered())
    if not form.is_valid():
        return render(request, "web/project_form.html", {"form": form}, status=400 if form.is_bound else 200)
    now, fields = timezone.now(), form.cleaned_data
    life = lifetime(fields.pop("token_lifetime") or "24 hours")
    badge = fields.pop("badge_image")
    project = actions.create(coordinator_id=member_id(request), kind="on-site", fields=fields, now=now)
    _set_badge(request, project, badge)
    tokens.rotate(project_id=project.pk, actor=actor(request), replacing="", lifetime=life, now=now)
    messages.success(request, "Your project is made. Up to 20 members can join until staff approve it.")
    return redirect("project", project.slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a project; who agreed before keeps what they agreed to."""
    project = _own(request, slug)
    if request.method == "POST":
        form = OnSiteForm(request.POST, request.FILES, offered=_offered(project.pk))
    else:
        form = OnSiteForm(initial=_initial(project), offered=_offered(project.pk))
    if not form.is_valid():
        context = {"form": form, "project": project}
        return render(request, "web/project_form.html", context, status=400 if form.is_bound else 200)
    badge = form.cleaned_data.pop("badge_image")
    project = actions.edit(project=project, actor=actor(request), fields=form.cleaned_data, now=timezone.now())
    _set_badge(request, project, badge)
    messages.success(request, "Saved. Members who joined before keep sharing what they agreed to.")
    return redirect("project", project.slug)


def _set_badge(request: HttpRequest, project: Any, image: bytes | None) -> None:
    if image is not None:
        files.set_badge(project_id=project.pk, image=image, actor=actor(request), now=timezone.now())


def _initial(project: Any) -> dict[str, Any]:
    apart = {"requested_sources", "badge_image"}
    plain = {name: getattr(project, name) for name in OnSiteForm.base_fields if name not in apart}
    sources = [source.pk for source in queries.requested_sources(project)]
    return plain | {"requested_sources": sources}


@login_required
@require_safe
def details(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a coordinator what there is to know of a project; the token only in part."""
    return _details(request, _own(request, slug))


def _details(request: HttpRequest, project: Any, *, secret: str = "", status: int = 200, **forms: Any) -> HttpResponse:
    token = token_queries.current(project.pk)
    first = {"replacing": token.fingerprint if token else "", "lifetime": "24 hours", "overlap": 0}
    eternal = project.eternal_tokens_allowed
    context = {
        "project": project,
        "sources": queries.requested_sources(project),
        "token": token,
        "expired": bool(token and token.expires_at and token.expires_at <= timezone.now()),
        "secret": secret,
        "reveal": PasswordAgain(request, prefix="reveal"),
        "rotate": RotateForm(request, initial=first, eternal=eternal, prefix="rotate"),
    }
    return render(request, "web/project.html", context | forms, status=status)


@login_required
@sensitive_post_parameters("reveal-password")
@require_http_methods(["POST"])
def reveal_token(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the master token once the password was entered again."""
    project = _own(request, slug)
    form = PasswordAgain(request, request.POST, prefix="reveal")
    if not form.is_valid():
        return _details(request, project, status=400, reveal=form)
    secret = tokens.reveal(project_id=project.pk, actor=actor(request), now=timezone.now())
    return _details(request, project, secret=secret or "")


@login_required
@sensitive_post_parameters("rotate-password")
@require_http_methods(["POST"])
def rotate_token(request: HttpRequest, slug: str) -> HttpResponse:
    """Replace the master token and show the new one."""
    project = _own(request, slug)
    form = RotateForm(request, request.POST, eternal=project.eternal_tokens_allowed, prefix="rotate")
    if not form.is_valid():
        return _details(request, project, status=400, rotate=form)
    try:
        secret = tokens.rotate(
            project_id=project.pk,
            actor=actor(request),
            replacing=form.cleaned_data["replacing"],
            lifetime=lifetime(form.cleaned_data["lifetime"]),
            overlap=timedelta(hours=form.cleaned_data["overlap"]),
            now=timezone.now(),
        )
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return _details(request, project, status=409)
    return _details(request, project, secret=secret)
