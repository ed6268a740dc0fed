"""The staff site: only what is registered here, entered through our own login page."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest


class StaffSite(AdminSite):
    """In production nobody comes in with a password alone."""

    def has_permission(self, request: HttpRequest) -> bool:
        inside = super().has_permission(request)
        return inside and (settings.MODE != "production" or is_mfa_enabled(request.user))


pages = StaffSite()
pages.site_header = pages.site_title = "Consentry staff"
pages.index_title = "Everything that is done here is on record"
pages.login = secure_admin_login(pages.login)  # type: ignore[method-assign]
