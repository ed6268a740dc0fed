"""How often the token of a member may be used, and when it was last."""

from collections.abc import Callable

import httpx
from pytest_django import Settings

from consentry_server.tokens.models import AccessToken, MasterToken, RefreshToken
from tests.doors.api.acting import Acting, refresh, row_of
from tests.doors.api.calls import (
    PROJECT,
    get,
    upload,
)
from tests.doors.api.conftest import Clock

Drain = Callable[..., int]


def same_number(acting: Acting) -> AccessToken:
    """Give alice's access token the number of the app's master token."""
    master, access = MasterToken.objects.get(project=acting.app), row_of(acting.alice.access)
    RefreshToken.objects.filter(access_token=access).delete()
    AccessToken.objects.filter(id=master.pk).exclude(id=access.pk).delete()
    AccessToken.objects.filter(id=access.pk).update(id=master.pk)
    return row_of(acting.alice.access)


def test_a_master_token_and_one_of_a_member_do_not_share_what_they_may_do(
    acting: Acting, client: httpx.Client, settings: Settings
) -> None:
    same_number(acting)
    settings.CALLS_PER_TOKEN = 1
    for token in (acting.master, acting.alice.access):
        assert [get(client, PROJECT, token).status_code for _ in range(2)] == [200, 429]


def test_members_of_one_app_do_not_share_what_they_may_do(
    acting: Acting, client: httpx.Client, settings: Settings
) -> None:
    settings.WRITES_PER_TOKEN = 1
    for token in (acting.alice.access, acting.bob.access):
        assert [upload(client, token, None).status_code for _ in range(2)] == [201, 429]


def test_the_last_use_is_noted_to_the_minute_for_each_kind(acting: Acting, client: httpx.Client, clock: Clock) -> None:
    access, master = same_number(acting), acting.master
    get(client, PROJECT, master)
    clock.move(minutes=2)
    began = clock.now
    for token in (acting.alice.access, acting.bob.access, acting.alice.access):
        get(client, PROJECT, token)
        clock.move(seconds=20)
    clock.move(minutes=2)
    get(client, PROJECT, master)
    access.refresh_from_db()
    assert access.last_used_at is not None
    assert abs((access.last_used_at - began).total_seconds()) < 60
    of_bob = row_of(acting.bob.access).last_used_at
    assert of_bob is not None
    assert abs((of_bob - began).total_seconds()) < 80
    of_master = MasterToken.objects.get(project=acting.app).last_used_at
    assert of_master is None or abs((of_master - began).total_seconds()) > 60


def test_the_next_tokens_have_an_allowance_of_their_own(
    acting: Acting, client: httpx.Client, settings: Settings
) -> None:
    settings.CALLS_PER_TOKEN = 1
    assert [get(client, PROJECT, acting.alice.access).status_code for _ in range(2)] == [200, 429]
    following = refresh(client, acting, acting.alice.refresh).json()["access_token"]
    assert get(client, PROJECT, following).status_code == 200
