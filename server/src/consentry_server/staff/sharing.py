"""Who lets whom in, and what exactly was agreed to: to look at only."""

from typing import TYPE_CHECKING

from django.contrib import admin

from consentry_server.sharing.models import Authorization, Consent, Grant
from consentry_server.staff.reading import ReadOnly
from consentry_server.staff.site import pages

if TYPE_CHECKING:  # only the stubs' class takes parameters
    Inline = admin.StackedInline[Grant, Authorization]
else:
    Inline = admin.StackedInline


class GrantInline(Inline):
    model = Grant
    can_delete = False
    max_num = 0
    fields = readonly_fields = ("source",)


@admin.register(Authorization, site=pages)
class AuthorizationAdmin(ReadOnly):
    list_display = (
        "project",
        "member",
        "authorized_at",
        "revoked_at",
        "revoked_by",
        "erasure_requested_at",
        "erasure_done_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("project", "member")
    search_fields = ("project__name", "member__username", "project_member__number")
    raw_id_fields = ("project_member",)
    inlines = (GrantInline,)
    show_full_result_count = False


@admin.register(Consent, site=pages)
class ConsentAdmin(ReadOnly):
    list_display = ("agreed_at", "project", "member", "sha256")
    list_select_related = ("authorization__project", "authorization__member")
    search_fields = ("sha256", "authorization__project__name", "authorization__member__username")
    show_full_result_count = False

    @admin.display(description="project")
    def project(self, consent: Consent) -> str:
        return consent.authorization.project.name

    @admin.display(description="member")
    def member(self, consent: Consent) -> str:
        return consent.authorization.member.username
