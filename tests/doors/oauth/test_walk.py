"""The whole way of an app: a member is sent here, says yes, and the app reads, brings and writes for them alone."""

import httpx

from tests.doors.api.calls import EXCHANGE, PROJECT, bearer
from tests.doors.oauth.app import App, said
from tests.doors.web.person import Person
from tests.world import World


def test_a_member_says_yes_and_the_app_reads_what_was_agreed_to(
    world: World, alice: Person, app: App, client: httpx.Client
) -> None:
    back = app.allowed(alice)
    assert set(back) == {"code", "state", "origin", "iss"}
    assert (back["state"], back["origin"], back["iss"]) == ("xyz", "external", "http://testserver")
    tokens = app.exchange(back["code"]).json()
    assert list(tokens) == ["access_token", "expires_in", "token_type", "scope", "refresh_token"]
    assert (tokens["expires_in"], tokens["token_type"]) == (36000, "Bearer")
    read = client.get(EXCHANGE, headers=bearer(tokens["access_token"])).json()
    assert [file["basename"] for file in read["data"]] == ["alice.csv"]
    assert read["username"] == "alice"
    assert client.get(PROJECT, headers=bearer(tokens["access_token"])).json()["type"] == "oauth2"


def test_a_refresh_gives_the_next_pair_and_ends_the_last_access_token(
    alice: Person, app: App, client: httpx.Client
) -> None:
    first = app.tokens(alice)
    second = app.refresh(first["refresh_token"]).json()
    assert client.get(EXCHANGE, headers=bearer(first["access_token"])).status_code == 401
    assert client.get(EXCHANGE, headers=bearer(second["access_token"])).status_code == 200


def test_no_is_told_and_nothing_is_kept(alice: Person, app: App) -> None:
    from tests.doors.oauth.app import answer

    page = app.send(alice)
    back = said(answer(alice, page, cancel="cancel"))
    assert back == {"error": "access_denied", "state": "xyz", "iss": "http://testserver"}
