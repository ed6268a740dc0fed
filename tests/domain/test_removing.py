"""A project ends what members share with it: all whom it names, or nobody."""

import pytest

from consentry_server.audit.models import Event
from consentry_server.files import actions as files
from consentry_server.projects.models import Project
from consentry_server.sharing import actions
from consentry_server.sharing.models import Authorization
from tests.world import THEN, World, authorize, leave


def remove(world: World, *numbers: str) -> list[int]:
    return actions.remove(project_id=world.study.pk, numbers=numbers, now=THEN)


def live(world: World) -> int:
    return Authorization.objects.filter(project=world.study, revoked_at=None).count()


def test_whoever_is_removed_is_gone_and_the_trail_says_by_whom(world: World) -> None:
    ended = remove(world, world.alice_number)
    world.of_alice.refresh_from_db()

    assert ended == [world.of_alice.pk]
    assert (world.of_alice.revoked_at, world.of_alice.revoked_by) == (THEN, "project")
    assert world.of_alice.erasure_requested_at is None
    assert Project.objects.get(id=world.study.pk).authorized_members == 1
    assert Event.objects.get(name="sharing.leave").actor == f"project:{world.study.pk}"


def test_nobody_is_removed_if_one_of_them_is_unknown(world: World) -> None:
    foreign = authorize(world.joiner, world.other).project_member.number
    left = authorize(world.joiner, world.study)
    leave(left)
    files.suspend(member_id=world.bob.pk, suspended=True, actor="test", now=THEN)
    strangers = [foreign, left.project_member.number, world.bob_number, "12345678"]

    with pytest.raises(actions.UnknownNumbers) as refused:
        remove(world, world.alice_number, *strangers)

    assert refused.value.numbers == strangers
    world.of_alice.refresh_from_db()
    assert world.of_alice.revoked_at is None


def test_more_members_than_fit_into_one_statement_are_looked_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentry_server.sharing.queries._AT_ONCE", 1)

    assert len(remove(world, world.bob_number, world.alice_number)) == 2
    assert live(world) == 0


def test_muting_twice_is_muting_once(world: World) -> None:
    seat_id = world.of_alice.project_member_id
    for _ in range(2):
        actions.set_muted(seat_id=seat_id, muted=True, now=THEN)

    assert Event.objects.filter(name="sharing.mute").count() == 1
