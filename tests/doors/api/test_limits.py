"""How many calls a token and an address may make in a minute, and how they are told."""

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from consentry_server.common.ids import new_secret
from consentry_server.files.models import Access
from consentry_server.tokens.models import MasterToken
from consentry_server.tokens.rules import Right
from tests.doors.api.calls import DELETE, EXCHANGE, MEMBERS, PROJECT, bearer, get, raw, upload
from tests.doors.api.conftest import Clock
from tests.world import World, make_named_token

pytestmark = pytest.mark.django_db

WRONG = "csm" + "x" * 49


def test_every_answer_says_what_is_left_in_the_form_of_the_draft(
    world: World, client: httpx.Client, settings: Settings
) -> None:
    settings.CALLS_PER_TOKEN, settings.CALLS_PER_ADDRESS = 50, 70
    get(client, PROJECT, world.token)
    answer = get(client, PROJECT, world.token)
    assert answer.headers["RateLimit-Policy"] == '"address";q=70;w=60, "token";q=50;w=60'
    assert re.fullmatch(r'"address";r=68;t=(60|59), "token";r=48;t=(60|59)', answer.headers["RateLimit"])


def test_a_call_that_changes_something_has_an_allowance_of_its_own(
    world: World, client: httpx.Client, settings: Settings
) -> None:
    settings.CALLS_PER_ADDRESS, settings.CALLS_PER_TOKEN, settings.WRITES_PER_TOKEN = 0, 50, 2
    left = [upload(client, world.token, world.alice_number).headers["RateLimit"] for _ in range(2)]
    third = upload(client, world.token, world.alice_number)

    assert ['"token-writes";r=1;' in left[0], '"token-writes";r=0;' in left[1]] == [True, True]
    assert third.status_code == 429
    assert "calls with this token that change something" in third.json()["detail"]
    assert get(client, MEMBERS, world.token).status_code == 200


@pytest.mark.parametrize("address", ["/api/nothing/", f"{PROJECT}?format=xml", MEMBERS[:-1], PROJECT])
def test_refusals_and_redirects_say_it_too(client: httpx.Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code in (301, 401, 404)
    assert answer.headers["RateLimit"].startswith('"address";r=599999;')


def test_a_download_counts_for_its_address(world: World, client: httpx.Client) -> None:
    row = get(client, MEMBERS, world.token).json()["results"][0]
    answer = client.get(row["data"][0]["download_url"])
    assert answer.status_code == 302
    assert answer.headers["RateLimit"].startswith('"address";r=599998;')


def test_one_call_too_many_is_told_how_long_to_wait_and_changes_nothing(
    world: World, client: httpx.Client, settings: Settings, clock: Clock
) -> None:
    settings.CALLS_PER_TOKEN = 3
    assert [get(client, MEMBERS, world.token).status_code for _ in range(3)] == [200] * 3
    clock.move(seconds=12.5)
    answer = get(client, MEMBERS, world.token)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "48"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["detail"].startswith("Too many calls with this token: 3 a minute at most. Wait 48 seconds,")
    assert '"token";r=0;t=48' in answer.headers["RateLimit"]
    assert Access.objects.count() == 3
    clock.move(seconds=48)
    assert get(client, MEMBERS, world.token).status_code == 200


def test_one_token_does_not_take_from_another(world: World, client: httpx.Client, settings: Settings) -> None:
    settings.CALLS_PER_TOKEN = 1
    narrow = make_named_token(world.study, "narrow", Right.READ)
    for token in (world.token, narrow, world.other_token):
        assert [get(client, PROJECT, token).status_code for _ in range(2)] == [200, 429]


def ask(address: str, token: str = WRONG) -> int:
    return raw("GET", PROJECT, environ={"REMOTE_ADDR": address, "HTTP_AUTHORIZATION": f"Bearer {token}"}).status


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.10"),
        ("2001:db8:1:2::5", "2001:db8:1:2:ffff::1", "2001:db8:1:3::5"),
        ("::ffff:203.0.113.9", "::ffff:203.0.113.9", "::ffff:203.0.113.10"),
        ("", "", "unix:"),
    ],
)
def test_an_address_has_its_allowance_and_one_household_shares_it(
    world: World, settings: Settings, one: str, same: str, other: str
) -> None:
    settings.CALLS_PER_ADDRESS = 2
    assert [ask(one, world.token), ask(same, world.token), ask(same, world.token)] == [200, 200, 429]
    assert ask(other, world.token) == 200


