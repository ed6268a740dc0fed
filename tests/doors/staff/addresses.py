"""Every page, the staff site among them, as where `STAFF_SITE` is on."""

from django.urls import include, path

from consentry_server.staff.site import pages

urlpatterns = [path("", include("consentry_server.web.urls")), path("admin/", pages.urls)]
