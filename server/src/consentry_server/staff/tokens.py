"""Master tokens: when they were made and end; never what they are."""

from django.contrib import admin

from consentry_server.staff.reading import ReadOnly
from consentry_server.staff.site import pages
from consentry_server.tokens.models import MasterToken

_DATES = ("created_at", "expires_at", "replaced_at", "revoked_at", "last_used_at")


@admin.register(MasterToken, site=pages)
class MasterTokenAdmin(ReadOnly):
    list_display = ("project", "name", "rights", "fingerprint", *_DATES)
    list_select_related = ("project",)
    search_fields = ("project__name", "name", "fingerprint")
    fields = list_display
