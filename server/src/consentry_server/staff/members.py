"""Members: who they are is theirs to change; staff can shut an account and open it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from consentry_server.files import actions as files
from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.staff.reading import NoNewNoGone, actor
from consentry_server.staff.site import pages


@admin.register(Member, site=pages)
class MemberAdmin(NoNewNoGone):
    list_display = (
        "username",
        "name",
        "email",
        "is_active",
        "is_staff",
        "date_joined",
        "suspended_at",
        "closed_at",
    )
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name", "email")
    fields = (
        "username", "name", "email", "is_active", "is_staff", "is_superuser",
        "date_joined", "last_login", "suspended_at", "closed_at",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("suspend", "reinstate", "appoint", "dismiss")

    @admin.action(description="Suspend: shut the account and every path to its data", permissions=["change"])
    def suspend(self, request: HttpRequest, chosen: QuerySet[Member]) -> None:
        self._each(request, chosen, suspended=True)

    @admin.action(description="Reinstate: open the account and its sharing again", permissions=["change"])
    def reinstate(self, request: HttpRequest, chosen: QuerySet[Member]) -> None:
        self._each(request, chosen, suspended=False)

    def _each(self, request: HttpRequest, chosen: Any, *, suspended: bool) -> None:
        members = [member for member in chosen if member.closed_at is None and member.pk != request.user.pk]
        for member in members:
            files.suspend(member_id=member.pk, suspended=suspended, actor=actor(request), now=timezone.now())
        done = "suspended" if suspended else "reinstated"
        self.message_user(request, f"{len(members)} {done}.", messages.SUCCESS)

    @admin.action(description="Appoint as a reviewer of projects", permissions=["change"])
    def appoint(self, request: HttpRequest, chosen: QuerySet[Member]) -> None:
        members = [member for member in chosen if member.is_active]
        for member in members:
            projects.appoint(member_id=member.pk, actor=actor(request), now=timezone.now())
        self.message_user(request, f"{len(members)} appointed.", messages.SUCCESS)

    @admin.action(description="Let review projects no more", permissions=["change"])
    def dismiss(self, request: HttpRequest, chosen: QuerySet[Member]) -> None:
        for member in chosen:
            projects.dismiss(member_id=member.pk, actor=actor(request), now=timezone.now())
        self.message_user(request, f"{len(chosen)} done.", messages.SUCCESS)
