"""A member signs an app out: whatever it holds for them is over, and sharing goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consentry_server.audit.models import Event
from consentry_server.common.errors import NotFound
from consentry_server.common.ids import new_secret
from consentry_server.outbox.models import Effect
from consentry_server.projects.models import Project
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.models import Authorization
from consentry_server.tokens import actions, queries
from consentry_server.tokens.actions import Pair
from consentry_server.tokens.models import Family
from consentry_server.tokens.queries import UnknownToken, acting
from consentry_server.tokens.rules import ACCESS, REFRESH
from tests.world import REDIRECT, World, allow, make_app

NOW = datetime.now(UTC)
SOON = NOW + timedelta(seconds=1)


@pytest.fixture
def app(world: World) -> Project:
    return make_app(world.coordinator, "Tracker", device_allowed=True)[0]


def sign_out(world: World, app: Project, *, now: datetime = SOON) -> None:
    actions.sign_out(member_id=world.alice.pk, authorization_id=live(world, app).pk, now=now)


def live(world: World, app: Project) -> Authorization:
    row = sharing.live(member_id=world.alice.pk, project_id=app.pk)
    assert row is not None
    return row


def code(world: World, app: Project) -> str:
    asked = actions.Asked(app.pk, REDIRECT, redirect_given=True, scope="read")
    who: dict[str, Any] = {"member_id": world.alice.pk, "shown": sharing.ask(app.pk).sha256}
    return actions.allow(**who, asked=asked, hidden=False, now=NOW)


def test_all_tokens_of_the_app_end_and_those_of_others_stay(world: World, app: Project) -> None:
    first, second = allow(world.alice, app), allow(world.alice, app)
    of_bob, elsewhere = allow(world.bob, app), allow(world.alice, make_app(world.coordinator, "Other app")[0])
    sign_out(world, app)
    for pair in (first, second):
        with pytest.raises(UnknownToken):
            queries.caller(pair.access, now=SOON)
        assert actions.refreshable(secret=pair.refresh, project_id=app.pk, now=SOON) is None
    for pair in (of_bob, elsewhere):
        assert queries.caller(pair.access, now=SOON).number
    assert acting.apps_of([live(world, app).pk], now=SOON) == {}
    assert Event.objects.filter(name="token.end", actor="member").count() == 2


@pytest.mark.parametrize("clock", [NOW + timedelta(milliseconds=1), SOON, SOON + timedelta(seconds=1)])
def test_a_code_ends_whenever_whoever_exchanges_it_looked_at_the_clock(
    world: World, app: Project, clock: datetime
) -> None:
    """A request that waits for the lock has read its clock before the member pressed the button."""
    left_over = code(world, app)
    sign_out(world, app)
    assert actions.redeemable(code=left_over, project_id=app.pk, now=clock) is None


def test_a_device_that_was_let_in_gets_no_tokens_any_more(world: World, app: Project) -> None:
    begun = actions.begin_device(project_id=app.pk, scope="read", now=NOW)
    who: dict[str, Any] = {"member_id": world.alice.pk, "shown": sharing.ask(app.pk).sha256, "hidden": False}
    actions.claim_device(user_code=begun.user_code, member_id=world.alice.pk, now=NOW)
    actions.decide_device(user_code=begun.user_code, **who, now=NOW)
    sign_out(world, app)
    for now in (NOW, SOON):
        assert actions.poll_device(secret=begun.device_code, project_id=app.pk, now=now)[0] == "denied"


def test_it_can_be_let_in_again(world: World, app: Project) -> None:
    allow(world.alice, app)
    sign_out(world, app)
    again = allow(world.alice, app)
    assert queries.caller(again.access, now=NOW).project_id == app.pk


def test_signing_out_twice_is_the_same_and_somebody_elses_is_not_there(world: World, app: Project) -> None:
    allow(world.alice, app)
    sign_out(world, app)
    sign_out(world, app)
    assert Event.objects.filter(name="token.end").count() == 1
    of_bob = allow(world.bob, app)
    bobs = Family.objects.latest("id").authorization_id
    with pytest.raises(NotFound):
        actions.sign_out(member_id=world.alice.pk, authorization_id=bobs, now=SOON)
    assert queries.caller(of_bob.access, now=SOON)


def test_092_reuse_is_told_to_each_of_the_two_once_however_often_it_is_tried(world: World, app: Project) -> None:
    pair = allow(world.alice, app, now=NOW)
    found = actions.refreshable(secret=pair.refresh, project_id=app.pk, now=NOW)
    assert found is not None
    following = Pair(new_secret(ACCESS), new_secret(REFRESH))
    actions.refresh(token=found.token, pair=following, scope="read", now=NOW)
    late = NOW + timedelta(seconds=60)
    for _ in range(3):
        assert actions.refreshable(secret=pair.refresh, project_id=app.pk, now=late) is None
    assert actions.end_family(family_id=found.token.family_id, by="reuse", now=late) is False
    assert Effect.objects.filter(kind="tokens.reuse").count() == 2
    with pytest.raises(UnknownToken):
        queries.caller(following.access, now=late)
