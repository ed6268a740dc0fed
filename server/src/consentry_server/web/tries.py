"""How often somebody may try a password, or report: counted for the address, by all processes together.

What allauth counts, it counts in each process: its limits are the finer ones where there is one worker.
"""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from consentry_server.common.keys import derive
from consentry_server.limits import key_of_address, opened

REPORTS = 20  # a minute


def few_tries(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let an address send such forms a limited number of times in a minute, and say how long to wait."""

    @wraps(view)
    def run(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        wait = _wait(request, settings.TRIES_PER_ADDRESS) if request.method == "POST" else None
        if wait is None:
            return view(request, *given, **named)
        refused = render(request, "429.html", status=429)
        refused.headers["Retry-After"] = str(wait)
        return refused

    return run


def few_reports(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let an address send a limited number of reports in a minute; nobody reads an answer to more."""

    @wraps(view)
    def run(request: HttpRequest) -> HttpResponse:
        return view(request) if _wait(request, REPORTS, "report ") is None else HttpResponse(status=429)

    return run


def _wait(request: HttpRequest, most: int, kind: str = "") -> int | None:
    """Count a try; return the seconds to wait if it was one too many."""
    key = key_of_address(str(request.META.get("REMOTE_ADDR", ""))[:45], derive(f"{kind}limits"))
    spent = opened("tries").spend(key, now=timezone.now().timestamp(), most=(most, 0), add=(1, 0))
    return None if spent.full is None else max(1, ceil(spent.resets_in))
