"""What a member shares with whom, and ending it."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consentry_server.common.errors import NotFound
from consentry_server.files import actions as files
from consentry_server.sharing import queries
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.queries import acting
from consentry_server.web.changing import readable
from consentry_server.web.fields import StrictYes
from consentry_server.web.returning import next_path
from consentry_server.web.texts import markdown
from consentry_server.web.who import member_id


@login_required
@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """Show all that a member shares now and has shared before."""
    who = member_id(request)
    shared = queries.connections(who)
    apps = acting.apps_of([connection.authorization.pk for connection in shared], now=timezone.now())
    found = [
        {
            "connection": connection,
            "text": markdown(connection.consent.text if connection.consent else ""),
            "app": apps.get(connection.authorization.pk),
            "differs": readable(connection.change),
        }
        for connection in shared
    ]
    return render(request, "web/connections.html", {"connections": found, "past": queries.past_of(who)})


@login_required
@require_POST
def sign_out(request: HttpRequest, authorization_id: int) -> HttpResponse:
    """End the keys with which an app acts for a member, who goes on sharing."""
    try:
        tokens.sign_out(member_id=member_id(request), authorization_id=authorization_id, now=timezone.now())
    except NotFound:
        raise Http404 from None
    messages.success(
        request, gettext("The app is signed out. It has to send you here again before it can act for you.")
    )
    return redirect("connections")


class LeaveForm(forms.Form):
    """The two choices of whoever leaves."""

    remove_datafiles = StrictYes(label=_("Also delete the files that this project put into my account"))
    erasure_requested = StrictYes(label=_("Also ask the project to erase its own copy of my data"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, authorization_id: int) -> HttpResponse:
    """End a sharing; from that second on the project reads nothing."""
    authorization = queries.own(member_id=member_id(request), authorization_id=authorization_id)
    if authorization is None:
        raise Http404
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if not authorization.project.erasure_supported:
        del form.fields["erasure_requested"]
    if form.is_valid():
        return _leave(request, authorization_id, form)
    status = 400 if form.errors else 200
    context = {"form": form, "project": authorization.project, "next": next_path(request, "")}
    return render(request, "web/leave.html", context, status=status)


def _leave(request: HttpRequest, authorization_id: int, form: LeaveForm) -> HttpResponse:
    files.leave(
        member_id=member_id(request),
        authorization_id=authorization_id,
        remove_files=form.cleaned_data["remove_datafiles"],
        erasure=form.cleaned_data.get("erasure_requested", False),
        now=timezone.now(),
    )
    messages.success(request, gettext("You have left. The project can no longer read anything of yours."))
    return redirect(next_path(request, reverse("connections")))
