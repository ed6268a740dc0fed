"""Showing a page of the guide."""

import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consentry_server.web.guide.texts import GROUPS, PAGES
from consentry_server.web.guide.values import own_projects, values
from consentry_server.web.texts import markdown
from consentry_server.web.who import member_id

_PLACE = re.compile("«([A-Z_]+)»")


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how projects work, with the values of a project that the reader runs."""
    found = PAGES.get(slug)
    if found is None:
        raise Http404
    own = own_projects(member_id(request), kind=found.kind) if request.user.is_authenticated else []
    chosen = _chosen(request, own)
    known = values(chosen, site=settings.SITE_URL, support=settings.SUPPORT_EMAIL, kind=found.kind)
    text = _PLACE.sub(lambda place: known[place[1]], found.text())
    context = {"page": found, "groups": GROUPS, "text": markdown(text), "own": own, "chosen": chosen}
    return render(request, "web/guide.html", context)


def _chosen(request: HttpRequest, own: list[Any]) -> Any:
    """Return the project that the reader chose among their own, or the newest."""
    asked = request.GET.get("project")
    return next((project for project in own if project.slug == asked), own[0] if own else None)
