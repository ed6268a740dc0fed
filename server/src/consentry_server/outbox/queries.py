"""What waits, what is due, what is dead."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from consentry_server.outbox.models import DEAD, OPEN, Effect
from consentry_server.outbox.rules import Entry

_COLUMNS = ("id", "kind", "about", "put_at", "due_at", "attempts", "dead_at", "finished_at", "reason")


def due(
    *, kinds: Collection[str] | None, now: datetime, passing_over: Collection[tuple[str, str]] = ()
) -> QuerySet[Effect]:
    """Return what a worker may take now, longest due first; `passing_over` are pairs of kind and about."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    found = Effect.objects.filter(OPEN, free, due_at__lte=now).order_by("due_at", "id")
    if kinds is not None:
        found = found.filter(kind__in=kinds)
    for kind, about in passing_over:
        found = found.exclude(kind=kind, about=about)
    return found


def waiting(*, kind: str = "", about: str = "", limit: int | None = None) -> Iterator[Entry]:
    """List what has not been done yet, longest due first."""
    return _entries(Effect.objects.filter(OPEN).order_by("due_at", "id"), kind, about, limit)


def dead(*, kind: str = "", about: str = "", limit: int | None = None) -> Iterator[Entry]:
    """List what was given up, oldest first."""
    return _entries(Effect.objects.filter(DEAD).order_by("id"), kind, about, limit)


def entry(effect_id: int) -> Entry | None:
    """Look at one effect, whatever became of it; None if it is not known or no longer kept."""
    return next(_entries(Effect.objects.filter(id=effect_id), "", "", 1), None)


def _entries(found: QuerySet[Effect], kind: str, about: str, limit: int | None) -> Iterator[Entry]:
    if kind:
        found = found.filter(kind=kind)
    if about:
        found = found.filter(about=about)
    return (Entry(*row) for row in found.values_list(*_COLUMNS)[:limit].iterator())
