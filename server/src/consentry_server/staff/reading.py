"""What all read-only pages of staff share."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:  # only the stubs' class takes a parameter
    Rows = admin.ModelAdmin[Any]
else:
    Rows = admin.ModelAdmin


class ReadOnly(Rows):
    """Rows that staff may look at and nobody may change here."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class NoNewNoGone(Rows):
    """Rows that staff may change in part, but neither make nor delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


def actor(request: HttpRequest) -> str:
    """Return the member of staff as the trail names them."""
    return f"staff:{request.user.pk}"
