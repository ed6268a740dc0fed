"""The page to which apps send members: it shows exactly what the app would get, and sends them back."""

from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError

from consentry_server.files import queries as files
from consentry_server.oauth import asking, logins, params
from consentry_server.oauth.asking import Ticket
from consentry_server.oauth.client import App, find
from consentry_server.oauth.server import core
from consentry_server.projects.actions import NoSeat
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.actions import Asked
from consentry_server.tokens.rules import DEFAULT_SCOPE, OPENID

HIDDEN = "hidden_membership"


@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask a member whether an app may come in, and send them back to it with the answer."""
    if request.method == "POST":
        return _answered(request)
    if len(logins.way_back(request)) > logins.LONGEST_WAY_BACK:
        return _broken(request, "What it sends along is too long.")
    app = find(request.GET.get("client_id"), asked_of=params.asked_of(request))
    if app is None or app.row.project is None:
        raise Http404
    if not app.row.project.active:
        return redirect("authorize_inactive")
    if not request.user.is_authenticated:
        return _log_in_first(request, app)
    return _asked(request, app)


def authorize_inactive(request: HttpRequest) -> HttpResponse:
    """Say that an app takes nobody at the moment."""
    return render(request, "oauth/inactive.html")


def _log_in_first(request: HttpRequest, app: App) -> HttpResponse:
    """Keep the way back in the browser, not in an address; an app that wants no page hears that there would be one.

    But only one that staff have looked at: whoever clicks on a link of ours is not sent on to anybody's address
    (RFC 9700 section 4.11.2).
    """
    if "none" in params.prompts(request) and app.row.project.approved_at is not None:
        return _checked(request, app) or _login_required(request, app)
    return _and_back(request, redirect("account_login"))


def _and_back(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Keep the way back to this page while the member is elsewhere on this site."""
    kept = signing.dumps(logins.way_back(request), salt=settings.RETURN_COOKIE)
    name, life = settings.RETURN_COOKIE, settings.RETURN_FOR
    response.set_cookie(name, kept, max_age=life, httponly=True, samesite="Lax", secure=settings.SECURE)
    return response


def _log_in_again(request: HttpRequest, app: App) -> HttpResponse:
    """Have the member give the password once more, as the app wants to be sure of them."""
    if "none" in params.prompts(request):
        return _login_required(request, app)
    return _and_back(request, redirect("account_reauthenticate"))


def _login_required(request: HttpRequest, app: App) -> HttpResponse:
    return _back(_place(request, app), error="login_required", **_state(request))


def _checked(request: HttpRequest, app: App) -> HttpResponse | None:
    """Refuse what is not asked properly: on a page if the app cannot be trusted to be told, else by sending back."""
    fault = params.fault(request.GET)
    if fault:
        return _broken(request, fault)
    try:
        core.validate_authorization_request(request)
    except FatalClientError as error:
        return _broken(request, error.oauthlib_error.description)
    except OAuthToolkitError as error:
        found = error.oauthlib_error
        told = {"error_description": found.description} if found.description else {}
        return _back(_place(request, app), error=found.error, **told, **_state(request))
    return None


def _broken(request: HttpRequest, reason: str, *, status: int = 400) -> HttpResponse:
    return render(request, "oauth/broken.html", {"reason": reason}, status=status)


def _place(request: HttpRequest, app: App) -> str:
    """Return where the app wants members sent back to; it has been checked."""
    return request.GET.get("redirect_uri") or app.default_redirect_uri or ""


def _state(request: HttpRequest) -> dict[str, str]:
    state = request.GET.get("state")
    return {"state": state} if state else {}


def _back(uri: str, **said: str) -> HttpResponse:
    """Send a browser to an app. `iss` says who speaks, so that nobody takes our answer for another's (RFC 9207).

    The address stays as it was registered, letter by letter (RFC 6749 section 3.1.2).
    """
    response = HttpResponse(status=302)
    query = urlencode({**said, "iss": settings.SITE_URL})
    response.headers["Location"] = f"{uri}{'&' if '?' in uri else '?'}{query}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(request: HttpRequest, app: App) -> HttpResponse:
    refusal = _checked(request, app)
    if refusal is not None:
        return refusal
    if logins.is_due(request):
        return _log_in_again(request, app)
    asked = _asked_by(request, app)
    ask = queries.ask(app.project_id)
    origin = "open-humans" if request.GET.get("origin") == "open-humans" else "external"
    ticket = Ticket(asked, ask.sha256, request.GET.get("state") or None, origin)
    if not _wants_page(request, app):
        code = tokens.allow_again(member_id=_member(request), asked=asked, now=timezone.now())
        if code is not None:
            return _let_in(ticket, code)
    if "none" in params.prompts(request):
        return _back(asked.redirect_uri, error="consent_required", **_state(request))
    return _page(request, app, ticket)


