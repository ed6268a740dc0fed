"""RFC 8414: a program finds out what works here, and where."""

from typing import Any

import httpx
import pytest

from tests.doors.oauth.app import (
    DEVICE_GRANT,
    DISCOVERY,
    ISSUER,
    METADATA,
    VERIFIER,
    App,
    challenge,
    refusal,
    said,
)
from tests.doors.oauth.conftest import AppOf
from tests.doors.web.person import Person
from tests.world import REDIRECT


@pytest.fixture
def told(client: httpx.Client, db: None) -> dict[str, Any]:
    found: dict[str, Any] = client.get(METADATA).json()
    return found


def test_3_2_it_is_json_for_everybody(client: httpx.Client, db: None) -> None:
    """Section 3.2: 200 OK, application/json; pages of other sites may read it."""
    found = client.get(METADATA)
    assert (found.status_code, found.headers["Content-Type"]) == (200, "application/json")
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert found.headers["Cache-Control"] == "public, max-age=3600"


def test_3_1_looking_is_all_that_can_be_done(client: httpx.Client, db: None) -> None:
    """Section 3.1: an HTTP GET request."""
    assert client.head(METADATA).status_code == 200
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        found = client.request(method, METADATA)
        assert (found.status_code, found.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("end", ["/", "/x", ".json", "-x"])
def test_3_it_is_at_one_address(client: httpx.Client, db: None, end: str) -> None:
    """Section 3: the issuer has no path, so nothing follows."""
    assert client.get(METADATA + end).status_code == 404


def test_3_3_the_issuer_is_where_it_was_fetched(told: dict[str, Any]) -> None:
    """Section 3.3: MUST be identical to the identifier that the address was made from."""
    assert told["issuer"] == ISSUER
    assert not told["issuer"].endswith("/")


REQUIRED = {
    "authorization_endpoint": "/direct-sharing/projects/oauth2/authorize/",
    "token_endpoint": "/oauth2/token/",
    "revocation_endpoint": "/oauth2/revoke_token/",
    "introspection_endpoint": "/oauth2/introspect/",
    "device_authorization_endpoint": "/oauth2/device_authorization/",
    "jwks_uri": "/oauth2/jwks/",
    "userinfo_endpoint": "/oauth2/userinfo/",
}


@pytest.mark.parametrize("name", REQUIRED)
def test_2_every_endpoint_is_told_and_is_there(told: dict[str, Any], client: httpx.Client, name: str) -> None:
    """Section 2: addresses of this site, each of which answers."""
    assert told[name] == ISSUER + REQUIRED[name]
    assert client.post(told[name], data={"x": "y"}).status_code in (400, 401, 403, 405)


HIDDEN = [
    "registration_endpoint",
    "pushed_authorization_request_endpoint",
    "require_pushed_authorization_requests",
    "dpop_signing_alg_values_supported",
    "backchannel_authentication_endpoint",
    "check_session_iframe",
    "end_session_endpoint",
    "mtls_endpoint_aliases",
    "tls_client_certificate_bound_access_tokens",
    "client_id_metadata_document_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "request_object_signing_alg_values_supported",
]


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("address", [METADATA, DISCOVERY])
def test_2_what_does_not_work_is_not_told(client: httpx.Client, db: None, address: str, name: str) -> None:
    """Section 2: claims with zero elements MUST be omitted; so is what there is not."""
    assert name not in client.get(address).json()


def test_2_no_value_is_empty(told: dict[str, Any]) -> None:
    """Section 3.2: claims with zero elements MUST be omitted from the response."""
    assert all(value not in ("", [], {}, None) for value in told.values())


# each advertised method works


@pytest.mark.parametrize(
    "name", ["scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported"]
)
def test_2_lists_say_each_value_once(told: dict[str, Any], name: str) -> None:
    """Section 2: JSON arrays of values."""
    assert len(told[name]) == len(set(told[name])) > 0


SCOPES = ["american-gut", "go-viral", "open-humans", "openid", "pgp", "read", "wildlife", "write"]


@pytest.mark.parametrize("scope", SCOPES)
def test_2_each_scope_that_is_told_is_given(alice: Person, app: App, told: dict[str, Any], scope: str) -> None:
    """Section 2: scopes_supported."""
    assert told["scopes_supported"] == SCOPES
    assert app.tokens(alice, scope=scope)["scope"] == scope


def test_2_the_response_type_that_is_told_works(alice: Person, app: App, told: dict[str, Any]) -> None:
    """Section 2: response_types_supported is REQUIRED."""
    assert told["response_types_supported"] == ["code"]
    assert "code" in app.allowed(alice)


def test_2_the_response_mode_that_is_told_works_and_no_other(alice: Person, app: App, told: dict[str, Any]) -> None:
    """Section 2: response_modes_supported."""
    assert told["response_modes_supported"] == ["query"]
    assert "code" in app.allowed(alice, response_mode="query")
    for mode in ("fragment", "form_post", "query.jwt", "web_message", "junk"):
        assert said(app.send(alice, response_mode=mode))["error"] == "invalid_request"


def test_2_each_grant_type_that_is_told_works(alice: Person, app_of: AppOf, told: dict[str, Any]) -> None:
    """Section 2: grant_types_supported; the device grant for apps whose coordinator allowed it."""
    assert told["grant_types_supported"] == ["authorization_code", "refresh_token", DEVICE_GRANT]
    app = app_of(device_allowed=True)
    assert app.refresh(app.tokens(alice)["refresh_token"]).status_code == 200
    begun = app.post("/oauth2/device_authorization/").json()
    waits = app.post("/oauth2/token/", grant_type=DEVICE_GRANT, device_code=begun["device_code"])
    assert refusal(waits) == (400, "authorization_pending")


@pytest.mark.parametrize("endpoint", ["token", "revocation", "introspection"])
def test_2_each_way_of_proving_oneself_that_is_told_works(
    alice: Person, app: App, public: App, told: dict[str, Any], endpoint: str
) -> None:
    """Section 2: ..._endpoint_auth_methods_supported."""
    ways = told[f"{endpoint}_endpoint_auth_methods_supported"]
    assert ways == ["client_secret_basic", "client_secret_post", "none"][: 2 if endpoint == "introspection" else 3]
    address = told[f"{endpoint}_endpoint"]
    about = {"token": "x", "grant_type": "refresh_token", "refresh_token": "x"}
    proven = {"client_id": app.client_id, "client_secret": app.secret}
    assert app.http.post(address, data=about, auth=(app.client_id, app.secret)).status_code in (200, 400)
    assert app.http.post(address, data=about | proven).status_code in (200, 400)
    none = app.http.post(address, data=about | {"client_id": public.client_id})
    assert (none.status_code == 401) is (endpoint == "introspection")


def test_2_no_other_way_of_proving_oneself_works(app: App) -> None:
    """Section 2: private_key_jwt and client_secret_jwt are not told."""
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    given = {"client_id": app.client_id, "client_assertion": "a.b.c", "client_assertion_type": kind}
    found = app.http.post("/oauth2/token/", data=given | {"grant_type": "authorization_code", "code": "x"})
    assert refusal(found) == (401, "invalid_client")


def test_2_the_challenge_method_that_is_told_works(alice: Person, app: App, told: dict[str, Any]) -> None:
    """Section 2: code_challenge_methods_supported."""
    assert told["code_challenge_methods_supported"] == ["S256"]
    code = app.code(alice, code_challenge=challenge(), code_challenge_method="S256")
    assert app.exchange(code, code_verifier=VERIFIER, redirect_uri=REDIRECT).status_code == 200


def test_2_the_scheme_of_the_site_is_that_of_the_issuer(client: httpx.Client, settings: Any, db: None) -> None:
    """Section 2: the issuer uses "https" where the site does; no header of a request changes it."""
    settings.SITE_URL = "https://data.example.org"
    told = client.get(METADATA, headers={"X-Forwarded-Host": "evil.example"}).json()
    assert told["issuer"] == "https://data.example.org"
    assert all(told[name].startswith("https://data.example.org/") for name in REQUIRED)


@pytest.mark.parametrize("address", [METADATA, DISCOVERY, "/oauth2/jwks/"])
def test_3_a_cookie_or_a_token_changes_nothing(alice: Person, app: App, client: httpx.Client, address: str) -> None:
    """Section 3: the same for everybody, and no session is begun."""
    plain = client.get(address)
    token = app.tokens(alice)["access_token"]
    assert alice.browser.get(address, headers={"Authorization": f"Bearer {token}"}).json() == plain.json()
    assert "Set-Cookie" not in plain.headers
