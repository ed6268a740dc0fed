"""The staff site: only what is registered here, entered through our own login page."""

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite

pages = AdminSite()
pages.site_header = pages.site_title = "Consentry staff"
pages.index_title = "Everything that is done here is on record"
pages.login = secure_admin_login(pages.login)  # type: ignore[method-assign]
