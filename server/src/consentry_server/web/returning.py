"""Where a person goes next: only to a path of this site, and links that stay inside it."""

import re

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

# One slash, then no second slash in any spelling; no backslash, space or control character at all.
_PATH = re.compile(r"/(?!/|%2f|%5c|%0|%1)[!-\[\]-~]*", re.ASCII | re.IGNORECASE)


def is_own_path(url: object) -> bool:
    """Say whether this is a path of this site and nothing that a browser could read as another."""
    plain = isinstance(url, str) and len(url) <= 2000 and _PATH.fullmatch(url) is not None
    return plain and url_has_allowed_host_and_scheme(str(url), allowed_hosts=None)


def next_path(request: HttpRequest, default: str) -> str:
    """Return the path that a form or an address names as the next one, or the default."""
    wanted = request.POST.get("next") or request.GET.get("next")
    return wanted if wanted and is_own_path(wanted) else default
