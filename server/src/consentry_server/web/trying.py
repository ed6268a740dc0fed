"""A coordinator walks through their own app, step by step, and sees each request and each answer.

Nothing is played: the member is who walks, the requests are made as an app makes them, and what comes of them is
ended when the walk is over, half an hour after it began at the latest.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from consentry_server.common.ids import digest
from consentry_server.projects.rules.team import Do
from consentry_server.sharing import queries as sharing
from consentry_server.tokens import actions as tokens
from consentry_server.web import walk as walks
from consentry_server.web.calling import Ask, answer_to
from consentry_server.web.client_secrets import app_for
from consentry_server.web.walk import Walk
from consentry_server.web.who import member_id


class BeginForm(forms.Form):
    """What a walk needs that this site does not know: it keeps only a hash of the app's secret."""

    secret = forms.CharField(
        label=_("Client secret"),
        max_length=200,
        help_text=_("Paste it. It is forgotten when the walk is over."),
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, app: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {bytes(secret.sha256) for secret in app["secrets"]}
        if app["client"].public:
            del self.fields["secret"]

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if digest(secret) not in self.known:
            raise forms.ValidationError(gettext("This is not a secret of this app."))
        return secret


@login_required
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def try_app(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where the walk is and take the next step of it; members are sent back here, if it is the coordinator."""
    project, app = app_for(request, slug, Do.TRY)
    walk = walks.of(request, project.pk, now=timezone.now())
    if request.method != "POST":
        return _page(request, project, app, walk)
    if request.POST.get("step") == "begin":
        return _begin(request, project, app)
    return _step(request, project, app, walk)


def _begin(request: HttpRequest, project: Any, app: dict[str, Any]) -> HttpResponse:
    form = BeginForm(request.POST, app=app)
    if not form.is_valid():
        return _page(request, project, app, None, form=form)
    now, before = timezone.now(), walks.last_of(request)
    if before is not None and before.refresh:
        tokens.revoke_token(secret=before.refresh, project_id=before.project_id, now=now)
    walks.begin(request, project.pk, form.cleaned_data.get("secret", ""), now=now)
    return redirect("try_app", project.slug)


def _step(request: HttpRequest, project: Any, app: dict[str, Any], walk: Walk | None) -> HttpResponse:
    step = request.POST.get("step", "")
    if walk is None or not _may_take(step, walk, request):
        messages.info(request, gettext("That step is over. This is where your walk is."))
        return redirect("try_app", project.slug)
    call = walks.call(step, walk, project, app["client"], code=request.POST.get("code", ""))
    answer = answer_to(request)
    if answer is None:
        return Ask(call)
    walk.note(step, call, answer)
    if step in ("token", "refresh"):
        until = datetime.fromtimestamp(walk.until, UTC)
        tokens.end_by(secret=walk.access, project_id=project.pk, until=until)
    walks.keep(request, walk)
    return redirect("try_app", project.slug)


def _may_take(step: str, walk: Walk, request: HttpRequest) -> bool:
    if step == "token":
        return walk.next == step and walk.is_its(request.POST.get("state", ""))
    return bool(walk.refresh) and step in (walk.next, "end")


def _page(
    request: HttpRequest, project: Any, app: dict[str, Any], walk: Walk | None, *, form: BeginForm | None = None
) -> HttpResponse:
    back = _came_back(request, walk)
    context = {
        "project": project,
        "walk": walk,
        "form": form or BeginForm(app=app),
        "minutes": int(walks.LASTS.total_seconds() // 60),
        "live": sharing.live(member_id=member_id(request), project_id=project.pk),
        "back": back,
        "next": _next(walk, project, app["client"], back) if walk else None,
    }
    return render(request, "web/try_app.html", app | context, status=400 if form else 200)


def _came_back(request: HttpRequest, walk: Walk | None) -> dict[str, Any] | None:
    """Return what stands in the address when the coordinator is sent back here."""
    if not {"code", "error"} & set(request.GET):
        return None
    said = {name: request.GET.get(name, "")[:500] for name in request.GET}
    its = walk is not None and walk.next == "token" and walk.is_its(said.get("state", ""))
    lines = [f"{name}={walks.masked(value)}" for name, value in said.items()]
    return {"its": its, "said": said, "lines": lines}


def _next(walk: Walk, project: Any, client: Any, back: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the page offers now: the address to go to first, or the request to send."""
    if walk.next != "token":
        step = walk.next
        return {"step": step, "request": walks.curl(walks.call(step, walk, project, client)) if step else ""}
    if back and back["its"] and back["said"].get("code"):
        call = walks.call("token", walk, project, client, code=back["said"]["code"])
        return {"step": "token", "request": walks.curl(call), "code": back["said"]["code"]}
    query = walks.authorize_query(walk, project, client)
    page = f"{settings.SITE_URL}{reverse('oauth_authorize')}"
    lines = [f"{'&' if nth else '?'}{urlencode({name: query[name]}, safe=':/')}" for nth, name in enumerate(query)]
    return {"step": "authorize", "address": f"{page}?{urlencode(query)}", "request": "\n".join([page, *lines])}
