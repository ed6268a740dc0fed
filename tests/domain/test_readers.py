"""Who may see what, asked from the member's side, is what the projects can read: not one more, not one less."""

from random import Random

import pytest

from consentry_server.files import actions as files
from consentry_server.files import queries
from consentry_server.files.models import DataFile
from consentry_server.files.queries import readers
from consentry_server.sharing.models import Authorization
from tests.world import THEN, World, authorize, give, leave, make_project


def check(world: World) -> None:
    """Compare both sides for every file and every authorization that there ever was."""
    everybody = [row.pk for row in Authorization.objects.all()]
    for file in DataFile.objects.all():
        opening = {one for one in everybody if queries.readable(file_id=file.pk, authorization_id=one) is not None}
        named = readers.of_file(file.pk, member_id=file.member_id, most=100)
        assert {reader.authorization_id for reader in named} == opening
        if opening:
            of_source = readers.of_source(file.source_id, member_id=file.member_id, most=100)
            assert of_source == named
            assert readers.counted(file.member_id)[file.source_id] == len(opening)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_is_named_can_read_and_whoever_can_read_is_named(world: World, seed: int) -> None:
    dice = Random(seed)
    sources = [world.source, world.private]
    asking = [
        make_project(world.coordinator, f"Asks {nth}", requested_sources=dice.sample(sources, dice.randint(0, 2)))
        for nth in range(4)
    ]
    asking += [world.source, make_project(world.coordinator, "Wide", all_sources_access=True)]
    for member in (world.alice, world.bob, world.joiner):
        give(member, dice.choice(sources), "one.csv")
        for project in dice.sample(asking, 3):
            authorization = authorize(member, project)
            if dice.random() < 0.3:
                leave(authorization)
    check(world)
    files.suspend(member_id=world.bob.pk, suspended=True, actor="test", now=THEN)
    files.delete_own(member_id=world.alice.pk, file_id=world.file_id, now=THEN)
    DataFile.objects.filter(member=world.joiner, source=world.source).update(completed_at=None)
    check(world)
    assert readers.of_member(world.bob.pk, most=10) == []


def test_a_file_of_somebody_else_has_no_readers(world: World) -> None:
    assert readers.of_file(world.file_id, member_id=world.bob.pk, most=10) == []


def test_each_project_is_named_with_the_number_of_files_that_it_may_read(world: World) -> None:
    wide = authorize(world.alice, make_project(world.coordinator, "Wide", all_sources_access=True))
    nothing = authorize(world.alice, make_project(world.coordinator, "Nothing"))
    found = {reader.authorization_id: reader.files for reader in readers.of_member(world.alice.pk, most=10)}

    assert found == {world.of_alice.pk: 1, wide.pk: 2, nothing.pk: 0}
    assert len(readers.of_member(world.alice.pk, most=2)) == 2
