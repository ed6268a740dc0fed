"""Pages for everybody: what this is, the terms, the pictures of projects."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consentry_server.files import actions as files
from consentry_server.projects.queries import directory, reviewing
from consentry_server.projects.rules import image_type
from consentry_server.web.who import member_id

FEATURED = 3


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Say what this is in three pictures, show the projects that staff chose, and lead members to their own pages."""
    chosen = directory.featured(most=FEATURED)
    context = {
        "featured": chosen,
        "newest": [] if chosen else directory.newest(most=FEATURED),
        "reviews": request.user.is_authenticated and reviewing.is_reviewer(member_id(request)),
    }
    return render(request, "web/front.html", context)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "web/terms.html")


@require_safe
def badge(_request: HttpRequest, key: str) -> HttpResponse:
    """Show the picture of a project. Its type is told by its bytes, never by who uploaded it."""
    image = files.badge(key)
    kind = image_type(image) if image else None
    if image is None or kind is None:
        raise Http404
    return HttpResponse(image, content_type=kind)
