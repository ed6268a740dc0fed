"""A coordinator looks after what their app proves itself with: made, replaced and ended, shown once."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from consentry_server.common.errors import Conflict, NotFound
from consentry_server.projects import queries as projects
from consentry_server.projects.rules.team import Do
from consentry_server.tokens import actions
from consentry_server.tokens.queries import acting
from consentry_server.web.fields import PasswordAgain, Text
from consentry_server.web.running import doing, project_for
from consentry_server.web.who import actor

_OVERLAPS = (("0", _("at once")), ("1", _("after an hour")), ("24", _("after a day")), ("168", _("after a week")))


class SecretForm(PasswordAgain):
    """Another secret for an app, and what becomes of the one that it has."""

    replacing = Text(required=False, max_length=8, widget=forms.HiddenInput)
    overlap = forms.TypedChoiceField(
        label=_("The old one ends"), choices=_OVERLAPS, coerce=int, required=False, initial="24"
    )
    field_order = ("replacing", "overlap", "password")

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if first:
            del self.fields["overlap"]


def app_of(project: Any) -> dict[str, Any]:
    """Return what a page says of a project as an app; nothing of one that is none."""
    client = projects.client_of(project.pk)
    if client is None:
        return {}
    secrets = acting.secrets_of(project.pk, now=timezone.now())
    return {"client": client, "secrets": secrets, "authorize_address": _authorize_address(client)}


def _authorize_address(client: Any) -> str:
    """Return where the app sends people, without what it draws anew each time."""
    asked = {"client_id": client.client_id, "response_type": "code"}
    if len(client.addresses) > 1:
        asked["redirect_uri"] = client.addresses[0]
    return f"{settings.SITE_URL}{reverse('oauth_authorize')}?{urlencode(asked)}"


def app_for(request: HttpRequest, slug: str, do: Do) -> tuple[Any, dict[str, Any]]:
    """Return an app whose team this member is in and with which they may do that, and what a page says of it."""
    project = project_for(request, slug, do, kind="oauth2")
    return project, app_of(project)


@login_required
@require_safe
def client_secrets(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what there is to know of an app's secrets; never themselves."""
    return _page(request, *app_for(request, slug, Do.SETTINGS))


def _page(
    request: HttpRequest, project: Any, app: dict[str, Any], *, secret: str = "", status: int = 200, form: Any = None
) -> HttpResponse:
    present = _present(app)
    known = {"replacing": present.fingerprint if present else ""}
    shown = form or SecretForm(request, initial=known, first=present is None, prefix="secret")
    context = {"project": project, "present": present, "secret": secret, "form": shown}
    return render(request, "web/client_secrets.html", app | context, status=status)


def _present(app: dict[str, Any]) -> Any:
    return next((secret for secret in app["secrets"] if secret.ends_at is None), None)


@login_required
@sensitive_post_parameters("secret-password")
@require_POST
def replace_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Give an app its first secret or another one, and show it this once."""
    project, app = app_for(request, slug, Do.CLIENT)
    if app["client"].public:
        raise Http404
    form = SecretForm(request, request.POST, first=_present(app) is None, prefix="secret")
    if not form.is_valid():
        return _page(request, project, app, status=400, form=form)
    overlap = timedelta(hours=form.cleaned_data.get("overlap") or 0)
    about: dict[str, Any] = {"project_id": project.pk, "actor": actor(request), "now": timezone.now()}
    try:
        with doing(request, project, Do.CLIENT):
            secret = actions.rotate_secret(replacing=form.cleaned_data["replacing"], overlap=overlap, **about)
    except Conflict as conflict:
        messages.error(request, str(conflict))
        return _page(request, project, app_of(project), status=409)
    return _page(request, project, app_of(project), secret=secret)


@login_required
@require_POST
def end_secret(request: HttpRequest, slug: str, secret_id: int) -> HttpResponse:
    """End a secret that was replaced, before its time."""
    project, _ = app_for(request, slug, Do.CLIENT)
    try:
        with doing(request, project, Do.CLIENT):
            actions.end_secret(project_id=project.pk, actor=actor(request), secret_id=secret_id, now=timezone.now())
    except NotFound:
        raise Http404 from None
    messages.success(request, gettext("The old secret is ended. Whoever still uses it is refused."))
    return redirect("client_secrets", project.slug)
