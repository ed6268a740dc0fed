"""A coordinator writes to the members of a project, whom they do not know, and removes some."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from consentry_server.common.errors import Invalid
from consentry_server.common.keys import derive
from consentry_server.common.strict import storable
from consentry_server.messaging import actions, queries
from consentry_server.messaging.rules import Draft, Letter, Parties, Site, message_letter
from consentry_server.projects.rules.team import Do
from consentry_server.sharing.queries import seats
from consentry_server.sharing.rules import is_number
from consentry_server.web.message_forms import MessageForm, RemovalForm
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.running import doing, project_for
from consentry_server.web.who import actor

MESSAGES = 20  # on one page
_NAMED = 10_000  # members at most whose numbers are filled in
_SAMPLE = "12345678"  # a number for the preview


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, slug: str) -> HttpResponse:
    """Write to all members or to some, and see what was written before."""
    project = project_for(request, slug, Do.MESSAGES, act=Do.WRITE)
    form = MessageForm(request.POST if request.method == "POST" else None, initial=_named(request, project))
    if not form.is_valid():
        return _message_page(request, project, form)
    if "preview" in request.POST:
        return _message_page(request, project, form, _preview(project, form.draft()))
    once = form.cleaned_data["once"]
    draft: dict[str, Any] = {"draft": form.draft(), "once": once}
    try:
        with doing(request, project, Do.WRITE):
            actions.write(project_id=project.pk, actor=actor(request), now=timezone.now(), **draft)
    except Invalid as invalid:
        form.add_faults(invalid)
        return _message_page(request, project, form)
    messages.success(request, gettext("Your message is on its way."))
    return redirect("message_members", project.slug)


def _named(request: HttpRequest, project: Any) -> dict[str, str]:
    """Return whom the address names: one member by number, or those with a tag."""
    number = request.GET.get("number", "")
    if is_number(number):
        return {"project_member_ids": number}
    tag = request.GET.get("tag", "")
    found = seats.numbers(project.pk, seats.Wanted(tag=tag), most=_NAMED) if tag and storable(tag) else []
    return {"project_member_ids": ", ".join(found)}


def _preview(project: Any, draft: Draft) -> Letter:
    """Return the mail as the first of its readers would get it; the link to mute in it works for nobody."""
    number = draft.numbers[0] if draft.numbers else _SAMPLE
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    site = Site(settings.SITE_URL, sender, derive("preview"))
    parties = Parties(0, number, gettext("(their username)"), "", project.name, project.slug, project.contact_email)
    return message_letter(parties, delivery_id=0, given=draft.subject, text=draft.text, site=site)


def _message_page(request: HttpRequest, project: Any, form: MessageForm, preview: Letter | None = None) -> HttpResponse:
    number = asked_page(request)
    start = (number - 1) * MESSAGES
    rows = list(queries.history(project.pk)[start : start + MESSAGES + 1])
    context = {
        "project": project,
        "form": form,
        "preview": preview,
        "page": cut(rows, number=number, size=MESSAGES),
    }
    return render(request, "web/message.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_members(request: HttpRequest, slug: str) -> HttpResponse:
    """End what some members share with a project; each of them is told."""
    project = project_for(request, slug, Do.REMOVE)
    form = RemovalForm(request.POST if request.method == "POST" else None, initial=_named(request, project))
    if form.is_valid():
        try:
            return _removed(request, project, form.cleaned_data["project_member_ids"])
        except Invalid as invalid:
            form.add_faults(invalid)
    context = {"project": project, "form": form}
    return render(request, "web/remove_members.html", context, status=400 if form.errors else 200)


def _removed(request: HttpRequest, project: Any, numbers: tuple[str, ...]) -> HttpResponse:
    with doing(request, project, Do.REMOVE):
        actions.remove_members(project_id=project.pk, numbers=numbers, actor=actor(request), now=timezone.now())
    count = len(numbers)
    messages.success(
        request,
        ngettext(
            "{count} member removed. Each of them is told by mail.",
            "{count} members removed. Each of them is told by mail.",
            count,
        ).format(count=count),
    )
    return redirect("project", project.kind, project.slug)
