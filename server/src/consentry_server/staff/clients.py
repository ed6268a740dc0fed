"""Projects as apps: what their coordinators say; never what they prove themselves with."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from consentry_server.projects.models import Client, Project
from consentry_server.staff.reading import ReadOnly
from consentry_server.staff.site import pages
from consentry_server.tokens.models import ClientSecret

if TYPE_CHECKING:  # only the stubs' class takes parameters
    Inline = admin.StackedInline[Client, Project]
else:
    Inline = admin.StackedInline


class ClientInline(Inline):
    """An OAuth2 project as an app, below what it says of itself; to look at only."""

    model = Client
    verbose_name_plural = "the app"
    fields = readonly_fields = (
        "client_id",
        "redirect_uris",
        "enrollment_url",
        "terms_url",
        "public",
        "pkce_required",
        "device_allowed",
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(ClientSecret, site=pages)
class ClientSecretAdmin(ReadOnly):
    list_display = ("project", "fingerprint", "created_at", "ends_at")
    list_select_related = ("project",)
    search_fields = ("project__name", "fingerprint")
    fields = list_display
