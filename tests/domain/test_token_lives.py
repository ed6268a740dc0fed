"""How long master tokens live, and what the trail says of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from consentry_server.audit.models import Event
from consentry_server.common.ids import fingerprint
from consentry_server.tokens import actions, queries
from consentry_server.tokens.actions import Wanted
from consentry_server.tokens.models import MasterToken
from consentry_server.tokens.queries import Caller, ExpiredToken
from tests.world import THEN, World

DAY = timedelta(days=1)


def rotate(
    world: World,
    replacing: str,
    *,
    lifetime: timedelta | None = DAY,
    now: datetime = THEN,
    **more: timedelta,
) -> str:
    who: dict[str, Any] = {"project_id": world.private.pk, "actor": "member:1", "now": now}
    if not replacing:
        return actions.mint(wanted=Wanted(lifetime), **who)
    return actions.rotate(
        replacing=replacing,
        lifetime=lifetime,
        **who,
        **more,
    )


def reveal(world: World, token: str) -> str:
    row = MasterToken.objects.get(fingerprint=fingerprint(token))
    return actions.reveal(project_id=world.private.pk, actor="member:1", token_id=row.pk, now=THEN)


def caller(token: str, now: datetime) -> Caller:
    return queries.caller(token, now=now)


def test_a_token_that_had_expired_before_its_rotation_stays_expired(world: World) -> None:
    first = rotate(world, "")
    rotate(world, fingerprint(first), now=THEN + 2 * DAY)
    with pytest.raises(ExpiredToken):
        caller(first, THEN + 2 * DAY)


def test_023_the_old_token_works_for_the_overlap(world: World) -> None:
    first = rotate(world, "")
    second = rotate(world, fingerprint(first), overlap=timedelta(minutes=10))
    soon, late = THEN + timedelta(minutes=9, seconds=59), THEN + timedelta(minutes=10)
    assert caller(first, soon).project_id == caller(second, soon).project_id
    with pytest.raises(ExpiredToken):
        caller(first, late)
    assert caller(second, late).fingerprint == fingerprint(second)
    event = Event.objects.filter(name="token.rotate").latest("id")
    assert event.detail == {"token_name": "main", "old": fingerprint(first), "new": fingerprint(second)}


@pytest.mark.parametrize("days", [1, 30, 365])
def test_020_a_token_lives_as_long_as_was_chosen(world: World, days: int) -> None:
    token = rotate(world, "", lifetime=timedelta(days=days))
    assert caller(token, THEN + timedelta(days=days) - timedelta(microseconds=1))
    with pytest.raises(ExpiredToken, match="Expired token"):
        caller(token, THEN + timedelta(days=days))


def test_the_owner_reads_the_token_again_and_that_is_in_the_trail(world: World) -> None:
    token = rotate(world, "")
    assert reveal(world, token) == token
    event = Event.objects.get(name="token.reveal")
    assert (event.actor, event.detail) == ("member:1", {"token_name": "main", "token": fingerprint(token)})


def test_004_no_event_holds_a_token(world: World) -> None:
    token = rotate(world, "")
    reveal(world, token)
    assert token not in str(list(Event.objects.values()))
