"""OpenID Connect Discovery, and Core section 5.3: what there is, and who the bearer of a token is."""

from typing import Any

import httpx
import pytest

from tests.doors.api.calls import bearer
from tests.doors.oauth.app import DISCOVERY, METADATA, REVOKE, USERINFO, App
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.oauth.openid.tokens import claims
from tests.doors.web.person import Person
from tests.world import make_token

TOLD = {
    "response_types_supported": ["code"],
    "subject_types_supported": ["pairwise"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,
    "claims_parameter_supported": False,
    "prompt_values_supported": ["none", "login", "consent"],
}


@pytest.mark.parametrize("name", TOLD)
def test_discovery_3_it_is_told(client: httpx.Client, db: None, name: str) -> None:
    """Discovery section 3: provider metadata."""
    assert client.get(DISCOVERY).json()[name] == TOLD[name]


def test_discovery_3_all_that_oauth2_is_told_is_told_here(client: httpx.Client, db: None) -> None:
    """RFC 8414 section 5: the same values at both addresses."""
    oauth2, openid = client.get(METADATA).json(), client.get(DISCOVERY).json()
    assert {name: openid[name] for name in oauth2} == oauth2


def test_discovery_3_openid_is_a_scope(client: httpx.Client, db: None) -> None:
    """Discovery section 3: MUST support the openid scope value."""
    assert "openid" in client.get(DISCOVERY).json()["scopes_supported"]


def test_discovery_3_each_claim_that_is_told_is_there(alice: Person, app: App, client: httpx.Client) -> None:
    """Discovery section 3: claims_supported."""
    found = claims(app.tokens(alice, scope="openid", nonce="n")["id_token"])
    assert set(client.get(DISCOVERY).json()["claims_supported"]) == set(found)


def test_discovery_4_there_is_no_other_address(client: httpx.Client, db: None) -> None:
    """Discovery section 4: the stock address of the toolkit, and WebFinger, are not there."""
    for address in ("/oauth2/.well-known/openid-configuration", "/.well-known/webfinger", f"{DISCOVERY}/"):
        assert client.get(address).status_code == 404


def userinfo(app: App, token: str) -> httpx.Response:
    return app.http.get(USERINFO, headers=bearer(token))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_5_3_the_member_is_told(alice: Person, app: App, method: str) -> None:
    """Core section 5.3: GET and POST; sub MUST match that of the id token."""
    tokens = app.tokens(alice, scope="openid")
    found = app.http.request(method, USERINFO, headers=bearer(tokens["access_token"]))
    assert found.json() == {"sub": claims(tokens["id_token"])["sub"], "preferred_username": "alice"}
    assert (found.headers["Content-Type"], found.headers["Cache-Control"]) == ("application/json", "no-store")


def test_5_3_2_whoever_does_not_share_the_username_is_not_named(alice: Person, app_of: AppOf) -> None:
    """Core section 5.3.2: the server MAY decline to return some claims."""
    app = app_of(request_username_access=False)
    assert set(userinfo(app, app.tokens(alice, scope="openid")["access_token"]).json()) == {"sub"}


@pytest.mark.parametrize("scope", [None, "read", "read write"])
def test_5_3_without_openid_nothing_is_told(alice: Person, app: App, scope: str | None) -> None:
    """RFC 6750 section 3.1: insufficient_scope, 403, with the scope that it takes."""
    found = userinfo(app, app.tokens(alice, scope=scope)["access_token"])
    assert found.status_code == 403
    assert found.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="openid"'


def over(app: App, tokens: dict[str, str], clock: Clock, kind: str) -> str:
    if kind == "expired":
        clock.move(hours=10)
    if kind == "revoked":
        app.post(REVOKE, token=tokens["refresh_token"])
    return {"refresh token": tokens["refresh_token"], "id token": tokens["id_token"], "junk": "x"}.get(
        kind, tokens["access_token"]
    )


@pytest.mark.parametrize("kind", ["expired", "revoked", "refresh token", "id token", "junk"])
def test_5_3_3_a_token_that_is_none_is_refused(alice: Person, app: App, clock: Clock, kind: str) -> None:
    """Core section 5.3.3, RFC 6750 section 3.1: invalid_token, 401."""
    found = userinfo(app, over(app, app.tokens(alice, scope="openid"), clock, kind))
    assert found.status_code == 401
    assert found.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic eDp5", "bearer", "Token x"])
def test_5_3_3_whoever_bears_nothing_is_asked_for_it(client: httpx.Client, db: None, header: str | None) -> None:
    """RFC 6750 section 3: without credentials there is no error code."""
    found = client.get(USERINFO, headers={} if header is None else {"Authorization": header})
    assert found.status_code == 401
    assert found.headers["WWW-Authenticate"].startswith("Bearer")


def test_5_3_a_project_is_no_member(alice: Person, app: App) -> None:
    """A master token is about all members of a project, so about nobody here."""
    assert userinfo(app, make_token(app.project)).status_code == 403


def test_5_3_whoever_is_logged_in_bears_nothing(alice: Person) -> None:
    """Rule 3: session cookies open pages and nothing else."""
    assert alice.get(USERINFO).status_code == 401


def test_5_3_no_other_site_reads_it(alice: Person, app: App) -> None:
    """Core section 5.3: CORS is not offered where tokens are sent."""
    token = app.tokens(alice, scope="openid")["access_token"]
    found: Any = app.http.get(USERINFO, headers=bearer(token) | {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in found.headers
