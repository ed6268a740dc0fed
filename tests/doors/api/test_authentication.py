"""Who is calling: the table of the wire, row by row."""

import string
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consentry_server.common.ids import new_secret
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.models import MasterToken
from tests.doors.api.calls import ENDPOINTS, EXCHANGE, MEMBERS, PROJECT, WRITES, bearer, get, raw
from tests.doors.api.conftest import Clock
from tests.world import World, make_token

pytestmark = pytest.mark.django_db

PLAIN = 'Bearer realm="api"'
UNKNOWN = PLAIN + ',error="invalid_token",error_description="The access token is invalid."'
NOTHING = "Authentication credentials were not provided."
EMPTY = "Invalid token header. No credentials provided."
SPACES = "Invalid token header. Token string should not contain spaces."
CHARACTERS = "Invalid token header. Token string should not contain invalid characters."


def call(client: httpx.Client, address: str, **how: object) -> httpx.Response:
    return client.request("POST" if address in WRITES else "GET", address, **how)  # type: ignore[arg-type]


def refused(answer: httpx.Response, detail: str) -> None:
    assert (answer.status_code, answer.json()) == (401, {"detail": detail})


@pytest.mark.parametrize("address", ENDPOINTS)
def test_a_call_without_a_token_is_refused(client: httpx.Client, address: str) -> None:
    answer = call(client, address)
    refused(answer, NOTHING)
    assert answer.headers["WWW-Authenticate"] == PLAIN


@pytest.mark.parametrize("header", ["Token abc", "Basic YTpi", "", "abc", "Digest x=y"])
def test_another_scheme_counts_as_no_token(client: httpx.Client, header: str) -> None:
    refused(client.get(PROJECT, headers={"Authorization": header}), NOTHING)


@pytest.mark.parametrize("address", ENDPOINTS)
def test_an_unknown_token_is_refused(client: httpx.Client, address: str) -> None:
    answer = call(client, address, headers=bearer(new_secret("csm")))
    refused(answer, "Invalid token.")
    assert answer.headers["WWW-Authenticate"] == (PLAIN if address == MEMBERS else UNKNOWN)


@pytest.mark.parametrize("address", ENDPOINTS)
@pytest.mark.parametrize("where", ["header", "query"])
def test_the_token_works_in_the_header_and_in_the_query(
    world: World, client: httpx.Client, address: str, where: str
) -> None:
    how = {"headers": bearer(world.token)} if where == "header" else {"params": {"access_token": world.token}}
    assert call(client, address, **how).status_code in (200, 400)


def test_014_the_same_token_twice_is_fine(world: World, client: httpx.Client) -> None:
    answer = client.get(PROJECT, headers=bearer(world.token), params={"access_token": world.token})
    assert answer.status_code == 200


@pytest.mark.parametrize("second", ["other", "junk"])
def test_014_two_different_tokens_are_refused(world: World, client: httpx.Client, second: str) -> None:
    token = world.other_token if second == "other" else "junk"
    for header, query in ((world.token, token), (token, world.token)):
        answer = client.get(PROJECT, headers=bearer(header), params={"access_token": query})
        assert answer.status_code == 400
        assert list(answer.json()) == ["detail"]


def test_of_a_repeated_query_parameter_the_last_counts(world: World, client: httpx.Client) -> None:
    address = f"{PROJECT}?access_token=bad&access_token={world.token}"
    assert client.get(address).status_code == 200
    refused(client.get(f"{address}&access_token=bad"), "Invalid token.")


def test_another_scheme_beside_a_token_in_the_query_is_passed_over(world: World, client: httpx.Client) -> None:
    answer = client.get(PROJECT, headers={"Authorization": "Basic YTpi"}, params={"access_token": world.token})
    assert answer.status_code == 200


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR"])
def test_016_the_scheme_is_read_in_any_case(world: World, client: httpx.Client, scheme: str) -> None:
    answer = client.get(PROJECT, headers={"Authorization": f"{scheme} {world.token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Bearer", EMPTY),
        ("Bearer ", EMPTY),
        ("Bearer {0} {0}", SPACES),
        ("Bearer a b", SPACES),
        ("Bearer  {0}", SPACES),
        ("Bearer {0} ", SPACES),
        ("Bearer\t{0}", NOTHING),
        ("Bearer {0}\t", CHARACTERS),
        ("Bearer \xe9", CHARACTERS),
        ("Bearer {0}\x00", CHARACTERS),
        ("Bearer " + "x" * 8192, "Invalid token."),
        ("Bearer{0}", NOTHING),
        ('Bearer "{0}"', "Invalid token."),
    ],
)
def test_016_a_header_that_is_not_quite_right_is_refused(world: World, header: str, detail: str) -> None:
    answer = raw("GET", PROJECT, environ={"HTTP_AUTHORIZATION": header.format(world.token)})
    assert (answer.status, answer.body.decode()) == (401, f'{{"detail":"{detail}"}}')


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", EMPTY),
        ("%20", EMPTY),
        ("a+b", SPACES),
        ("%C3%A9", CHARACTERS),
        ("%00x", CHARACTERS),
        ("%ff", CHARACTERS),
    ],
)
def test_016_a_query_that_is_not_quite_right_is_refused(client: httpx.Client, query: str, detail: str) -> None:
    refused(client.get(f"{PROJECT}?access_token={query}"), detail)


