"""What projects wrote to a member; answering them without being known; having no more of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consentry_server.common.keys import derive
from consentry_server.messaging import actions, queries
from consentry_server.messaging.rules import REPLIES_A_DAY, body
from consentry_server.projects import queries as projects
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries
from consentry_server.web.message_forms import ReplyForm
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.who import member_id

MESSAGES = 20  # on one page
_MEANINGS = {"true": True, "false": False}


@login_required
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """Show what projects wrote to a member, the latest first."""
    number = asked_page(request)
    start = (number - 1) * MESSAGES
    rows = queries.received(member_id(request))[start : start + MESSAGES + 1]
    letters = [{"sent": row, "text": body(row.message.text, row.authorization.project_member.number)} for row in rows]
    return render(request, "web/messages.html", {"page": cut(letters, number=number, size=MESSAGES)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Write to a project, which learns the member's number and nothing else."""
    project = projects.by_slug(slug)
    live = project and sharing_queries.live(member_id=member_id(request), project_id=project.pk)
    if project is None or live is None:
        raise Http404
    form = ReplyForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        text = form.cleaned_data["message"]
        try:
            actions.reply(member_id=member_id(request), project_id=project.pk, text=text, now=timezone.now())
        except actions.TooMany as too_many:
            form.add_error(None, str(too_many))
            status = 429
        else:
            messages.success(request, gettext("Your message is on its way."))
            return redirect("activity", project.slug)
    context = {"project": project, "form": form, "most": REPLIES_A_DAY}
    return render(request, "web/answer.html", context, status=400 if form.errors and status == 200 else status)


@login_required
@require_POST
def set_muted(request: HttpRequest, authorization_id: int) -> HttpResponse:
    """Have no more mail from a project, or have it again."""
    own = sharing_queries.own(member_id=member_id(request), authorization_id=authorization_id)
    muted = _MEANINGS.get(request.POST.get("muted", "").lower())
    if own is None:
        raise Http404
    if muted is None:
        return render(request, "400.html", status=400)
    sharing.set_muted(seat_id=own.project_member_id, muted=muted, now=timezone.now())
    messages.success(
        request, gettext("You get no more mail from this project.") if muted else gettext("You get its mail again.")
    )
    return redirect("connections")


@csrf_exempt  # RFC 8058: mail programs press this button without cookies; the address itself is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def mute(request: HttpRequest, ticket: str) -> HttpResponse:
    """Have no more mail from the project whose mail had this link, without logging in."""
    seat = queries.muting(derive("mute"), ticket)
    if seat is None:
        raise Http404
    if request.method == "POST":
        actions.mute(ticket=ticket, key=derive("mute"), now=timezone.now())
    context = {"project": seat.project, "done": request.method == "POST" or seat.muted_at is not None}
    return render(request, "web/mute.html", context)
