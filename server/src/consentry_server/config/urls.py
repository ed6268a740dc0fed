"""Every address of the pages; those that programs call are in `api.urls` and `oauth.urls`."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from consentry_server.staff.site import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("consentry_server.oauth.pages")),
    path("", include("consentry_server.web.urls")),
]
if settings.STAFF_SITE:
    urlpatterns.append(path(f"{settings.STAFF_PATH}/", pages.urls))