def malformed(token: str) -> list[str]:
    other = "b" if token[20] == "a" else "a"
    changed = [token[:-1] + ("b" if token[-1] == "a" else "a"), token[:20] + other + token[21:]]
    return [*changed, token[:-1], token + "a", token[3:], token.swapcase(), token[::-1], "csm", "x"]


def test_017_a_malformed_token_is_refused_without_asking_the_database(world: World, client: httpx.Client) -> None:
    for token in malformed(world.token):
        with CaptureQueriesContext(connection) as asked:
            refused(client.get(PROJECT, headers=bearer(token)), "Invalid token.")
        assert len(asked) == 0, token


@pytest.mark.parametrize("prefix", ["csu", "csr", "csc", "csd", "CSM", ""])
@pytest.mark.usefixtures("world")
def test_019_a_secret_of_another_kind_is_no_token(client: httpx.Client, prefix: str) -> None:
    secret = new_secret(prefix)
    with CaptureQueriesContext(connection) as asked:
        refused(client.get(PROJECT, headers=bearer(secret)), "Invalid token.")
    assert len(asked) == 0


def test_019_a_download_key_is_no_token(world: World, client: httpx.Client) -> None:
    row = get(client, MEMBERS, world.token).json()["results"][0]
    key = row["data"][0]["download_url"].partition("key=")[2]
    for address in ENDPOINTS:
        refused(call(client, address, headers=bearer(key)), "Invalid token.")


def test_019_what_the_database_keeps_of_a_token_is_no_token(world: World, client: httpx.Client) -> None:
    row = MasterToken.objects.get(project=world.study)
    for kept in (bytes(row.sha256).hex(), row.sealed, row.fingerprint):
        refused(client.get(PROJECT, headers=bearer(kept)), "Invalid token.")


def test_a_token_is_letters_and_digits(world: World) -> None:
    assert set(world.token) <= set(string.ascii_letters + string.digits)


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(86_399, 200), (86_400, 401), (86_401, 401)],
    ids=["before", "exactly", "after"],
)
def test_020_a_token_ends_exactly_when_it_expires(
    world: World, client: httpx.Client, clock: Clock, seconds: int, status: int
) -> None:
    token = make_token(world.study, replacing=fingerprint(world), now=clock.now)
    clock.move(seconds=seconds)
    answer = get(client, PROJECT, token)
    assert answer.status_code == status
    if status == 401:
        refused(answer, "Expired token.")


def test_020_a_wrong_token_never_says_expired(world: World, client: httpx.Client, clock: Clock) -> None:
    clock.move(days=30)
    refused(get(client, PROJECT, world.token), "Expired token.")
    for token in malformed(world.token):
        refused(client.get(PROJECT, headers=bearer(token)), "Invalid token.")


@pytest.mark.parametrize("address", ENDPOINTS)
def test_an_expired_token_is_refused_everywhere(world: World, client: httpx.Client, clock: Clock, address: str) -> None:
    clock.move(days=2)
    refused(call(client, address, headers=bearer(world.token)), "Expired token.")


def fingerprint(world: World) -> str:
    return MasterToken.objects.get(project=world.study, replaced_at=None).fingerprint


def test_a_rotated_token_is_dead_at_once(world: World, client: httpx.Client) -> None:
    token = make_token(world.study, replacing=fingerprint(world))
    refused(get(client, PROJECT, world.token), "Invalid token.")
    assert get(client, PROJECT, token).status_code == 200


def test_023_both_tokens_work_while_a_rotation_overlaps(world: World, client: httpx.Client, clock: Clock) -> None:
    new = tokens.rotate(
        project_id=world.study.pk,
        actor="test",
        replacing=fingerprint(world),
        lifetime=timedelta(days=1),
        overlap=timedelta(minutes=10),
        now=clock.now,
    )
    clock.move(minutes=9, seconds=59)
    assert get(client, PROJECT, world.token).status_code == get(client, PROJECT, new).status_code == 200
    clock.move(seconds=1)
    refused(get(client, PROJECT, world.token), "Expired token.")
    assert get(client, PROJECT, new).status_code == 200


def test_a_token_reads_its_own_project_only(world: World, client: httpx.Client) -> None:
    assert get(client, PROJECT, world.token).json()["id"] == world.study.pk
    assert get(client, PROJECT, world.other_token).json()["id"] == world.other.pk


def test_a_session_opens_no_endpoint(world: World, client: httpx.Client) -> None:
    browser = Client()
    browser.force_login(world.alice)
    client.cookies.set("session", browser.cookies["session"].value)
    for address in ENDPOINTS:
        refused(call(client, address), NOTHING)


def test_a_token_in_the_body_opens_nothing(world: World, client: httpx.Client) -> None:
    refused(client.post(WRITES[1], data={"access_token": world.token}), NOTHING)


def test_a_paused_or_unapproved_project_keeps_its_access(world: World, client: httpx.Client) -> None:
    world.study.paused_at, world.study.approved_at = datetime.now(UTC), None
    world.study.save(update_fields=["paused_at", "approved_at"])
    assert get(client, MEMBERS, world.token).json()["count"] == 2
    assert get(client, EXCHANGE, world.token, project_member_id=world.alice_number).status_code == 200


@pytest.mark.usefixtures("world")
def test_an_unknown_token_costs_one_statement(client: httpx.Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        refused(get(client, MEMBERS, new_secret("csm")), "Invalid token.")
    assert len(asked) == 1