def test_an_address_over_its_limit_is_refused_before_the_database_is_asked(world: World, settings: Settings) -> None:
    settings.CALLS_PER_ADDRESS = 1
    ask("203.0.113.9", world.token)
    with CaptureQueriesContext(connection) as captured:
        assert ask("203.0.113.9", world.token) == 429
    assert len(captured) == 0


def test_017_wrong_tokens_are_soon_too_many_and_the_right_one_of_a_neighbor_still_works(
    world: World, settings: Settings
) -> None:
    settings.FAILURES_PER_ADDRESS = 3
    malformed, unknown = WRONG, new_secret("csm")
    assert [ask("203.0.113.9", token) for token in (malformed, unknown, malformed, malformed, unknown)] == [
        401, 401, 401, 429, 429,
    ]  # fmt: skip
    assert ask("203.0.113.9", world.token) == 200
    assert ask("203.0.113.10") == 401


def test_016_020_an_expired_token_counts_as_a_failure(
    world: World, client: httpx.Client, settings: Settings, clock: Clock
) -> None:
    settings.FAILURES_PER_ADDRESS = 1
    clock.move(days=2)
    assert [get(client, PROJECT, world.token).status_code for _ in range(2)] == [401, 429]


def test_zero_is_no_limit_and_says_nothing(world: World, client: httpx.Client, settings: Settings) -> None:
    settings.CALLS_PER_TOKEN = settings.CALLS_PER_ADDRESS = settings.WRITES_PER_TOKEN = 0
    settings.FAILURES_PER_ADDRESS = 0
    answer = get(client, PROJECT, world.token)
    assert "RateLimit" not in answer.headers
    assert "RateLimit-Policy" not in answer.headers
    assert ask("203.0.113.9") == 401


def test_a_client_that_walks_everything_is_not_limited_by_default(settings: Settings) -> None:
    # more than this machine answers: 2,000 pages of files or 8,000 of `project/` a second (docs, bench/)
    assert min(settings.CALLS_PER_TOKEN, settings.CALLS_PER_ADDRESS) >= 60 * 8_000


@pytest.mark.parametrize("address", [PROJECT, MEMBERS, EXCHANGE, DELETE])
def test_the_limits_cost_no_statement(world: World, client: httpx.Client, address: str, settings: Settings) -> None:
    found = []
    for most in (0, 1000):
        settings.CALLS_PER_TOKEN = settings.CALLS_PER_ADDRESS = most
        with CaptureQueriesContext(connection) as captured:
            client.request("POST" if address == DELETE else "GET", address, headers=bearer(world.token))
        found.append(len(captured))
    assert found[0] == found[1]


def last_used(token: MasterToken) -> object:
    token.refresh_from_db()
    return token.last_used_at


def test_last_uses_are_written_once_a_minute_for_all_tokens_together(
    world: World, client: httpx.Client, clock: Clock, settings: Settings
) -> None:
    started = clock.now
    rows = list(MasterToken.objects.order_by("id"))
    tokens = [world.token, world.other_token]
    get(client, PROJECT, world.token)
    clock.move(seconds=20)
    for _ in range(5):
        get(client, PROJECT, tokens[1])
    assert [last_used(row) for row in rows] == [None, None]

    clock.move(seconds=40)
    with CaptureQueriesContext(connection) as captured:
        get(client, PROJECT, world.token)
    assert sum("UPDATE" in entry["sql"] for entry in captured.captured_queries) == 1
    assert [last_used(row) for row in rows] == [started + timedelta(minutes=1), started + timedelta(seconds=20)]

    with CaptureQueriesContext(connection) as captured:
        get(client, PROJECT, tokens[1])
    assert not any("UPDATE" in entry["sql"] for entry in captured.captured_queries)


def test_004_the_counts_hold_no_token_and_no_address(world: World, settings: Settings) -> None:
    ask("203.0.113.9", world.token)
    kept = b"".join(path.read_bytes() for path in Path(settings.LIMITS).iterdir())
    for secret in (world.token, "203.0.113.9"):
        assert secret.encode() not in kept
