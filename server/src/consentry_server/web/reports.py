"""What browsers report of something that a page of ours tried and its policy forbade: an attack, or a fault of ours.

Anybody can send such a report, and it may come from a page with secrets in its address. So a few a minute are taken,
and of addresses only what can be none: the form of the page's own, and the host of whatever was refused.
"""

import logging
import re
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from msgspec import Struct
from msgspec.json import Decoder

from consentry_server.web.tries import few_reports

log = logging.getLogger(__name__)
PATH = "/policy-reports/"
LONGEST = 16_384  # bytes
_WORD = re.compile(r"[a-z-]{1,40}", re.ASCII)
_HOST = re.compile(r"[a-z0-9.\[\]:-]{1,100}", re.ASCII)


class Stopped(Struct, rename="kebab"):
    """What a browser tells of one thing that was stopped (CSP level 2, section 4.4)."""

    effective_directive: str
    blocked_uri: str
    document_uri: str


class Report(Struct, rename="kebab"):
    """How it wraps it."""

    csp_report: Stopped


_read = Decoder(Report).decode


@csrf_exempt  # no form sends it, and it changes nothing
@require_POST
@few_reports
def policy_report(request: HttpRequest) -> HttpResponse:
    """Log which rule stopped what, and on which page."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST:
        return HttpResponse(status=413)
    try:
        told = _read(request.body).csp_report
        words = _word(told.effective_directive), _source(told.blocked_uri), _page(told.document_uri)
    except ValueError:
        return HttpResponse(status=400)
    log.warning("the policy stopped something: %s from %s on %s", *words)
    return HttpResponse(status=204)


def _word(text: str) -> str:
    return text if _WORD.fullmatch(text) else "?"


def _source(text: str) -> str:
    """Return the host of an address, or a word such as `inline`."""
    host = urlsplit(text).netloc.rpartition("@")[2].lower()
    return host if _HOST.fullmatch(host) else _word(text)


def _page(text: str) -> str:
    """Return the form of a page's address, without what stands in it."""
    try:
        return resolve(urlsplit(text).path).route
    except Resolver404:
        return "?"