def _wants_page(request: HttpRequest, app: App) -> bool:
    """Say whether the member sees the page in any case: the app says so, or another could pass itself off as it."""
    forced = request.GET.get("approval_prompt") == "force" or {"consent", "select_account"} & params.prompts(request)
    return bool(forced) or not app.is_sure_at(_place(request, app))


def _asked_by(request: HttpRequest, app: App) -> Asked:
    return Asked(
        project_id=app.project_id,
        redirect_uri=_place(request, app),
        redirect_given=bool(request.GET.get("redirect_uri")),
        scope=params.scopes(request.GET.get("scope", "")) or DEFAULT_SCOPE,
        code_challenge=request.GET.get("code_challenge", ""),
        nonce=request.GET.get("nonce", ""),
        logged_in_at=logins.logged_in_at(request),
    )


def _member(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _page(request: HttpRequest, app: App, ticket: Ticket, *, changed: bool = False) -> HttpResponse:
    """Show what the app would get. A form of it can be answered once, in the session that it was shown in."""
    who = {"member_id": _member(request), "project_id": app.project_id}
    if not queries.has_room(**who):
        return _full(request, app)
    ask, live = queries.ask(app.project_id), queries.live(**who)
    agreed = queries.last_consent(live) if live else None
    change = queries.changed(agreed, ask)
    context = {
        "app": app.row,
        "project": app.row.project,
        "ask": ask,
        "sources": files.opened_by(ask.sources, all_of_them=ask.all_sources, member_id=who["member_id"]),
        "changed": changed,
        "agreed": agreed,
        "differs": {"change": change} if change else None,
        "seat": queries.seat(**who),
        "ticket": asking.keep(request, ticket._replace(shown=ask.sha256), now=timezone.now()),
        "asked": ticket.asked,
        "state": ticket.state or "",
        "identity": OPENID in ticket.asked.scope.split(),
    }
    response = render(request, "oauth/authorize.html", context, status=409 if changed else 200)
    response.leads_to = ticket.asked.redirect_uri  # type: ignore[attr-defined]
    return response


def _full(request: HttpRequest, app: App) -> HttpResponse:
    name = app.row.project.name
    messages.error(
        request,
        f'Sorry, "{name}" has not been approved and has exceeded the 20 member limit for unapproved projects.',
    )
    return redirect("data")


def _answered(request: HttpRequest) -> HttpResponse:
    """Do what the member said to exactly what they were shown."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    ticket = asking.take(request, now=timezone.now())
    if ticket is None:
        return render(request, "oauth/over.html", status=403)
    app = find(request.POST.get("client_id"), asked_of=params.asked_of(request))
    if app is None or app.project_id != ticket.asked.project_id:
        raise Http404
    if not app.row.project.active:
        return redirect("authorize_inactive")
    if not app.redirect_uri_allowed(ticket.asked.redirect_uri):
        return _broken(request, "It may no longer send people back to where it wanted.", status=409)
    if not request.POST.get("allow"):
        return _declined(request, ticket)
    return _allowed(request, app, ticket)


def _declined(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    sharing.decline(member_id=_member(request), project_id=ticket.asked.project_id, now=timezone.now())
    state = {"state": ticket.state} if ticket.state else {}
    return _back(ticket.asked.redirect_uri, error="access_denied", **state)


def _allowed(request: HttpRequest, app: App, ticket: Ticket) -> HttpResponse:
    try:
        code = tokens.allow(
            member_id=_member(request),
            asked=replace(ticket.asked, logged_in_at=logins.logged_in_at(request)),
            shown=ticket.shown,
            hidden=request.POST.get("hide-membership") == HIDDEN,
            now=timezone.now(),
        )
    except NoSeat:
        return _full(request, app)
    except sharing.AskChanged:
        return _page(request, app, ticket, changed=True)
    return _let_in(ticket, code)


def _let_in(ticket: Ticket, code: str) -> HttpResponse:
    state = {"state": ticket.state} if ticket.state else {}
    return _back(ticket.asked.redirect_uri, code=code, **state, origin=ticket.origin)
