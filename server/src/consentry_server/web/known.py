"""Devices on which a person has logged in before: whoever tries their password elsewhere does not lock them out.

The cookie opens nothing. It only has wrong passwords counted apart from those of all other devices.
"""

from secrets import token_urlsafe

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from consentry_server.members import queries as members

_DAYS = 180


def known_device(request: HttpRequest, login: str) -> str:
    """Return the name of this device if whoever goes by that name has logged in on it, or ""."""
    try:
        device, member_id = _kept(request)
    except signing.BadSignature:
        return ""
    return device if members.goes_by(member_id, login) else ""


def remember_device(request: HttpRequest, response: HttpResponse, member_id: int) -> None:
    """Keep in the browser that this member has logged in on it."""
    if _knows(request, member_id):
        return
    kept = signing.dumps([token_urlsafe(12), member_id], salt=settings.DEVICE_COOKIE)
    response.set_cookie(
        settings.DEVICE_COOKIE,
        kept,
        max_age=_DAYS * 86400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _knows(request: HttpRequest, member_id: int) -> bool:
    try:
        return _kept(request)[1] == member_id
    except signing.BadSignature:
        return False


def _kept(request: HttpRequest) -> tuple[str, int]:
    given = request.COOKIES.get(settings.DEVICE_COOKIE, "")
    device, member_id = signing.loads(given, salt=settings.DEVICE_COOKIE, max_age=_DAYS * 86400)
    return device, member_id
