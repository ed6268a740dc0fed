"""How long master tokens live, and what the trail says of them."""

from datetime import datetime, timedelta

import pytest

from consentry_server.audit.models import Event
from consentry_server.common.ids import fingerprint
from consentry_server.tokens import actions, queries
from consentry_server.tokens.queries import Caller, ExpiredToken
from tests.world import THEN, World, make_project

DAY = timedelta(days=1)


def rotate(
    world: World,
    replacing: str,
    *,
    lifetime: timedelta | None = DAY,
    now: datetime = THEN,
    **more: timedelta,
) -> str:
    return actions.rotate(
        project_id=world.private.pk,
        actor="member:1",
        replacing=replacing,
        lifetime=lifetime,
        now=now,
        **more,
    )


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
    assert event.detail == {"old": fingerprint(first), "new": fingerprint(second)}


@pytest.mark.parametrize("days", [1, 30, 365])
def test_020_a_token_lives_as_long_as_was_chosen(world: World, days: int) -> None:
    token = rotate(world, "", lifetime=timedelta(days=days))
    assert caller(token, THEN + timedelta(days=days) - timedelta(microseconds=1))
    with pytest.raises(ExpiredToken, match="Expired token"):
        caller(token, THEN + timedelta(days=days))


def test_the_owner_reads_the_token_again_and_that_is_in_the_trail(world: World) -> None:
    token = rotate(world, "")
    assert actions.reveal(project_id=world.private.pk, actor="member:1", now=THEN) == token
    event = Event.objects.get(name="token.reveal")
    assert (event.actor, event.detail) == ("member:1", {"token": fingerprint(token)})


def test_a_project_without_a_token_reveals_none(world: World) -> None:
    bare = make_project(world.coordinator, "Bare")
    assert actions.reveal(project_id=bare.pk, actor="member:1", now=THEN) is None


def test_004_no_event_holds_a_token(world: World) -> None:
    token = rotate(world, "")
    actions.reveal(project_id=world.private.pk, actor="member:1", now=THEN)
    assert token not in str(list(Event.objects.values()))
