"""RFC 6749 sections 3.1 and 4.1.1 to 4.1.2.1: sending a member here, and what comes back."""

from urllib.parse import urlencode, urlsplit

import pytest

from tests.doors.oauth.app import AUTHORIZE, ISSUER, App, answer, said
from tests.doors.oauth.conftest import AppOf
from tests.doors.web.person import Person, hidden, seen
from tests.world import REDIRECT

SECOND = "https://app.example.org/other?keep=1"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_3_1_it_is_asked_with_get(alice: Person, app: App, method: str) -> None:
    """Section 3.1: GET, and POST for the form."""
    app.send(alice)
    proof = {"X-CSRFToken": alice.browser.cookies["csrf"]}
    found = alice.browser.request(method, app.address(), headers=proof)
    assert found.status_code == 405
    assert found.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("name", ["state", "scope", "code_challenge", "nonce", "redirect_uri"])
def test_3_1_a_parameter_without_a_value_is_as_good_as_none(alice: Person, app: App, name: str) -> None:
    """Section 3.1: parameters sent without a value MUST be treated as if they were omitted."""
    assert "code" in app.allowed(alice, **{name: ""})


def test_3_1_parameters_that_nobody_knows_are_ignored(alice: Person, app: App) -> None:
    """Section 3.1: the server MUST ignore unrecognized request parameters."""
    assert "code" in app.allowed(alice, utm_source="x", resource="https://x.example", access_type="offline")


NAMES = ["client_id", "response_type", "redirect_uri", "scope", "state", "code_challenge", "prompt", "nonce"]


@pytest.mark.parametrize("name", NAMES)
def test_3_1_a_parameter_twice_is_refused_here(alice: Person, app: App, name: str) -> None:
    """Section 3.1: parameters MUST NOT be included more than once."""
    twice = urlencode([(name, "a"), (name, "b")])
    without = {} if name == "client_id" else {name: None}
    found = alice.browser.get(f"{app.address(**without)}&{twice}")
    assert found.status_code in (400, 404)
    assert "Location" not in found.headers


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("token", "unauthorized_client"),
        ("id_token", "unsupported_response_type"),
        ("id_token token", "unsupported_response_type"),
        ("code token", "unsupported_response_type"),
        ("code id_token", "unsupported_response_type"),
        ("code code", "unsupported_response_type"),
        ("CODE", "unsupported_response_type"),
        ("none", "unsupported_response_type"),
        ("junk", "unsupported_response_type"),
    ],
)
def test_3_1_1_only_a_code_is_an_answer(alice: Person, app: App, given: str | None, error: str) -> None:
    """Sections 3.1.1 and 4.1.2.1: any other response type is told as an error, in the query."""
    found = app.send(alice, response_type=given)
    told = said(found)
    assert (told["error"], told["state"], told["iss"]) == (error, "xyz", ISSUER)
    assert "#" not in found.headers["Location"]
    assert not {"code", "access_token", "id_token"} & set(told)


@pytest.mark.parametrize("given", ["/complete", "app.example.org/complete", "//app.example.org/complete", "x"])
def test_3_1_2_the_address_is_absolute(alice: Person, app: App, given: str) -> None:
    """Section 3.1.2: the redirection endpoint URI MUST be an absolute URI."""
    assert app.send(alice, redirect_uri=given).status_code == 400


@pytest.mark.parametrize("end", ["#", "#x", "#code=1"])
def test_3_1_2_it_has_no_fragment(alice: Person, app: App, end: str) -> None:
    """Section 3.1.2: MUST NOT include a fragment component."""
    found = app.send(alice, redirect_uri=REDIRECT + end)
    assert found.status_code == 400
    assert "Location" not in found.headers


@pytest.mark.parametrize("path", ["?a=b", "?a=b+c%20d&flag&e=", "?a=%2F%3f"])
def test_3_1_2_its_query_is_kept_letter_by_letter(alice: Person, app_of: AppOf, path: str) -> None:
    """Section 3.1.2: the query component MUST be retained when adding parameters."""
    registered = f"https://app.example.org/back{path}"
    app = app_of(redirect_uris=registered)
    found = answer(alice, app.send(alice, redirect_uri=registered), allow="allow")
    assert found.headers["Location"].startswith(f"{registered}&code=")
    refused = answer(alice, app.send(alice, redirect_uri=registered, approval_prompt="force"), cancel="cancel")
    assert refused.headers["Location"].startswith(f"{registered}&error=access_denied&")


def test_3_1_2_3_it_may_be_left_out_if_there_is_one(alice: Person, app: App) -> None:
    """Section 3.1.2.3: dynamic configuration."""
    found = answer(alice, app.send(alice, redirect_uri=None), allow="allow")
    assert found.headers["Location"].startswith(f"{REDIRECT}?code=")


