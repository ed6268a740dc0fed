"""The staff site: only what is registered here, entered through our own login page."""

from ipaddress import ip_address
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse


class StaffSite(AdminSite):
    """In production nobody comes in with a password alone. Where addresses are named, elsewhere there is nothing."""

    def has_permission(self, request: HttpRequest) -> bool:
        _refuse_from_elsewhere(request.META["REMOTE_ADDR"])
        inside = super().has_permission(request)
        return inside and (settings.MODE != "production" or is_mfa_enabled(request.user))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        _refuse_from_elsewhere(request.META["REMOTE_ADDR"])
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer


def _refuse_from_elsewhere(address: str) -> None:
    if not _is_allowed(address):
        raise Http404


def _is_allowed(address: str) -> bool:
    if not settings.STAFF_ADDRESSES:
        return True
    try:
        found = ip_address(address)
    except ValueError:  # a proxy may say "unknown"
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in network for network in settings.STAFF_ADDRESSES)


pages = StaffSite()
pages.site_header = pages.site_title = "Consentry staff"
pages.index_title = "Everything that is done here is on record"
