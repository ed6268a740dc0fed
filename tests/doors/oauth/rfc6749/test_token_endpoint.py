"""RFC 6749 sections 3.2, 4.1.3, 4.1.4, 5.1 and 5.2: a code against tokens."""

import re

import httpx
import pytest

from tests.doors.oauth.app import INVALID_GRANT, INVALID_REQUEST, TOKEN, VERIFIER, App, challenge, refusal
from tests.doors.oauth.conftest import Clock
from tests.doors.web.person import Person
from tests.world import REDIRECT

DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]*")
UNSUPPORTED, UNAUTHORIZED = (400, "unsupported_grant_type"), (400, "unauthorized_client")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_3_2_it_is_asked_with_post(app: App, method: str) -> None:
    """Section 3.2: the client MUST use POST."""
    found = app.http.request(method, TOKEN)
    assert (found.status_code, found.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "client_id", "code_verifier", "scope", "x"])
def test_3_2_a_parameter_twice_is_refused(alice: Person, app: App, name: str) -> None:
    """Section 3.2: parameters MUST NOT be included more than once."""
    code = app.code(alice)
    body = f"grant_type=authorization_code&code={code}&redirect_uri={REDIRECT}&{name}=a&{name}=a"
    found = app.raw(TOKEN, body.encode(), Content_Type="application/x-www-form-urlencoded")
    assert refusal(found) == INVALID_REQUEST
    assert app.exchange(code).status_code == 200


def test_3_2_parameters_that_nobody_knows_are_ignored(alice: Person, app: App) -> None:
    """Section 3.2: MUST ignore unrecognized request parameters."""
    assert app.exchange(app.code(alice), audience="x", resource="https://x.example").status_code == 200


INJECTED = ["client", "user", "scopes", "extra_credentials", "origin", "refreshable", "using_default_redirect_uri"]


@pytest.mark.parametrize("name", INJECTED)
def test_3_2_no_parameter_stands_for_what_the_server_finds_out(alice: Person, app: App, name: str) -> None:
    """Section 3.2: oauthlib would take a parameter for a variable of its own."""
    found = app.exchange(app.code(alice, scope="read"), **{name: "write"})
    assert found.status_code == 200
    assert found.json()["scope"] == "read"


@pytest.mark.parametrize("name", ["redirect_uri", "code_verifier", "scope", "client_secret"])
def test_3_2_a_parameter_without_a_value_is_as_good_as_none(alice: Person, app: App, name: str) -> None:
    """Section 3.2: treated as if they were omitted."""
    code = app.code(alice, redirect_uri=None)
    fields = {"grant_type": "authorization_code", "code": code, name: ""}
    assert app.post(TOKEN, **fields).status_code == 200


def test_4_1_4_tokens_come_back(alice: Person, app: App) -> None:
    """Sections 4.1.4 and 5.1: every member that there has to be."""
    found = app.exchange(app.code(alice, scope="read write"))
    body = found.json()
    assert found.status_code == 200
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert body["token_type"].lower() == "bearer"
    assert isinstance(body["expires_in"], int)
    assert body["scope"] == "read write"


@pytest.mark.parametrize("good", [True, False])
def test_5_1_nobody_keeps_an_answer(alice: Person, app: App, *, good: bool) -> None:
    """Section 5.1: Cache-Control: no-store and Pragma: no-cache; section 5.2: the same for errors."""
    found = app.exchange(app.code(alice) if good else "x")
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Pragma"] == "no-cache"
    assert found.headers["Content-Type"] == "application/json"
    assert "Set-Cookie" not in found.headers


@pytest.mark.parametrize("asked", ["read", "write read", "openid", "read write american-gut go-viral pgp wildlife"])
def test_3_3_the_scope_is_said_as_it_was_given(alice: Person, app: App, asked: str) -> None:
    """Section 3.3: the server includes the scope."""
    assert app.tokens(alice, scope=asked)["scope"] == asked


