"""Who is looking at a page."""

from django.http import Http404, HttpRequest


def member_id(request: HttpRequest) -> int:
    """Return the id of whoever is logged in."""
    if request.user.pk is None:
        raise Http404
    return int(request.user.pk)


def actor(request: HttpRequest) -> str:
    """Return whoever is logged in as the trail names them."""
    return f"member:{member_id(request)}"
