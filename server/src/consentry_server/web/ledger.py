"""The access ledger: who read what of a member, and when."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consentry_server.files import queries
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.who import member_id

LINES = 50  # on one page


@login_required
@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    """Show a page of the ledger, the latest line first."""
    number = asked_page(request)
    rows = queries.ledger(member_id(request), limit=LINES + 1, offset=(number - 1) * LINES)
    return render(request, "web/ledger.html", {"page": cut(rows, number=number, size=LINES)})
