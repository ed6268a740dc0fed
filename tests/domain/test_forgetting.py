"""What apps bore goes when it has been over for a month; what is not over stays, however old."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consentry_server.common.ids import new_secret
from consentry_server.projects.models import Project
from consentry_server.sharing import queries as sharing
from consentry_server.tokens import actions, queries
from consentry_server.tokens.actions import Pair, ending
from consentry_server.tokens.models import AccessToken, AuthorizationCode, Device, Family, RefreshToken
from consentry_server.tokens.queries import UnknownToken
from consentry_server.tokens.rules import ACCESS, REFRESH
from tests.world import REDIRECT, World, allow, leave, make_app

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def app(world: World) -> Project:
    return make_app(world.coordinator, "Tracker", device_allowed=True)[0]


def renew(app: Project, secret: str, *, now: datetime) -> Pair:
    found = actions.refreshable(secret=secret, project_id=app.pk, now=now)
    assert found is not None
    pair = Pair(new_secret(ACCESS), new_secret(REFRESH))
    actions.refresh(token=found.token, pair=pair, scope="read", now=now)
    return pair


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (AuthorizationCode, Family, AccessToken, RefreshToken))


def test_pairs_that_were_replaced_go_after_a_month_and_the_last_one_works_on(world: World, app: Project) -> None:
    first = allow(world.alice, app, now=NOW)
    second = renew(app, first.refresh, now=NOW + DAY)
    third = renew(app, second.refresh, now=NOW + 20 * DAY)
    actions.forget(now=NOW + 30 * DAY)
    assert counts() == (1, 1, 3, 3)
    actions.forget(now=NOW + 32 * DAY)
    assert counts() == (0, 1, 2, 2)
    assert renew(app, third.refresh, now=NOW + 32 * DAY)
    actions.forget(now=NOW + 60 * DAY)
    assert counts() == (0, 1, 2, 2)


def test_092_within_the_month_an_old_one_is_known_and_ends_the_family(world: World, app: Project) -> None:
    first = allow(world.alice, app, now=NOW)
    second = renew(app, first.refresh, now=NOW)
    actions.forget(now=NOW + 29 * DAY)
    assert actions.refreshable(secret=first.refresh, project_id=app.pk, now=NOW + 29 * DAY) is None
    assert Family.objects.get().ended_by == "reuse"
    assert actions.refreshable(secret=second.refresh, project_id=app.pk, now=NOW + 29 * DAY) is None


def test_a_family_that_ended_goes_with_all_its_tokens(world: World, app: Project) -> None:
    pair = renew(app, allow(world.alice, app, now=NOW).refresh, now=NOW)
    actions.end_family(family_id=Family.objects.get().pk, by="member", now=NOW + DAY)
    actions.forget(now=NOW + 30 * DAY)
    assert counts() == (1, 1, 1, 1)  # the pair that was replaced went by itself
    actions.forget(now=NOW + 31 * DAY)
    assert counts() == (0, 0, 0, 0)
    with pytest.raises(UnknownToken):
        queries.caller(pair.access, now=NOW)


def test_what_was_borne_for_somebody_who_left_goes_too(world: World, app: Project) -> None:
    allow(world.alice, app, now=NOW)
    of_bob = allow(world.bob, app, now=NOW)
    row = sharing.live(member_id=world.alice.pk, project_id=app.pk)
    assert row is not None
    leave(row)
    actions.forget(now=NOW + 32 * DAY)
    assert counts() == (0, 1, 1, 1)
    assert renew(app, of_bob.refresh, now=NOW + 32 * DAY)


def test_a_family_goes_when_its_two_years_are_over(world: World, app: Project) -> None:
    allow(world.alice, app, now=NOW)
    for days, families in ((700, 1), (759, 1), (761, 0)):
        actions.forget(now=NOW + days * DAY)
        assert Family.objects.count() == families


def test_codes_and_devices_that_nobody_used_go(world: World, app: Project) -> None:
    asked = actions.Asked(app.pk, REDIRECT, redirect_given=True, scope="read")
    shown = sharing.ask(app.pk).sha256
    actions.allow(member_id=world.alice.pk, asked=asked, shown=shown, hidden=False, now=NOW)
    actions.begin_device(project_id=app.pk, scope="read", now=NOW)
    actions.forget(now=NOW + 30 * DAY)
    assert (AuthorizationCode.objects.count(), Device.objects.count()) == (1, 1)
    actions.forget(now=NOW + 31 * DAY)
    assert (AuthorizationCode.objects.count(), Device.objects.count()) == (0, 0)


def test_a_device_that_got_its_tokens_keeps_nothing_back(world: World, app: Project) -> None:
    begun = actions.begin_device(project_id=app.pk, scope="read", now=NOW)
    who: dict[str, Any] = {"member_id": world.alice.pk, "shown": sharing.ask(app.pk).sha256, "hidden": False}
    actions.claim_device(user_code=begun.user_code, member_id=world.alice.pk, now=NOW)
    actions.decide_device(user_code=begun.user_code, **who, now=NOW)
    _, device = actions.poll_device(secret=begun.device_code, project_id=app.pk, now=NOW)
    assert device is not None
    actions.issue(origin=device, pair=Pair(new_secret(ACCESS), new_secret(REFRESH)), now=NOW)
    actions.end_family(family_id=Family.objects.get().pk, by="app", now=NOW)
    actions.forget(now=NOW + 31 * DAY)
    assert (Device.objects.count(), *counts()) == (0, 0, 0, 0, 0)


def test_011_the_next_pair_is_kept_for_a_minute_whoever_clears_it(world: World, app: Project) -> None:
    first = allow(world.alice, app, now=NOW)
    second = renew(app, first.refresh, now=NOW)
    kept = RefreshToken.objects.exclude(successor="")
    actions.forget(now=NOW + timedelta(seconds=59))
    assert kept.count() == 1
    found = actions.refreshable(secret=first.refresh, project_id=app.pk, now=NOW + timedelta(seconds=59))
    assert found is not None
    assert found.again == second
    actions.forget(now=NOW + timedelta(seconds=60))
    assert kept.count() == 0


def test_much_goes_a_little_at_a_time(world: World, app: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "_AT_ONCE", 2)
    pair = allow(world.alice, app, now=NOW)
    for n in range(7):
        pair = renew(app, pair.refresh, now=NOW + timedelta(minutes=n))
    actions.forget(now=NOW + 31 * DAY)
    assert counts() == (0, 1, 1, 1)
    assert renew(app, pair.refresh, now=NOW + 31 * DAY)
