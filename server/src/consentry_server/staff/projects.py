"""Projects: what they say is their coordinator's; staff approve them and set two flags."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from consentry_server.projects import actions
from consentry_server.projects.models import Project
from consentry_server.staff.reading import NoNewNoGone, actor
from consentry_server.staff.site import pages

FLAGS = ("all_sources_access", "eternal_tokens_allowed")


@admin.register(Project, site=pages)
class ProjectAdmin(NoNewNoGone):
    list_display = (
        "name",
        "kind",
        "coordinator",
        "authorized_members",
        "approved_at",
        "paused_at",
        *FLAGS,
    )
    list_filter = ("kind", ("approved_at", admin.EmptyFieldListFilter), *FLAGS)
    list_select_related = ("coordinator",)
    search_fields = ("name", "slug", "leader", "organization")
    actions = ("approve", "unapprove")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002
        names = [field.name for field in [*self.opts.fields, *self.opts.many_to_many]]
        return [name for name in names if name not in FLAGS]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:  # noqa: ARG002
        flags = {name: form.cleaned_data[name] for name in FLAGS}
        actions.edit(project=obj, actor=actor(request), fields=flags, now=timezone.now())

    @admin.action(description="Approve: list it and lift the cap of 20 members", permissions=["change"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Project]) -> None:
        self._each(request, chosen, approved=True)

    @admin.action(description="Take the approval back", permissions=["change"])
    def unapprove(self, request: HttpRequest, chosen: QuerySet[Project]) -> None:
        self._each(request, chosen, approved=False)

    def _each(self, request: HttpRequest, chosen: Any, *, approved: bool) -> None:
        for project in chosen:
            actions.set_approved(project=project, approved=approved, actor=actor(request), now=timezone.now())
        self.message_user(request, f"{len(chosen)} done.", messages.SUCCESS)
