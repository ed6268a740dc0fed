"""Minting and rotating master tokens."""

from datetime import datetime, timedelta

from django.db import transaction

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, Refused
from consentry_server.common.ids import digest, fingerprint, new_secret
from consentry_server.common.keys import seal, unseal
from consentry_server.projects import queries as projects
from consentry_server.tokens import queries
from consentry_server.tokens.models import MasterToken
from consentry_server.tokens.rules import MASTER


@transaction.atomic
def rotate(
    *,
    project_id: int,
    actor: str,
    replacing: str,
    lifetime: timedelta | None,
    now: datetime,
    overlap: timedelta = timedelta(0),
) -> str:
    """Give a project a new master token and return it; `replacing` is the fingerprint of the present one, or "".

    The old one works on for `overlap` (at most a day). `lifetime` None is for ever, if staff allowed it.
    Raises Conflict if the token was replaced meanwhile, Refused for a lifetime that is not allowed.
    """
    project = projects.locked(project_id)
    if lifetime is None and not project.eternal_tokens_allowed:
        raise Refused("Only staff can allow tokens that never expire.")
    old = queries.current(project_id)
    if (old.fingerprint if old else "") != replacing:
        raise Conflict("This token has just been replaced. Look at the new one before you replace it again.")
    if old is not None:
        _end(old, at=now, works_until=now + min(overlap, timedelta(days=1)))
    secret = new_secret(MASTER)
    MasterToken.objects.create(
        project_id=project_id,
        sha256=digest(secret),
        sealed=seal(secret),
        fingerprint=fingerprint(secret),
        created_at=now,
        expires_at=None if lifetime is None else now + lifetime,
    )
    record(
        name="token.rotate",
        actor=actor,
        about=f"project:{project_id}",
        now=now,
        old=replacing,
        new=fingerprint(secret),
    )
    return secret


def _end(old: MasterToken, *, at: datetime, works_until: datetime) -> None:
    old.replaced_at = at
    old.expires_at = works_until if old.expires_at is None else min(old.expires_at, works_until)
    old.save(update_fields=["replaced_at", "expires_at"])


def reveal(*, project_id: int, actor: str, now: datetime) -> str | None:
    """Return a project's master token in clear, for its coordinator, and note that it was looked at."""
    token = queries.current(project_id)
    if token is None:
        return None
    record(
        name="token.reveal",
        actor=actor,
        about=f"project:{project_id}",
        now=now,
        token=token.fingerprint,
    )
    return unseal(token.sealed)
