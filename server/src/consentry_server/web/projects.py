"""A coordinator's projects of both kinds: making, changing, looking at what there is to know."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from consentry_server.files import actions as files
from consentry_server.files.queries.accesses import last_read
from consentry_server.projects import actions, queries
from consentry_server.projects.queries import team
from consentry_server.projects.rules.team import ROLE_NAMES, Do, Role
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.queries import seats
from consentry_server.tokens import actions as tokens
from consentry_server.web.client_secrets import app_of
from consentry_server.web.enrolment import enrolment
from consentry_server.web.project_forms import FORMS
from consentry_server.web.running import doing, project_for
from consentry_server.web.token_forms import lifetime
from consentry_server.web.tokens import tokens_of
from consentry_server.web.webhooks import undelivered
from consentry_server.web.who import actor, member_id


@login_required
@require_safe
def manage(request: HttpRequest) -> HttpResponse:
    """List the projects that a member runs, those that they help to run, and where they are asked to."""
    who = member_id(request)
    context = {
        "projects": queries.coordinated_by(who),
        "helped": [(row, ROLE_NAMES[Role(row.role)]) for row in team.helped_by(who)],
        "asked": len(team.open_invitations(who, now=timezone.now())),
    }
    return render(request, "web/manage.html", context)


def _offered(besides: int | None = None) -> list[tuple[int, str]]:
    return [
        (source.pk, f"{source.name}: {source.returned_data_description}")
        for source in queries.requestable_sources()
        if source.pk != besides
    ]


def _posted(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _form_page(request: HttpRequest, form: Any, kind: str) -> HttpResponse:
    context = {"form": form, "project": form.project, "kind": kind}
    return render(request, "web/project_form.html", context, status=400 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, kind: str) -> HttpResponse:
    """Make a project and its first master token."""
    form = FORMS[kind](request, *_posted(request), offered=_offered())
    if not form.is_valid():
        return _form_page(request, form, kind)
    now = timezone.now()
    project = actions.create(coordinator_id=member_id(request), kind=kind, fields=form.facts(), now=now)
    _set_badge(request, project, form.cleaned_data["badge_image"])
    life = lifetime(form.cleaned_data["token_lifetime"] or "24 hours")
    tokens.mint(project_id=project.pk, actor=actor(request), wanted=tokens.Wanted(life), now=now)
    messages.success(request, gettext("Your project is made. Up to 20 members can join until staff approve it."))
    return redirect("project", project.kind, project.slug)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Change a project; who agreed before keeps what they agreed to."""
    project = project_for(request, slug, Do.EDIT, kind=kind)
    known = FORMS[kind].facts_of(project, queries.client_of(project.pk))
    form = FORMS[kind](request, *_posted(request), offered=_offered(project.pk), project=project, initial=known)
    if not form.is_valid():
        return _form_page(request, form, kind)
    facts = form.facts()
    with doing(request, project, Do.CLOSE if "active" in facts else Do.EDIT):
        project = actions.edit(project=project, actor=actor(request), fields=facts, now=timezone.now())
    _set_badge(request, project, form.cleaned_data["badge_image"])
    messages.success(request, gettext("Saved. Members who joined before keep sharing what they agreed to."))
    return redirect("project", project.kind, project.slug)


def _set_badge(request: HttpRequest, project: Any, image: bytes | None) -> None:
    if image is not None:
        held = doing(request, project, Do.EDIT)
        files.set_badge(project_id=project.pk, image=image, actor=actor(request), now=timezone.now(), held=held)


@login_required
@require_safe
def details(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Show a coordinator what there is to know of a project; its tokens and secrets only in part."""
    project = project_for(request, slug, Do.LOOK, kind=kind)
    known = tokens_of(project)
    context = {
        "project": project,
        "enrolment": enrolment(seats.days(project.pk), timezone.now().date()),
        "last_call": _last_call(project, known),
        "sources": queries.requested_sources(project),
        "tokens": known,
        "undelivered": undelivered(project),
        "earlier": sharing.count_of_earlier(sharing.ask(project.pk)),
    }
    return render(request, "web/project.html", context | app_of(project))


def _last_call(project: Any, known: list[Any]) -> datetime | None:
    """Return when a program last did something for a project: by its ledger, or by the last use of a token."""
    used = [token.last_used_at for token in known]
    return max((at for at in (last_read(project.pk), *used) if at), default=None)