def test_3_1_2_3_it_is_named_if_there_are_several(alice: Person, app_of: AppOf) -> None:
    """Section 3.1.2.3: with multiple registered URIs the client MUST include one."""
    app = app_of(redirect_uris=f"{REDIRECT}\n{SECOND}")
    assert app.send(alice, redirect_uri=None).status_code == 400
    found = answer(alice, app.send(alice, redirect_uri=SECOND), allow="allow")
    assert found.headers["Location"].startswith(f"{SECOND}&code=")


@pytest.mark.parametrize("wanted", ["https://evil.example/", f"{REDIRECT}/x", f"{REDIRECT}?x=1", ""])
def test_3_1_2_4_nobody_is_sent_to_an_address_that_is_not_registered(alice: Person, app: App, wanted: str) -> None:
    """Section 3.1.2.4: SHOULD inform the resource owner, MUST NOT redirect."""
    found = app.send(alice, redirect_uri=wanted or "https://evil.example", scope="nonsense", response_type="token")
    assert found.status_code == 400
    assert "Location" not in found.headers
    assert "wrong way" in seen(found)


def test_3_1_2_5_what_comes_back_is_a_redirect_of_the_browser(alice: Person, app: App) -> None:
    """Section 4.1.2: in the query, form-encoded; no content to run."""
    found = answer(alice, app.send(alice), allow="allow")
    assert (found.status_code, found.content) == (302, b"")
    assert found.headers["Cache-Control"] == "private, no-store"
    parts = urlsplit(found.headers["Location"])
    assert (f"{parts.scheme}://{parts.netloc}{parts.path}", parts.fragment) == (REDIRECT, "")


@pytest.mark.parametrize("client_id", [None, "", "x", "a" * 40, "é", "../../x", "\x00"])
def test_4_1_2_1_an_unknown_app_is_told_to_the_person_only(alice: Person, app: App, client_id: str | None) -> None:
    """Section 4.1.2.1: missing or invalid client identifier; MUST NOT redirect."""
    found = app.send(alice, client_id=client_id)
    assert found.status_code in (400, 404)
    assert "Location" not in found.headers


STATES = [
    "x",
    "a b",
    "ä☃",
    "<script>alert(1)</script>",
    '"><img>',
    "a&code=stolen",
    "a#b",
    "a\r\nSet-Cookie: a=b",
    "%0d%0a",
]


@pytest.mark.parametrize("state", STATES)
def test_4_1_2_the_state_comes_back_as_it_was(alice: Person, app: App, state: str) -> None:
    """Section 4.1.2: the exact value received from the client."""
    page = app.send(alice, state=state)
    assert hidden(page.text)["state"] == state
    assert "<script>alert" not in page.text
    assert "<img>" not in page.text
    assert said(answer(alice, page, allow="allow"))["state"] == state
    assert said(app.send(alice, state=state, scope="nonsense"))["state"] == state


@pytest.mark.parametrize("how", ["allow", "cancel"])
def test_4_1_2_no_state_comes_back_if_none_was_sent(alice: Person, app: App, how: str) -> None:
    """Section 4.1.2: REQUIRED only if present in the request."""
    assert "state" not in said(answer(alice, app.send(alice, state=None), **{how: how}))


@pytest.mark.parametrize("how", ["no", "deny", ""])
def test_4_1_2_1_no_is_told(alice: Person, app: App, how: str) -> None:
    """Section 4.1.2.1: access_denied."""
    back = said(answer(alice, app.send(alice), **({how: how} if how else {})))
    assert back == {"error": "access_denied", "state": "xyz", "iss": ISSUER}


@pytest.mark.parametrize("scope", ["nonsense", "read nonsense", "READ", "read\twrite", "read,write", "admin", "*"])
def test_4_1_2_1_a_scope_that_is_none_is_told(alice: Person, app: App, scope: str) -> None:
    """Section 4.1.2.1: invalid_scope; section 3.3: scope values are case-sensitive and parted by spaces."""
    assert said(app.send(alice, scope=scope))["error"] == "invalid_scope"


def test_4_1_2_1_who_is_not_logged_in_is_told_nothing_of_errors(anybody: Person, app: App) -> None:
    """Section 10.15: before anything is answered, the member logs in."""
    found = app.send(anybody, scope="nonsense")
    assert (found.status_code, found.headers["Location"]) == (302, "/account/login/")


def test_3_1_the_page_is_shown_over_the_same_address_only(alice: Person, app: App) -> None:
    """Section 3.1: the form goes where the page came from."""
    assert f'action="{AUTHORIZE}"' in app.send(alice).text
