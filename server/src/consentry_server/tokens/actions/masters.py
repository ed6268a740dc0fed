"""Minting, replacing, revoking and showing master tokens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, Invalid, NotFound, Refused
from consentry_server.common.ids import digest, fingerprint, new_secret
from consentry_server.common.keys import seal, unseal
from consentry_server.projects import queries as projects
from consentry_server.tokens import queries
from consentry_server.tokens.models import AccessToken, MasterToken
from consentry_server.tokens.rules import (
    ALL_RIGHTS,
    FIRST,
    LONGEST_OVERLAP,
    MASTER,
    MOST,
    OF_MEMBERS,
    keepable,
    wrong_name,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a coordinator asks of a new token. `lifetime` None is for ever, if staff allowed it."""

    lifetime: timedelta | None
    name: str = FIRST
    rights: Iterable[str] = ALL_RIGHTS


@transaction.atomic
def mint(*, project_id: int, actor: str, wanted: Wanted, now: datetime) -> str:
    """Give a project one more master token and return it.

    Raises Invalid for a name that is taken or unfit and for no rights, Refused for a lifetime that is not allowed
    and for a token too many.
    """
    _check_lifetime(project_id, wanted.lifetime)
    rights = keepable(wanted.rights)
    name = wanted.name.strip()
    _check_name(project_id, name)
    if not rights:
        raise Invalid({"rights": [gettext("Choose at least one thing that it may do.")]})
    secret = _create(project_id, name, rights, wanted.lifetime, now)
    _note("mint", project_id, actor, now, token_name=name, rights=rights, new=fingerprint(secret))
    return secret


def _check_lifetime(project_id: int, lifetime: timedelta | None) -> None:
    """Lock the project, so that one change of its tokens follows another."""
    project = projects.locked(project_id)
    if project.coordinator_id is None:
        raise Refused(gettext("Nobody runs this source, so it has no tokens."))
    if lifetime is None and not project.eternal_tokens_allowed:
        raise Refused(gettext("Only staff can allow tokens that never expire."))


def _check_name(project_id: int, name: str) -> None:
    fault = wrong_name(name)
    if fault is None and queries.named(project_id, name) is not None:
        fault = gettext("There is a token of this name. Replace or revoke that one, or choose another name.")
    if fault:
        raise Invalid({"name": [fault]})
    if queries.current(project_id).count() >= MOST:
        raise Refused(
            gettext("A project has at most {most} tokens. Revoke one that nobody uses first.").format(most=MOST)
        )


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
    """Put a new token in the place of one and return it; `replacing` is the fingerprint of the old one.

    The new one has the name and the rights of the old one, which works on for `overlap` (at most a day).
    Raises Conflict if the token was replaced meanwhile, Refused for a lifetime that is not allowed.
    """
    _check_lifetime(project_id, lifetime)
    old = queries.current(project_id).filter(fingerprint=replacing).first()
    if old is None:
        raise Conflict(gettext("This token has just been replaced or revoked. Look at your tokens before you go on."))
    _end(old, works_until=now + min(overlap, LONGEST_OVERLAP), replaced_at=now)
    secret = _create(project_id, old.name, old.rights, lifetime, now)
    _note("rotate", project_id, actor, now, token_name=old.name, old=replacing, new=fingerprint(secret))
    return secret


@transaction.atomic
def revoke(*, project_id: int, actor: str, token_id: int, now: datetime) -> None:
    """End a token at once, also one that was replaced and still works; raises NotFound if there is no such token."""
    projects.locked(project_id)
    token = _own(project_id, token_id, now)
    _end(token, works_until=now, revoked_at=now)
    _note("revoke", project_id, actor, now, token_name=token.name, token=token.fingerprint)


def reveal(*, project_id: int, actor: str, token_id: int, now: datetime) -> str:
    """Return a token in clear, for its coordinator, and note that it was looked at; raises NotFound."""
    token = _own(project_id, token_id, now)
    _note("reveal", project_id, actor, now, token_name=token.name, token=token.fingerprint)
    return unseal(token.sealed)


def _own(project_id: int, token_id: int, now: datetime) -> MasterToken:
    token = queries.one(project_id, token_id, now=now)
    if token is None:
        raise NotFound(gettext("There is no such token."))
    return token


def _create(project_id: int, name: str, rights: str, lifetime: timedelta | None, now: datetime) -> str:
    secret = new_secret(MASTER)
    MasterToken.objects.create(
        project_id=project_id,
        name=name,
        rights=rights,
        sha256=digest(secret),
        sealed=seal(secret),
        fingerprint=fingerprint(secret),
        created_at=now,
        expires_at=None if lifetime is None else now + lifetime,
    )
    return secret


def _end(token: MasterToken, *, works_until: datetime, **dates: datetime) -> None:
    dates["expires_at"] = works_until if token.expires_at is None else min(token.expires_at, works_until)
    for name, value in dates.items():
        setattr(token, name, value)
    token.save(update_fields=list(dates))


def _note(what: str, project_id: int, actor: str, now: datetime, **detail: str) -> None:
    record(name=f"token.{what}", actor=actor, about=f"project:{project_id}", now=now, **detail)


def note_uses(*, uses: Mapping[int, datetime]) -> None:
    """Write down when tokens were last used: many at once, as they are gathered for a minute. Numbers are those of
    `Caller.number_of_token`."""
    masters = [MasterToken(id=number, last_used_at=at) for number, at in uses.items() if number < OF_MEMBERS]
    others = [AccessToken(id=n - OF_MEMBERS, last_used_at=at) for n, at in uses.items() if n >= OF_MEMBERS]
    MasterToken.objects.bulk_update(masters, ["last_used_at"], batch_size=200)
    AccessToken.objects.bulk_update(others, ["last_used_at"], batch_size=200)
