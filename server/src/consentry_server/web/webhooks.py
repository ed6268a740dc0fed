"""A coordinator looks after a project's webhook: what arrived and what did not, trying again, the secret."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from consentry_server.common.errors import Conflict, Invalid, NotFound
from consentry_server.outbox import queries as outbox
from consentry_server.projects import actions as projects
from consentry_server.projects import queries as project_queries
from consentry_server.projects.rules.team import Do
from consentry_server.sharing import actions, queries
from consentry_server.web.departure_forms import ReplayForm, SecretForm
from consentry_server.web.fields import PasswordAgain
from consentry_server.web.running import doing, project_for
from consentry_server.web.who import actor

MOST = 200  # rows of each list
KIND = "sharing.webhook"


@login_required
@require_safe
def deliveries(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the webhook was told in vain, and what it is still to be told."""
    return _page(request, project_for(request, slug, Do.HISTORY))


def _page(request: HttpRequest, project: Any, *, secret: str = "", status: int = 200, **forms: Any) -> HttpResponse:
    row = project_queries.webhook_secret(project.pk)
    known = {"replacing": row.fingerprint if row else "", "overlap": 1}
    which: dict[str, Any] = {"kind": KIND, "about": f"project:{project.pk}", "limit": MOST}
    context = {
        "project": project,
        "secret_row": row,
        "secret": secret,
        "dead": _named(project, list(outbox.dead(**which))),
        "waiting": _named(project, list(outbox.waiting(**which))),
        "reveal": PasswordAgain(request, prefix="reveal"),
        "replace": SecretForm(request, initial=known, prefix="replace"),
    }
    return render(request, "web/deliveries.html", context | forms, status=status)


def _named(project: Any, entries: list[Any]) -> list[tuple[Any, str]]:
    numbers = queries.told_by(project.pk, [entry.id for entry in entries])
    return [(entry, numbers.get(entry.id, "")) for entry in entries]


def undelivered(project: Any) -> int:
    """Return how much the webhook was told in vain, up to what its page shows."""
    return sum(1 for _ in outbox.dead(kind=KIND, about=f"project:{project.pk}", limit=MOST))


@login_required
@require_POST
def replay(request: HttpRequest, slug: str) -> HttpResponse:
    """Try once more what the webhook did not take."""
    project, form = project_for(request, slug, Do.WEBHOOK), ReplayForm(request.POST)
    if not form.is_valid():
        raise Http404
    who = {"project_id": project.pk, "actor": actor(request), "now": timezone.now()}
    try:
        with doing(request, project, Do.WEBHOOK):
            actions.replay_webhook(effect_id=form.cleaned_data["effect"], **who)
    except NotFound:
        raise Http404 from None
    messages.success(
        request, gettext("It is tried again now. Load this page again in a moment to see what became of it.")
    )
    return redirect("deliveries", project.slug)


@login_required
@sensitive_post_parameters("reveal-password")
@require_POST
def reveal_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the secret once the password was entered again."""
    project = project_for(request, slug, Do.WEBHOOK)
    form = PasswordAgain(request, request.POST, prefix="reveal")
    if not form.is_valid():
        return _page(request, project, status=400, reveal=form)
    with doing(request, project, Do.WEBHOOK):
        secret = projects.reveal_webhook_secret(project_id=project.pk, actor=actor(request), now=timezone.now())
    return _page(request, project, secret=secret or "")


@login_required
@sensitive_post_parameters("replace-password", "replace-secret")
@require_POST
def replace_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign with another secret and show it; the old one may sign along for some hours."""
    project = project_for(request, slug, Do.WEBHOOK)
    form = SecretForm(request, request.POST, prefix="replace")
    if not form.is_valid():
        return _page(request, project, status=400, replace=form)
    said = {name: form.cleaned_data[name] for name in ("replacing", "secret")}
    overlap = timedelta(hours=form.cleaned_data["overlap"])
    who = {"project_id": project.pk, "actor": actor(request), "now": timezone.now()}
    try:
        with doing(request, project, Do.WEBHOOK):
            secret = projects.replace_webhook_secret(**said, overlap=overlap, **who)
    except Invalid as invalid:
        form.add_error("secret", invalid.faults["secret"])
        return _page(request, project, status=400, replace=form)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return _page(request, project, status=409)
    return _page(request, project, secret=secret)
