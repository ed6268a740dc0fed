"""Projects: what they say is their coordinator's; reviewers approve them, staff set four flags and the front page."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from consentry_server.projects import actions
from consentry_server.projects.models import OAUTH2, OWN, Colleague, Project, Review, Reviewer
from consentry_server.staff.clients import ClientInline
from consentry_server.staff.reading import NoNewNoGone, ReadOnly, actor
from consentry_server.staff.site import pages

_HIDDEN = ("searched",)
_DATES = ("approved_at", "unlisted_at", "featured_at")
FLAGS = ("all_sources_access", "eternal_tokens_allowed", "any_datatypes", "auto_add_datatypes")


@admin.register(Project, site=pages)
class ProjectAdmin(NoNewNoGone):
    list_display = (
        "name",
        "kind",
        "coordinator",
        "authorized_members",
        "approved_at",
        "unlisted_at",
        "paused_at",
        "featured_at",
        *FLAGS,
    )
    list_filter = ("kind", *((name, admin.EmptyFieldListFilter) for name in _DATES), *FLAGS)
    list_select_related = ("coordinator",)
    search_fields = ("name", "slug", "leader", "organization")
    exclude = _HIDDEN
    actions = ("unapprove", "feature", "unfeature")

    def get_inlines(self, request: HttpRequest, obj: Any) -> tuple[type[ClientInline], ...]:
        """Show an app as such. It is to look at: whatever somebody sends of it is not read."""
        looks = obj is not None and obj.kind == OAUTH2 and request.method != "POST"
        return (ClientInline,) if looks else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        return super().get_queryset(request).exclude(kind=OWN)  # there is nothing to decide about

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002
        names = [field.name for field in [*self.opts.fields, *self.opts.many_to_many]]
        return [name for name in names if name not in (*FLAGS, *_HIDDEN)]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:  # noqa: ARG002
        flags = {name: form.cleaned_data[name] for name in FLAGS}
        actions.edit(project=obj, actor=actor(request), fields=flags, now=timezone.now())

    @admin.action(description="Take the approval back; its members are told", permissions=["change"])
    def unapprove(self, request: HttpRequest, chosen: QuerySet[Project]) -> None:
        for project in chosen:
            actions.set_approved(project=project, approved=False, actor=actor(request), now=timezone.now())
        self.message_user(request, f"{len(chosen)} done.", messages.SUCCESS)

    @admin.action(description="Put on the front page, for as long as it is listed", permissions=["change"])
    def feature(self, request: HttpRequest, chosen: QuerySet[Project]) -> None:
        self._set_featured(request, chosen, featured=True)

    @admin.action(description="Take off the front page", permissions=["change"])
    def unfeature(self, request: HttpRequest, chosen: QuerySet[Project]) -> None:
        self._set_featured(request, chosen, featured=False)

    def _set_featured(self, request: HttpRequest, chosen: QuerySet[Project], *, featured: bool) -> None:
        for project in chosen:
            actions.set_featured(project_id=project.pk, featured=featured, actor=actor(request), now=timezone.now())
        self.message_user(request, f"{len(chosen)} done.", messages.SUCCESS)


@admin.register(Review, site=pages)
class ReviewAdmin(ReadOnly):
    list_display = ("project", "asked_at", "asked_by", "decided_by", "approved_at", "returned_at", "withdrawn_at")
    list_filter = tuple((name, admin.EmptyFieldListFilter) for name in ("approved_at", "returned_at", "withdrawn_at"))
    list_select_related = ("project", "asked_by", "decided_by")
    search_fields = ("project__name", "asked_by__username", "decided_by__username")
    ordering = ("-id",)


@admin.register(Colleague, site=pages)
class ColleagueAdmin(ReadOnly):
    list_display = ("member", "project", "role", "since", "invited_by")
    list_filter = ("role",)
    list_select_related = ("member", "project", "invited_by")
    search_fields = ("member__username", "project__name")


@admin.register(Reviewer, site=pages)
class ReviewerAdmin(ReadOnly):
    list_display = ("member", "appointed_at", "ended_at")
    list_select_related = ("member",)
    search_fields = ("member__username", "member__name")
