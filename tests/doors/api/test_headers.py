"""The headers of every answer, and what a page of another site may do."""

from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.doors.api.calls import ENDPOINTS, MEMBERS, PROJECT, UPLOAD, bearer, get
from tests.world import World

pytestmark = pytest.mark.django_db

PREFLIGHT = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}


def check_headers(answer: httpx.Response) -> None:
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert answer.headers["Vary"] == "Accept, Authorization, Cookie, origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert parsedate_to_datetime(answer.headers["Expires"]).tzinfo is not None


def test_005_an_answer_has_the_headers_of_the_wire(world: World, client: httpx.Client) -> None:
    answer = get(client, MEMBERS, world.token)
    check_headers(answer)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("address", "status"),
    [(PROJECT, 401), (f"{PROJECT}?format=xml", 404), ("/api/nothing/", 404), (MEMBERS[:-1], 301)],
)
def test_a_refusal_has_the_same_headers(client: httpx.Client, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    check_headers(answer)


def test_a_refused_upload_has_the_same_headers(world: World, client: httpx.Client) -> None:
    answer = client.post(UPLOAD, headers=bearer(world.token))
    assert answer.status_code == 400
    assert answer.headers["Allow"] == "POST, OPTIONS"
    check_headers(answer)


def test_the_answer_is_compact_and_in_plain_utf_8(world: World, client: httpx.Client) -> None:
    world.study.name = "Schlaf über 日本"
    world.study.save()
    body = get(client, PROJECT, world.token).content
    assert '"name":"Schlaf über 日本"'.encode() in body
    assert b'": ' not in body
    assert b'", ' not in body


@pytest.mark.parametrize("address", ENDPOINTS)
def test_a_preflight_is_answered_without_a_token(client: httpx.Client, address: str) -> None:
    answer = client.options(address, headers=PREFLIGHT)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE, GET, OPTIONS, PATCH, POST, PUT"
    assert (
        answer.headers["Access-Control-Allow-Headers"]
        == "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with"
    )
    assert answer.headers["Access-Control-Max-Age"] == "86400"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_no_answer_of_the_api_sets_a_cookie(world: World, client: httpx.Client) -> None:
    for address in ENDPOINTS:
        assert "Set-Cookie" not in get(client, address, world.token).headers


@pytest.mark.parametrize("host", ["evil.example", "testserver:80@evil.example", "testserver,evil", "a b", ""])
def test_a_host_that_is_not_ours_is_refused(world: World, client: httpx.Client, host: str) -> None:
    answer = client.get(MEMBERS, headers=bearer(world.token) | {"Host": host})
    assert answer.status_code == 400
    assert list(answer.json()) == ["detail"]


def test_a_forwarded_host_is_not_believed(world: World, client: httpx.Client) -> None:
    headers = bearer(world.token) | {"X-Forwarded-Host": "evil.example"}
    assert "evil" not in client.get(MEMBERS, headers=headers, params={"limit": 1}).text
