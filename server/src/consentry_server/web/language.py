"""In which language a page is: as its member chose, else as this browser did, else as it asks for, else English."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from consentry_server.members import actions as members
from consentry_server.members.rules import LANGUAGES
from consentry_server.web.middleware import database_is_away
from consentry_server.web.returning import is_own_path
from consentry_server.web.who import member_id

_OURS = frozenset(("page", "members", "q", "does", "kind", "study", "nonprofit", "project", "since", "until"))
_KEPT_FOR = 365 * 86400  # seconds for which a browser remembers a choice

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Language:
    """Wraps the answer of every page; afterwards the thread speaks no language, as programs are answered in it too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(_asked(request), deactivate=True):
            response = self.get_response(request)
            if response.headers.get("Content-Type", "").startswith("text/html"):
                response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
                patch_vary_headers(response, ("Accept-Language", "Cookie"))
            return response


def _asked(request: HttpRequest) -> str:
    """Return what the browser says; the pages of staff are Django's, and English."""
    if settings.STAFF_SITE and request.path_info.startswith(f"/{settings.STAFF_PATH}/"):
        return settings.LANGUAGE_CODE
    return translation.get_language_from_request(request)


class MembersLanguage:
    """Within the other one: what a member has chosen comes first."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            chosen = getattr(request.user, "language", "") if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
        except (InterfaceError, OperationalError) as error:
            return database_is_away(error)
        if chosen in LANGUAGES:
            translation.activate(chosen)
        return self.get_response(request)


def languages(request: HttpRequest) -> dict[str, object]:
    """Say to every template which languages there are, and where to come back to once one is chosen."""
    return {"languages": LANGUAGES, "here": _here(request)}


def _here(request: HttpRequest) -> str:
    """Return the address of this page, with what our own pages and forms put into it and nothing else."""
    if request.method != "GET" or request.resolver_match is None:
        return "/"
    known = [(name, value) for name, value in request.GET.items() if name in _OURS]
    asked = request.GET.get("next", "")
    known += [("next", asked)] if is_own_path(asked) else []
    return f"{request.path}?{urlencode(known)}" if known else request.path


@csrf_exempt  # no page of ours has a token for strangers, and from elsewhere nobody comes with their session
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Show pages in another language from now on: to a member everywhere, to anybody else in this browser."""
    language = request.POST.get("language", "")
    here = request.POST.get("here", "")  # not `next`, which whoever fills in the other form of a page would send along
    answer = redirect(here if is_own_path(here) else "/")
    if language not in LANGUAGES:
        return answer
    if request.user.is_authenticated:
        members.choose_language(member_id=member_id(request), language=language, now=timezone.now())
    remember(answer, language)
    return answer


def remember(response: HttpResponseBase, language: str) -> None:
    """Have the browser ask for a language, or for none in particular."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=_KEPT_FOR,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
