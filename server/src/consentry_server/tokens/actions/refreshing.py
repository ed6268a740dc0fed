"""From a code to tokens, and from tokens to the next ones: of callers that race, one wins.

All of it runs in the transaction of one request to the token endpoint. What is looked up here is held until it ends:
on PostgreSQL by a lock on the row, on SQLite because one transaction writes at a time.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock

from django.db import transaction

from consentry_server import database
from consentry_server.audit.actions import record
from consentry_server.common.ids import digest
from consentry_server.common.keys import seal, unseal
from consentry_server.sharing import queries as sharing
from consentry_server.tokens.actions.ending import end_family, tell_of_reuse
from consentry_server.tokens.models import AccessToken, AuthorizationCode, Device, Family, RefreshToken
from consentry_server.tokens.queries import acting
from consentry_server.tokens.queries.acting import Renewable
from consentry_server.tokens.rules import ACCESS_FOR, FAMILY_FOR, REFRESH_FOR, RETRY_FOR

together = transaction.atomic(savepoint=False)  # a part of it that fails fails all of it


_turn = Lock()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold together what one request to the token endpoint does, so that of several with one code or token one wins."""
    # SQLite lets those who wait sleep for longer each time; who comes from the same process waits in line
    with _turn if database.vendor() == "sqlite" else nullcontext(), transaction.atomic():
        yield


@dataclass(frozen=True)
class Pair:
    """An access token and the refresh token beside it, in clear."""

    access: str
    refresh: str


@together
def redeemable(*, code: str, project_id: int, now: datetime) -> AuthorizationCode | None:
    """Return a code that this app can exchange now, held. One that comes back ends what it was exchanged for."""
    row = acting.held_code(code)
    if row is None or row.authorization.project_id != project_id:
        return None
    if row.family_id is not None:
        end_family(family_id=row.family_id, by="replay", now=now)
        return None
    return row if row.expires_at > now and sharing.held_live(row.authorization_id) else None


@together
def issue(*, origin: AuthorizationCode | Device, pair: Pair, now: datetime) -> None:
    """Keep the first tokens that a code, or a device whose member said yes, is exchanged for."""
    family = Family.objects.create(
        authorization_id=origin.authorization_id or 0, scope=origin.scope, created_at=now, expires_at=now + FAMILY_FOR
    )
    origin.family = family
    origin.save(update_fields=["family"])
    _keep(family.pk, pair, origin.scope, now, until=family.expires_at)
    record(name="token.issue", actor="app", about=f"authorization:{origin.authorization_id}", now=now, family=family.pk)


def _keep(family_id: int, pair: Pair, scope: str, now: datetime, *, until: datetime) -> None:
    access = AccessToken.objects.create(
        sha256=digest(pair.access), family_id=family_id, scope=scope, created_at=now, expires_at=now + ACCESS_FOR
    )
    RefreshToken.objects.create(
        sha256=digest(pair.refresh),
        family_id=family_id,
        access_token=access,
        created_at=now,
        expires_at=min(now + REFRESH_FOR, until),
    )


@dataclass(frozen=True)
class Refreshable:
    """A refresh token that may be used now. `again`: it was a moment ago, and this is what it was replaced with."""

    token: Renewable
    scope: str
    again: Pair | None


@together
def refreshable(*, secret: str, project_id: int, now: datetime) -> Refreshable | None:
    """Return a refresh token that this app can use now, held. One that was used before ends its family."""
    token = acting.held_refresh(secret)
    if token is None or token.project_id != project_id or token.family_ended_at is not None:
        return None
    if token.replaced_at is None:
        return Refreshable(token, token.scope, None) if token.live and token.expires_at > now else None
    if token.successor and now < token.replaced_at + RETRY_FOR:
        return _again(token) if token.live else None
    if end_family(family_id=token.family_id, by="reuse", now=now):
        tell_of_reuse(family_id=token.family_id, project_id=project_id, now=now)
    return None


def _again(token: Renewable) -> Refreshable | None:
    """Return what it was replaced with, and the scope that the access token among it has."""
    pair = Pair(**json.loads(unseal(token.successor)))
    access = acting.access(pair.access)
    return Refreshable(token, access.scope, pair) if access else None


@together
def refresh(*, token: Renewable, pair: Pair, scope: str, now: datetime) -> None:
    """Put the next tokens in the place of a refresh token and of the access token beside it."""
    AccessToken.objects.filter(id=token.access_token_id, ended_at=None).update(ended_at=now)
    successor = seal(json.dumps(asdict(pair)))
    RefreshToken.objects.filter(id=token.id).update(replaced_at=now, successor=successor)
    acting.told_again(replaced_before=now - RETRY_FOR, family_id=token.family_id).update(successor="")
    _keep(token.family_id, pair, scope, now, until=token.family_expires_at)
