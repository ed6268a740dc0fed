"""What apps bear to act for one member: codes, families, refresh tokens. A row that is held stays as it is until the
transaction ends."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, Q, QuerySet
from django.db.models.expressions import RawSQL

from consentry_server import database
from consentry_server.common.ids import digest, well_formed
from consentry_server.database import moment
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.queries import LIVE_SQL
from consentry_server.tokens.models import (
    AccessToken,
    AuthorizationCode,
    ClientSecret,
    Device,
    Family,
    RefreshToken,
    SigningKey,
)
from consentry_server.tokens.rules import ACCESS, CODE, DEVICE, OPENID, REFRESH, covers


def secrets_of(project_id: int, *, now: datetime) -> list[ClientSecret]:
    """Return the client secrets that work now, the present one first."""
    rows = ClientSecret.objects.filter(project_id=project_id).order_by("-id")
    return [row for row in rows if row.ends_at is None or row.ends_at > now]


def proofs_of(project_id: int, *, now: datetime) -> list[bytes]:
    """Return the hashes of the client secrets that work now."""
    found = database.rows("SELECT sha256, ends_at FROM tokens_clientsecret WHERE project_id = %s", [project_id])
    return [bytes(sha256) for sha256, ends_at in found if ends_at is None or moment(ends_at) > now]


def held_code(secret: str) -> AuthorizationCode | None:
    """Return an authorization code, held."""
    if not well_formed(secret, CODE):
        return None
    rows = AuthorizationCode.objects.select_for_update(of=("self",)).select_related("authorization")
    return rows.filter(sha256=digest(secret)).first()


class Renewable(NamedTuple):
    """A refresh token, be it over or not, with what decides whether it may be used."""

    id: int
    family_id: int
    access_token_id: int  # which came beside it
    expires_at: datetime
    replaced_at: datetime | None
    successor: str
    scope: str
    family_expires_at: datetime
    family_ended_at: datetime | None
    authorization_id: int
    project_id: int
    live: bool  # the member takes part


# Raw: apps ask it as often as they read, and the ORM takes ten times as long to write it as the database to answer.
_RENEWABLE = f"""
    SELECT t.id, t.family_id, t.access_token_id, t.expires_at, t.replaced_at, t.successor, f.scope, f.expires_at,
        f.ended_at, a.id, a.project_id, {LIVE_SQL}
    FROM tokens_refreshtoken t
    JOIN tokens_family f ON f.id = t.family_id
    JOIN sharing_authorization a ON a.id = f.authorization_id
    WHERE t.sha256 = %s"""
_HOLD = {"postgresql": " FOR NO KEY UPDATE OF t, a", "sqlite": ""}


def held_refresh(secret: str) -> Renewable | None:
    """Return a refresh token, held, and with it that its member takes part."""
    if not well_formed(secret, REFRESH):
        return None
    found = database.rows(_RENEWABLE + _HOLD[database.vendor()], [digest(secret)])
    return Renewable._make(moment(v) if isinstance(v, datetime) else v for v in found[0]) if found else None


def told_again(*, replaced_before: datetime, **whose: int) -> QuerySet[RefreshToken]:
    """Return refresh tokens that keep their successor though nobody may hear of it again."""
    rows = RefreshToken.objects.filter(replaced_at__lte=replaced_before, **whose)
    return rows.exclude(successor=RawSQL("''", []))  # written out, as in the index: a parameter would not match it


def over(*, since: datetime) -> Iterator[QuerySet[Any]]:
    """Return what has been over since then: codes and devices, pairs that were replaced, families that ended."""
    yield AuthorizationCode.objects.filter(expires_at__lte=since)
    yield Device.objects.filter(expires_at__lte=since)
    yield AccessToken.objects.filter(refresh_token__replaced_at__lte=since)  # and with it the refresh token
    ended = Q(ended_at__lte=since) | Q(expires_at__lte=since) | Q(authorization__revoked_at__lte=since)
    yield Family.objects.filter(ended, code=None, device=None)


def held_device(secret: str) -> Device | None:
    """Return what waits for a member to say yes, held."""
    if not well_formed(secret, DEVICE):
        return None
    return Device.objects.select_for_update(of=("self",)).filter(sha256=digest(secret)).first()


def waiting_device(user_code: str, *, member_id: int, now: datetime) -> Device | None:
    """Return what waits under that code for this member, or for anybody who types it; with its project."""
    rows = Device.objects.select_related("project").filter(user_code=user_code, decided_at=None, expires_at__gt=now)
    return rows.filter(Q(member=None) | Q(member=member_id)).first()


def challenge_known(code_challenge: str) -> bool:
    """Say whether a code was asked for with that challenge before."""
    rows = AuthorizationCode.objects.exclude(code_challenge=RawSQL("''", []))  # written out, as in the index
    return rows.filter(code_challenge=code_challenge).exists()


def access(secret: str) -> AccessToken | None:
    """Return an access token, be it over or not, with its authorization."""
    if not well_formed(secret, ACCESS):
        return None
    rows = AccessToken.objects.select_related("family__authorization__project_member", "family__authorization__member")
    return rows.filter(sha256=digest(secret)).first()


def refresh(secret: str) -> RefreshToken | None:
    """Return a refresh token, be it over or not, with its authorization."""
    if not well_formed(secret, REFRESH):
        return None
    rows = RefreshToken.objects.select_related("family__authorization__project_member", "family__authorization__member")
    return rows.filter(sha256=digest(secret)).first()


def living(authorization_ids: Iterable[int]) -> QuerySet[Family]:
    """Return the families by which apps act now."""
    return Family.objects.filter(authorization_id__in=authorization_ids, ended_at=None)


def covered(authorization_id: int, scope: str, *, now: datetime) -> bool:
    """Say whether an app holds an unexpired access token that has all of these scopes."""
    tokens = AccessToken.objects.filter(family__in=living([authorization_id]), ended_at=None, expires_at__gt=now)
    return any(covers(granted, scope) for granted in tokens.values_list("scope", flat=True))


class Acting(NamedTuple):
    """An app that acts for a member: since when, when it did last, and whether it may log them in with this account."""

    since: datetime
    last_used_at: datetime | None
    logs_in: bool


def apps_of(authorization_ids: Iterable[int], *, now: datetime) -> dict[int, Acting]:
    """Return by which of a member's authorizations apps hold tokens now. One statement."""
    rows = living(authorization_ids).filter(refresh_tokens__replaced_at=None, refresh_tokens__expires_at__gt=now)
    used = rows.annotate(used=Max("access_tokens__last_used_at")).order_by("id")
    found: dict[int, Acting] = {}
    for family in used:
        before = found.get(family.authorization_id, Acting(family.created_at, None, logs_in=False))
        logs_in = before.logs_in or OPENID in family.scope.split()
        found[family.authorization_id] = Acting(before.since, _later(before.last_used_at, family.used), logs_in)
    return found


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)


def family(family_id: int) -> Family:
    """Return a family with member and project at hand."""
    return Family.objects.select_related("authorization__member", "authorization__project__coordinator").get(
        id=family_id
    )


def is_live(family: Family) -> bool:
    """Say whether the tokens of a family open anything."""
    return family.ended_at is None and sharing.is_live(family.authorization_id)


def signing_keys(*, retired_after: datetime) -> list[SigningKey]:
    """Return the keys that id tokens may be signed with, the present one first."""
    rows = SigningKey.objects.order_by("-id")
    return [row for row in rows if row.retired_at is None or row.retired_at > retired_after]