def test_3_3_without_a_scope_there_is_a_default(alice: Person, app: App) -> None:
    """Section 3.3: process the request using a pre-defined default value."""
    scopes = app.tokens(alice, scope=None)["scope"].split()
    assert sorted(scopes) == ["american-gut", "go-viral", "open-humans", "pgp", "read", "wildlife", "write"]


def test_3_3_a_scope_twice_is_one(alice: Person, app: App) -> None:
    """Section 3.3: a set of strings, whose order does not matter."""
    assert app.tokens(alice, scope="read  write read")["scope"] == "read write"


def test_4_1_3_a_scope_at_the_token_endpoint_changes_nothing(alice: Person, app: App) -> None:
    """Section 4.1.3: what was granted is what the member saw."""
    assert app.exchange(app.code(alice, scope="read"), scope="read write").json()["scope"] == "read"


@pytest.mark.parametrize("code", ["x", "é", "csc" + "a" * 49, "a" * 3999, "0"])
def test_4_1_3_a_code_that_is_none_is_refused(app: App, code: str) -> None:
    """Section 5.2: invalid_grant."""
    assert refusal(app.exchange(code)) == INVALID_GRANT


def test_4_1_3_the_code_has_to_be_there(app: App) -> None:
    """Section 4.1.3: code is REQUIRED."""
    found = app.post(TOKEN, grant_type="authorization_code", redirect_uri=REDIRECT)
    assert found.json() == {"error": "invalid_request", "error_description": "Missing code parameter."}


@pytest.mark.parametrize(
    "given", [f"{REDIRECT}/", f"{REDIRECT}?x", REDIRECT.upper(), "https://evil.example/", REDIRECT[:-1], "x"]
)
def test_4_1_3_the_address_is_the_one_that_was_asked_with(alice: Person, app: App, given: str) -> None:
    """Section 4.1.3: ensure that the values are identical."""
    code = app.code(alice)
    assert app.exchange(code, redirect_uri=given).status_code == 400
    assert app.exchange(code).status_code == 200, "a wrong address does not burn the code"


def test_4_1_3_an_address_that_was_named_has_to_be_named_again(alice: Person, app: App) -> None:
    """Section 4.1.3: REQUIRED if it was included in the authorization request."""
    assert app.post(TOKEN, grant_type="authorization_code", code=app.code(alice)).status_code == 400


def test_4_1_3_a_code_is_for_the_app_that_it_was_given_to(alice: Person, app: App, other: App) -> None:
    """Section 4.1.3: issued to the authenticated confidential client."""
    code = app.code(alice)
    assert refusal(other.exchange(code)) == INVALID_GRANT
    assert app.exchange(code).status_code == 200


def test_4_1_3_a_code_of_an_app_without_a_secret_is_for_that_app(alice: Person, public: App, app: App) -> None:
    """Section 4.1.3: if the client is public, ensure that the code was issued to "client_id"."""
    code = public.code(alice, code_challenge=challenge(), code_challenge_method="S256")
    assert refusal(app.exchange(code, code_verifier=VERIFIER)) == INVALID_GRANT


def test_4_1_2_a_code_works_once_and_its_tokens_die_with_a_second_try(alice: Person, app: App) -> None:
    """Sections 4.1.2 and 10.5: MUST deny, SHOULD revoke all tokens previously issued."""
    code = app.code(alice)
    tokens = app.exchange(code).json()
    assert app.opens(tokens["access_token"])
    assert refusal(app.exchange(code)) == INVALID_GRANT
    assert not app.opens(tokens["access_token"])
    assert refusal(app.refresh(tokens["refresh_token"])) == INVALID_GRANT


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (59, 200), (60, 400), (61, 400), (86400, 400)])
def test_4_1_2_a_code_lives_for_a_minute(alice: Person, app: App, clock: Clock, seconds: int, status: int) -> None:
    """Section 4.1.2: MUST expire shortly after it is issued; ten minutes at most."""
    code = app.code(alice)
    clock.move(seconds=seconds)
    assert app.exchange(code).status_code == status


