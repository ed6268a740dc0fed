"""What every page shares: headers, refusal of unstorable input, and pages for refusals."""

import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import OperationalError as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string

from consentry_server.common import errors
from consentry_server.common.strict import storable

log = logging.getLogger(__name__)

LONGEST = 3_000_000  # bytes of a form; files of members come through the API
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)
_UNREADABLE = (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError)
_STATUS: list[tuple[type[Exception], int, str]] = [
    (errors.NotFound, 404, "404.html"),
    (errors.Refused, 403, "403.html"),
    (errors.Conflict, 409, "409.html"),
]


def site(_request: HttpRequest) -> dict[str, str]:
    """Say to every template whom to write to."""
    return {"support_email": settings.SUPPORT_EMAIL, "site_url": settings.SITE_URL}


def policy(form_target: str = "") -> str:
    """Return the Content-Security-Policy; `form_target`: where a form may lead outside."""
    parts = urlsplit(form_target)
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    target = f" {origin}" if _ORIGIN.fullmatch(origin) else ""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        f"font-src 'self'; connect-src 'self'; form-action 'self'{target}; "
        "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )


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
        for name, value in _HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Content-Security-Policy", policy())
        if settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a refusal of the domain into its page."""
        if isinstance(error, DatabaseError):
            log.error("the database did not answer: %s", type(error).__name__)
            return _later(render_to_string("503.html"), status=503)
        if isinstance(error, errors.Unavailable):
            return _later(render_to_string("503.html", {"reason": error.detail}), status=507)
        for kind, status, template in _STATUS:
            if isinstance(error, kind):
                return render(request, template, {"reason": str(error)}, status=status)
        return None


def _too_long(request: HttpRequest) -> bool:
    """Say whether a form has more parts than are read; of one without parts, Django takes 2.5 MB and no more."""
    return request.content_type == "multipart/form-data" and int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST


def _readable(request: HttpRequest) -> bool:
    """Say whether a request is what it claims, and both databases can keep each of its fields.

    Asked before anything else reads the form: Django's own answer to a wrong charset is a 500.
    """
    try:
        cookies = ((name, [value]) for name, value in request.COOKIES.items())
        fields = (*cookies, *request.GET.lists(), *request.POST.lists())
    except _UNREADABLE:
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


def _later(html: str, *, status: int) -> HttpResponse:
    return HttpResponse(html, status=status, headers={"Retry-After": "30"})
