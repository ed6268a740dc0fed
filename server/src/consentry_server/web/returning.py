"""Where a person goes next: only to a path of this site, and links that stay inside it."""

import re

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

# One slash, then no second slash in any spelling; no backslash, space or control character at all.
_PATH = re.compile(r"/(?!/|%2f|%5c|%0|%1)[!-\[\]-~]*", re.ASCII | re.IGNORECASE)


def is_own_path(url: object, *, longest: int = 2000) -> bool:
    """Say whether this is a path of this site and nothing that a browser could read as another."""
    plain = isinstance(url, str) and len(url) <= longest and _PATH.fullmatch(url) is not None
    return plain and url_has_allowed_host_and_scheme(str(url)[:2000], allowed_hosts=None)


def next_path(request: HttpRequest, default: str) -> str:
    """Return the path that a form or an address names as the next one, or the default."""
    wanted = request.POST.get("next") or request.GET.get("next")
    return wanted if wanted and is_own_path(wanted) else default


def kept_path(request: HttpRequest) -> str:
    """Return, once, the path that whoever sent somebody here to log in has kept in their browser, or ""."""
    kept = request.COOKIES.pop(settings.RETURN_COOKIE, None)
    if kept is None:
        return ""
    request.returned = True  # type: ignore[attr-defined]
    try:
        return str(signing.loads(kept, salt=settings.RETURN_COOKIE, max_age=settings.RETURN_FOR))
    except signing.BadSignature:
        return ""


def forget_path(request: HttpRequest, response: HttpResponseBase) -> None:
    """Take the kept path out of the browser, once it was followed."""
    if getattr(request, "returned", False):
        response.delete_cookie(settings.RETURN_COOKIE, samesite="Lax")
