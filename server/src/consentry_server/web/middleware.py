"""What every page shares: headers, refusal of unstorable input, and pages for refusals."""

import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string

from consentry_server.common import errors
from consentry_server.common.strict import storable
from consentry_server.web.reports import PATH as REPORTS
from consentry_server.web.returning import forget_path

log = logging.getLogger(__name__)

LONGEST = 3_000_000  # bytes of a form
STREAMED = ("/member/me/data/add/",)  # these read their forms themselves: they hold files
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)
_APP = re.compile(r"(?!https?$|javascript$|data$|blob$|file$|filesystem$)[a-z][a-z0-9.+-]{1,80}", re.ASCII)
UNREADABLE = (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError)
_STATUS: list[tuple[type[Exception], int, str]] = [
    (errors.NotFound, 404, "404.html"),
    (errors.Refused, 403, "403.html"),
    (errors.Conflict, 409, "409.html"),
]


def site(_request: HttpRequest) -> dict[str, str]:
    """Say to every template whom to write to."""
    return {"support_email": settings.SUPPORT_EMAIL, "site_url": settings.SITE_URL}


def policy(form_target: str = "") -> str:
    """Return the Content-Security-Policy of a page; `form_target`: where a form may lead outside."""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        f"font-src 'self'; connect-src 'self'; form-action 'self'{_source(form_target)}; "
        f"base-uri 'none'; frame-ancestors 'none'; object-src 'none'; report-uri {REPORTS}"
    )


def _source(url: str) -> str:
    """Return what a policy calls the site of an address, or the app that it opens."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    if _ORIGIN.fullmatch(origin):
        return f" {origin}"
    return f" {parts.scheme}:" if _APP.fullmatch(parts.scheme) else ""


class PageHeaders:
    """The outermost wrap of every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _restore_origin(request)
        if _too_long(request):
            response: HttpResponseBase = HttpResponse(render_to_string("413.html"), status=413)
        elif _readable(request):
            response = self.get_response(request)
        else:
            response = HttpResponse(render_to_string("400.html"), status=400)
        forget_path(request, response)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Content-Security-Policy", policy(getattr(response, "leads_to", "")))
        if settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a refusal of the domain into its page."""
        if isinstance(error, InterfaceError | OperationalError):
            return database_is_away(error)
        if isinstance(error, errors.Unavailable):
            status = 507 if isinstance(error, errors.Full) else 503
            return _later(render_to_string("503.html", {"reason": error.detail}), status=status)
        if isinstance(error, errors.TooMany):
            return _later(render_to_string("429.html", {"reason": error.detail}), status=429, seconds=5)
        for kind, status, template in _STATUS:
            if isinstance(error, kind):
                return render(request, template, {"reason": str(error)}, status=status)
        return None


def database_is_away(error: Exception) -> HttpResponse:
    """Say that nothing is possible for a moment, on a page that needs no database."""
    log.error("the database did not answer: %s", type(error).__name__)
    return _later(render_to_string("503.html"), status=503)


def _too_long(request: HttpRequest) -> bool:
    """Say whether a form has more parts than are read; of one without parts, Django takes 2.5 MB and no more."""
    in_parts = request.content_type == "multipart/form-data" and request.path_info not in STREAMED
    return in_parts and int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST


def _readable(request: HttpRequest) -> bool:
    """Say whether a request is what it claims, and both databases can keep each of its fields.

    Asked before anything else reads the form: Django's own answer to a wrong charset is a 500.
    """
    try:
        cookies = ((name, [value]) for name, value in request.COOKIES.items())
        posted = () if request.path_info in STREAMED else request.POST.lists()
        fields = (*cookies, *request.GET.lists(), *posted)
    except UNREADABLE:
        return False
    texts = (text for name, values in fields for text in (name, *values))
    return all(map(storable, texts))


def _restore_origin(request: HttpRequest) -> None:
    """Say where a form of ours came from, as `no-referrer` makes browsers write `Origin: null`.

    The header believed here is one that no page can set; a form from elsewhere stays refused.
    """
    site_of_form = request.headers.get("Sec-Fetch-Site")
    if request.headers.get("Origin") == "null" and site_of_form == "same-origin":
        request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.META.get('HTTP_HOST', '')}"


def _later(html: str, *, status: int, seconds: int = 30) -> HttpResponse:
    return HttpResponse(html, status=status, headers={"Retry-After": str(seconds)})
