"""A coordinator looks after the master tokens of a project: making, showing, replacing, revoking."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consentry_server.common.errors import Invalid, Refused
from consentry_server.limits import numbered, opened
from consentry_server.projects import actions as projects
from consentry_server.projects.rules.team import Do
from consentry_server.tokens import actions, queries
from consentry_server.tokens.rules import reads_only
from consentry_server.web.fields import PasswordAgain
from consentry_server.web.running import doing, project_for
from consentry_server.web.token_forms import NewTokenForm, RotateForm, lifetime, said
from consentry_server.web.who import actor

_HOURS = "24 hours"


def _own_token(project: Any, token_id: int, now: datetime) -> Any:
    token = queries.one(project.pk, token_id, now=now)
    if token is None:
        raise Http404
    return token


def _who(request: HttpRequest, project: Any) -> dict[str, Any]:
    return {"project_id": project.pk, "actor": actor(request), "now": timezone.now()}


def _right_for(rights: Iterable[str]) -> Do:
    """Return what somebody in a team must be allowed to make or show a token with these rights."""
    return Do.READ_TOKENS if reads_only(rights) else Do.TOKENS


def _last_use(token: Any) -> datetime | None:
    """Return when a token was last used, to the minute; the row learns it a minute later."""
    at = opened("tokens").began(numbered(token.pk))
    return token.last_used_at if at is None else datetime.fromtimestamp(at, UTC)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """Make one more token, for one use of its own, and show it."""
    project = project_for(request, slug, Do.READ_TOKENS)
    posted = (request.POST,) if request.method == "POST" else ()
    form = NewTokenForm(
        request,
        *posted,
        eternal=project.eternal_tokens_allowed,
        reads_only=Do.TOKENS not in project.may,
        initial={"lifetime": _HOURS},
    )
    secret = _minted(request, project, form) if form.is_valid() else None
    if secret is None:
        status = 400 if form.is_bound else 200
        return render(request, "web/token_form.html", {"form": form, "project": project}, status=status)
    token = queries.named(project.pk, form.cleaned_data["name"])
    return _token_page(request, project, token, secret=secret)


def _minted(request: HttpRequest, project: Any, form: NewTokenForm) -> str | None:
    asked = form.cleaned_data
    wanted = actions.Wanted(lifetime(asked["lifetime"]), asked["name"], asked["rights"])
    try:
        with doing(request, project, _right_for(asked["rights"])):
            return actions.mint(wanted=wanted, **_who(request, project))
    except Invalid as invalid:
        for field, faults in invalid.faults.items():
            form.add_error(field, faults)
    except Refused as refused:
        form.add_error(None, refused.detail)
    return None


@login_required
@require_safe
def token(request: HttpRequest, slug: str, token_id: int) -> HttpResponse:
    """Show what there is to know of a token, itself only in part."""
    project = project_for(request, slug, Do.SETTINGS)
    return _token_page(request, project, _own_token(project, token_id, timezone.now()))


def _token_page(
    request: HttpRequest, project: Any, token: Any, *, secret: str = "", status: int = 200, **forms: Any
) -> HttpResponse:
    context = {
        "project": project,
        "token": _shown(token, timezone.now()),
        "secret": secret,
        "reveal": PasswordAgain(request, prefix="reveal"),
        "rotate": RotateForm(
            request,
            eternal=project.eternal_tokens_allowed,
            initial={"lifetime": _HOURS, "overlap": 0},
            prefix="rotate",
        ),
    }
    return render(request, "web/token.html", context | forms, status=status)


def tokens_of(project: Any) -> list[Any]:
    """Return the tokens of a project as its coordinator sees them."""
    now = timezone.now()
    return [_shown(token, now) for token in queries.listed(project.pk, now=now)]


def _shown(token: Any, now: datetime) -> Any:
    token.may = said(token.rights)
    token.reads_only = reads_only(token.rights.split(","))
    token.last_used_at = _last_use(token)
    token.over = token.expires_at is not None and token.expires_at <= now
    return token


@login_required
@sensitive_post_parameters("reveal-password")
@require_POST
def reveal(request: HttpRequest, slug: str, token_id: int) -> HttpResponse:
    """Show a token once the password was entered again."""
    project = project_for(request, slug, Do.READ_TOKENS)
    token = _own_token(project, token_id, timezone.now())
    projects.check(project.role, _right_for(token.rights.split(",")))
    form = PasswordAgain(request, request.POST, prefix="reveal")
    if not form.is_valid():
        return _token_page(request, project, token, status=400, reveal=form)
    with doing(request, project, _right_for(token.rights.split(","))):
        secret = actions.reveal(token_id=token.pk, **_who(request, project))
    return _token_page(request, project, token, secret=secret)


@login_required
@sensitive_post_parameters("rotate-password")
@require_POST
def rotate(request: HttpRequest, slug: str, token_id: int) -> HttpResponse:
    """Replace a token and show the new one; the old one may work on for some hours."""
    project = project_for(request, slug, Do.TOKENS)
    old = queries.any_of(project.pk, token_id)
    if old is None:
        raise Http404
    form = RotateForm(request, request.POST, eternal=project.eternal_tokens_allowed, prefix="rotate")
    if not form.is_valid():
        return _token_page(request, project, old, status=400, rotate=form)
    with doing(request, project, Do.TOKENS):
        secret = actions.rotate(
            replacing=old.fingerprint,
            lifetime=lifetime(form.cleaned_data["lifetime"]),
            overlap=timedelta(hours=form.cleaned_data["overlap"]),
            **_who(request, project),
        )
    return _token_page(request, project, queries.named(project.pk, old.name), secret=secret)


@login_required
@require_POST
def revoke(request: HttpRequest, slug: str, token_id: int) -> HttpResponse:
    """End a token at once."""
    project = project_for(request, slug, Do.TOKENS)
    name = _own_token(project, token_id, timezone.now()).name
    with doing(request, project, Do.TOKENS):
        actions.revoke(token_id=token_id, **_who(request, project))
    messages.success(
        request, gettext("The token “{name}” is revoked. No call with it is answered any more.").format(name=name)
    )
    return redirect("project", project.kind, project.slug)
