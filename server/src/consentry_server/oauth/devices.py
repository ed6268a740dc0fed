"""Letting in an app on something without a browser: the member types the code that it shows."""

import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from consentry_server.common.errors import NotFound
from consentry_server.files import queries as files
from consentry_server.oauth import tries
from consentry_server.projects.actions import NoSeat
from consentry_server.sharing import queries
from consentry_server.sharing.actions import AskChanged
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import LETTERS

_CODE = re.compile(f"[{LETTERS}]{{8}}", re.ASCII)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Find what waits under a code, show what it would get, and let it in or not."""
    if request.method != "POST":
        return _enter(request, request.GET.get("user_code", "")[:20])
    who = str(request.user.pk)
    wait = tries.wait("device", who, most=tries.CODES, wrong=False)
    if wait:
        return _enter(
            request, "", fault=gettext("Too many wrong codes. Wait {seconds} seconds.").format(seconds=wait), status=429
        )
    code = _plain(request.POST.get("user_code", ""))
    if not code or _waiting(request, code) is None:
        tries.wait("device", who, most=tries.CODES, wrong=True)
        return _enter(
            request, code, fault=gettext("No app waits under this code. Look again: it works for ten minutes.")
        )
    if "allow" in request.POST or "deny" in request.POST:
        return _decided(request, code)
    tokens.claim_device(user_code=code, member_id=int(who), now=timezone.now())
    return _ask(request, code)


def _waiting(request: HttpRequest, code: str) -> Any:
    return acting.waiting_device(code, member_id=int(request.user.pk or 0), now=timezone.now())


def _plain(typed: str) -> str:
    letters = re.sub(r"[^A-Z]", "", typed.upper())
    return f"{letters[:4]}-{letters[4:]}" if _CODE.fullmatch(letters) else ""


def _enter(request: HttpRequest, code: str, *, fault: str = "", status: int = 0) -> HttpResponse:
    context = {"code": code, "fault": fault}
    return render(request, "oauth/device.html", context, status=status or (400 if fault else 200))


def _ask(request: HttpRequest, code: str, *, changed: bool = False) -> HttpResponse:
    found = _waiting(request, code)
    if found is None:
        return _enter(request, code, fault=gettext("No app waits under this code any more."))
    ask, member_id = queries.ask(found.project_id), int(request.user.pk or 0)
    context = {
        "code": code,
        "project": found.project,
        "ask": ask,
        "sources": files.opened_by(ask.sources, all_of_them=ask.all_sources, member_id=member_id),
        "changed": changed,
        "seat": queries.seat(member_id=member_id, project_id=found.project_id),
    }
    return render(request, "oauth/device_ask.html", context, status=409 if changed else 200)


def _decided(request: HttpRequest, code: str) -> HttpResponse:
    allowed = "allow" in request.POST
    try:
        tokens.decide_device(
            user_code=code,
            member_id=int(request.user.pk or 0),
            shown=request.POST.get("shown", "") if allowed else None,
            hidden=request.POST.get("hide-membership") == "hidden_membership",
            now=timezone.now(),
        )
    except AskChanged:
        return _ask(request, code, changed=True)
    except (NotFound, NoSeat) as refused:
        return _enter(request, code, fault=str(refused))
    messages.success(
        request, gettext("Done. Go back to your device.") if allowed else gettext("You said no. Nothing is shared.")
    )
    return redirect("connections")
