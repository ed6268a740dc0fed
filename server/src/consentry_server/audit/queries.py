"""Reads of the trail."""

from collections.abc import Iterable

from django.db.models import QuerySet

from consentry_server.audit.models import Event


def named(what: str, names: Iterable[str]) -> QuerySet[Event]:
    """Return what happened to something, events of these names only, the latest first."""
    return Event.objects.filter(about=what, name__in=list(names)).order_by("-id")


def about(what: str, *, prefix: str) -> QuerySet[Event]:
    """Return what happened to something, events of that prefix only, the latest first."""
    return Event.objects.filter(about=what, name__startswith=prefix).order_by("-id")
