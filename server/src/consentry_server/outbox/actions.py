"""Putting effects down, and what becomes of them."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from consentry_server.common.errors import NotFound
from consentry_server.common.keys import seal, unseal
from consentry_server.outbox import queries
from consentry_server.outbox.models import DEAD, FINISHED, OPEN, Effect
from consentry_server.outbox.rules import Dead, Leased

MANY = 1000  # rows removed in one transaction


class NoSuchEffect(NotFound):
    """It is not there, or it was done long ago."""


def put(*, kind: str, payload: dict[str, Any], now: datetime, due_at: datetime | None = None, about: str = "") -> int:
    """Have something done after the caller's transaction is committed, and return its id.

    `payload` is what JSON can hold. `about` is a word for listings, such as `project:3`.
    """
    return Effect.objects.create(
        kind=kind, about=about, sealed=seal(json.dumps(payload)), put_at=now, due_at=due_at or now
    ).pk


def lease(
    *,
    kinds: Collection[str] | None,
    worker: str,
    lease_for: timedelta,
    now: datetime,
    passing_over: Collection[tuple[str, str]] = (),
) -> Leased | None:
    """Take what is longest due for a worker alone; None if nothing is. `kinds` None: all kinds."""
    wanted = queries.due(kinds=kinds, now=now, passing_over=passing_over)
    if not wanted.exists():  # asked without a lock, several times a second
        return None
    with transaction.atomic():  # on SQLite this excludes every other writer
        effect = wanted.select_for_update(skip_locked=True).first()
        if effect is None:
            return None
        effect.attempts += 1
        effect.leased_by, effect.leased_until = worker, now + lease_for
        effect.save(update_fields=["attempts", "leased_by", "leased_until"])
    return Leased(effect.pk, effect.kind, effect.about, effect.sealed, effect.attempts, worker)


def payload(effect: Leased) -> dict[str, Any]:
    """Open what was put down; raises Dead if this installation has lost the key to it."""
    try:
        found: dict[str, Any] = json.loads(unseal(effect.sealed))
    except ValueError as error:
        raise Dead(str(error)) from None
    return found


def finish(effect: Leased, *, now: datetime) -> None:
    """Remember that it was done, by whomever, and forget what it was."""
    Effect.objects.filter(id=effect.id, finished_at=None).update(
        finished_at=now, dead_at=None, leased_until=None, sealed="", reason=""
    )


def fail(effect: Leased, *, reason: str, retry_at: datetime | None, now: datetime) -> None:
    """Give it back to be tried again then; None: park it as a dead letter. Harmless if another worker has it now."""
    changes = {"dead_at": now} if retry_at is None else {"due_at": retry_at}
    _held(effect).update(leased_until=None, leased_by="", reason=reason[:200], **changes)


def give_back(effect: Leased) -> None:
    """Let another worker have it at once, as if it had not been begun."""
    _held(effect).update(leased_until=None, leased_by="", attempts=effect.attempt - 1)


def renew(effect: Leased, *, until: datetime) -> None:
    """Keep a lease for longer."""
    _held(effect).update(leased_until=until)


def replay(*, effect_id: int, now: datetime, about: str = "") -> None:
    """Try a dead or waiting effect again now, with all its tries before it.

    With `about`, only if it is about that. Raises NoSuchEffect, also for what was done already.
    """
    found = Effect.objects.filter(Q(finished_at=None), id=effect_id)
    if about:
        found = found.filter(about=about)
    if not found.exists():
        raise NoSuchEffect("There is no such effect, or it was done already.")
    in_hand = Q(leased_until__gt=now)
    found.exclude(in_hand).update(dead_at=None, due_at=now, attempts=0)


def replay_dead(*, now: datetime, kind: str = "", about: str = "") -> int:
    """Try every dead effect again, of one kind or about one thing if named; return how many."""
    given = {name: value for name, value in {"kind": kind, "about": about}.items() if value}
    return Effect.objects.filter(DEAD, **given).update(dead_at=None, due_at=now, attempts=0)


def prune(*, finished_before: datetime, dead_before: datetime) -> int:
    """Remove what was done or given up before then; return how many rows went."""
    old = Q(FINISHED, finished_at__lt=finished_before) | Q(DEAD, dead_at__lt=dead_before)
    gone = 0
    while ids := list(Effect.objects.filter(old).values_list("id", flat=True)[:MANY]):
        gone += Effect.objects.filter(old, id__in=ids).delete()[0]
    return gone


def _held(effect: Leased) -> QuerySet[Effect]:
    """Return the row if it is still in the same hands."""
    return Effect.objects.filter(OPEN, id=effect.id, leased_by=effect.worker, attempts=effect.attempt)