GRANTS = {
    "implicit": UNSUPPORTED,
    "token": UNSUPPORTED,
    "junk": UNSUPPORTED,
    "AUTHORIZATION_CODE": UNSUPPORTED,
    "authorization_code refresh_token": UNSUPPORTED,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": UNSUPPORTED,
    "urn:ietf:params:oauth:grant-type:saml2-bearer": UNSUPPORTED,
    "urn:ietf:params:oauth:grant-type:token-exchange": UNSUPPORTED,
    "urn:openid:params:grant-type:ciba": UNSUPPORTED,
    "openid": UNSUPPORTED,
    "é": UNSUPPORTED,
    "password": UNAUTHORIZED,
    "client_credentials": UNAUTHORIZED,
}


@pytest.mark.parametrize("grant_type", GRANTS)
def test_5_2_other_ways_to_a_token_are_none(alice: Person, app: App, grant_type: str) -> None:
    """Section 5.2: unsupported_grant_type, unauthorized_client; sections 4.3 and 4.4 are not offered."""
    given = {"username": "alice", "password": "correct horse battery", "scope": "read", "code": app.code(alice)}
    found = app.post(TOKEN, grant_type=grant_type, redirect_uri=REDIRECT, assertion="x", **given)
    assert refusal(found) == GRANTS[grant_type]
    assert "access_token" not in found.json()


BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": ("application/x-www-form-urlencoded", b""),
    "json": ("application/json", b'{"grant_type":"authorization_code","code":"x"}'),
    "text": ("text/plain", b"grant_type=authorization_code&code=x"),
    "no type": ("", b"grant_type=authorization_code&code=x"),
    "a wrong type": ("/;;=", b"grant_type=authorization_code&code=x"),
    "xml": ("application/xml", b"<grant_type>authorization_code</grant_type>"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_4_1_3_only_a_form_is_read(app: App, kind: str) -> None:
    """Section 4.1.3: application/x-www-form-urlencoded in the HTTP request entity-body."""
    content_type, body = BODIES[kind]
    assert refusal(app.raw(TOKEN, body, Content_Type=content_type)) == UNSUPPORTED


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"grant_type": "x"}, {"grant_type": "authorization_code"}, {"grant_type": "refresh_token"},
        {"grant_type": "authorization_code", "code": "x"}, {"grant_type": "password"},
        {"grant_type": "authorization_code", "code": "x", "redirect_uri": "é"}, {"grant_type": '"\\'},
    ],
)  # fmt: skip
def test_5_2_errors_are_written_in_the_letters_that_are_allowed(app: App, fields: dict[str, str]) -> None:
    """Section 5.2: error and error_description; nothing that was sent is repeated."""
    body = app.post(TOKEN, **fields).json()
    assert set(body) <= {"error", "error_description"}
    assert DESCRIPTION.fullmatch(body["error"])
    assert DESCRIPTION.fullmatch(body.get("error_description", ""))


def test_1_4_a_token_says_nothing_to_its_bearer(alice: Person, app: App) -> None:
    """Sections 1.4 and 10.10: opaque, too many to be guessed."""
    tokens = [app.tokens(alice) for _ in range(3)]
    seen = {tokens[name] for tokens in tokens for name in ("access_token", "refresh_token")}
    assert len(seen) == 6
    assert all(re.fullmatch(r"cs[ar][0-9A-Za-z]{49}", token) for token in seen)


@pytest.mark.parametrize("where", ["query", "body", "cookie"])
def test_7_an_access_token_is_presented_in_the_header(
    alice: Person, app: App, client: httpx.Client, where: str
) -> None:
    """Section 7: at the endpoints of this RFC nothing else counts as one."""
    token = app.tokens(alice, scope="openid")["access_token"]
    how: dict[str, object] = {
        "query": {"params": {"access_token": token}},
        "body": {"data": {"access_token": token}},
        "cookie": {"headers": {"Cookie": f"access_token={token}"}},
    }[where]
    assert client.post("/oauth2/userinfo/", **how).status_code == 401  # type: ignore[arg-type]
