"""Master tokens: minted, hashed, replaced."""

from datetime import UTC, datetime, timedelta

import pytest

from consentry_server.audit.models import Event
from consentry_server.common.errors import Conflict, Refused
from consentry_server.common.ids import fingerprint, new_secret
from consentry_server.projects.models import Project
from consentry_server.tokens import actions, queries
from consentry_server.tokens.models import MasterToken
from tests.world import World

DAY = timedelta(days=1)


def rotate(
    world: World,
    *,
    replacing: str | None = None,
    lifetime: timedelta | None = DAY,
    overlap: timedelta = timedelta(0),
) -> str:
    return actions.rotate(
        project_id=world.study.pk,
        actor="test",
        replacing=fingerprint(world.token) if replacing is None else replacing,
        lifetime=lifetime,
        overlap=overlap,
        now=datetime.now(UTC),
    )


def project_of(secret: str, after: timedelta = timedelta(0)) -> int:
    return queries.caller(secret, now=datetime.now(UTC) + after).project_id


def test_a_token_says_which_project_is_calling_and_how_many_members_it_has(world: World) -> None:
    caller = queries.caller(world.token, now=datetime.now(UTC))

    assert (caller.project_id, caller.members) == (world.study.pk, 2)
    assert caller.fingerprint == fingerprint(world.token)


def test_a_replaced_token_is_none_any_more(world: World) -> None:
    new = rotate(world)

    assert project_of(new) == world.study.pk
    with pytest.raises(queries.UnknownToken):
        project_of(world.token)


def test_023_inside_the_overlap_both_tokens_work_and_after_it_only_the_new(world: World) -> None:
    new = rotate(world, overlap=timedelta(minutes=10))

    assert project_of(world.token) == project_of(new) == world.study.pk
    with pytest.raises(queries.ExpiredToken):
        project_of(world.token, after=timedelta(minutes=11))
    event = Event.objects.get(name="token.rotate", detail__new=fingerprint(new))
    assert event.detail["old"] == fingerprint(world.token)


def test_an_overlap_lasts_a_day_at_most_and_never_outlives_the_old_token(world: World) -> None:
    second = rotate(world, lifetime=timedelta(days=30), overlap=timedelta(days=9))
    with pytest.raises(queries.ExpiredToken):
        project_of(world.token, after=timedelta(hours=25))

    rotate(world, replacing=fingerprint(second), overlap=timedelta(days=9))
    with pytest.raises(queries.ExpiredToken):
        project_of(second, after=timedelta(hours=25))


def test_020_a_token_is_over_at_the_moment_of_its_end(world: World) -> None:
    end = MasterToken.objects.get(fingerprint=fingerprint(world.token)).expires_at
    assert end is not None

    assert queries.caller(world.token, now=end - timedelta(microseconds=1))
    with pytest.raises(queries.ExpiredToken):
        queries.caller(world.token, now=end)


def test_022_of_two_replacements_at_once_one_is_refused(world: World) -> None:
    rotate(world)

    with pytest.raises(Conflict):
        rotate(world)
    assert MasterToken.objects.filter(project=world.study, replaced_at=None).count() == 1


def test_a_token_for_ever_needs_leave_of_staff(world: World) -> None:
    with pytest.raises(Refused):
        rotate(world, lifetime=None)

    Project.objects.filter(id=world.study.pk).update(eternal_tokens_allowed=True)
    assert project_of(rotate(world, lifetime=None), after=timedelta(days=20_000)) == world.study.pk


def test_a_token_can_be_read_again_by_its_owner_only_from_the_sealed_form(world: World) -> None:
    row = MasterToken.objects.get(fingerprint=fingerprint(world.token))

    assert world.token not in row.sealed
    assert (
        actions.reveal(token_id=row.pk, project_id=world.study.pk, actor="test", now=datetime.now(UTC)) == world.token
    )
    assert Event.objects.filter(name="token.reveal").count() == 1


def test_019_tokens_of_other_kinds_are_unknown(world: World) -> None:
    for prefix in ("csa", "csr", "cs"):
        with pytest.raises(queries.UnknownToken):
            project_of(new_secret(prefix))
