"""RFC 9207: every answer through the browser says who gives it."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from consentry_server.projects.rules import redirect_fault
from tests.doors.oauth.app import DISCOVERY, ISSUER, METADATA, App, answer, said
from tests.doors.oauth.conftest import AppOf
from tests.doors.oauth.openid.tokens import claims
from tests.doors.web.person import Person


def test_2_a_code_comes_with_it(alice: Person, app: App) -> None:
    """Section 2: MUST indicate its identity by including the iss parameter."""
    assert app.allowed(alice)["iss"] == ISSUER


def test_2_a_code_that_nobody_was_asked_for_comes_with_it(alice: Person, app: App) -> None:
    """Section 2: auto-approval."""
    app.tokens(alice)
    assert said(app.send(alice))["iss"] == ISSUER


ERRORS = {
    "invalid_request": {"response_type": None},
    "unauthorized_client": {"response_type": "token"},
    "unsupported_response_type": {"response_type": "id_token"},
    "invalid_scope": {"scope": "nonsense"},
    "consent_required": {"prompt": "none"},
    "request_not_supported": {"request": "x.y.z"},
    "request_uri_not_supported": {"request_uri": "urn:x"},
    "registration_not_supported": {"registration": "{}"},
}


@pytest.mark.parametrize("error", ERRORS)
def test_2_an_error_comes_with_it(alice: Person, app: App, error: str) -> None:
    """Section 2: including error responses."""
    back = said(app.send(alice, **ERRORS[error]))  # type: ignore[arg-type]
    assert (back["error"], back["iss"]) == (error, ISSUER)


def test_2_a_no_comes_with_it(alice: Person, app: App) -> None:
    """Section 2.2: access_denied."""
    assert said(answer(alice, app.send(alice), cancel="no"))["iss"] == ISSUER


def test_2_whoever_is_not_logged_in_comes_back_with_it(anybody: Person, app: App) -> None:
    """Section 2.2: login_required."""
    assert said(app.send(anybody, prompt="none")) == {"error": "login_required", "state": "xyz", "iss": ISSUER}


@pytest.mark.parametrize("address", [METADATA, DISCOVERY])
def test_2_4_it_is_the_issuer_of_the_metadata_letter_by_letter(
    alice: Person, app: App, client: httpx.Client, address: str
) -> None:
    """Section 2.4: compare by simple string comparison; section 3: it is announced."""
    told = client.get(address).json()
    assert told["issuer"] == app.allowed(alice)["iss"]
    assert told["authorization_response_iss_parameter_supported"] is True


def test_2_it_is_there_once(alice: Person, app: App) -> None:
    """RFC 6749 section 3.1: response parameters MUST NOT be included more than once."""
    found = answer(alice, app.send(alice), allow="allow")
    names = parse_qs(urlsplit(found.headers["Location"]).query)
    assert all(len(values) == 1 for values in names.values())


def test_2_1_it_follows_the_query_of_a_registered_address(alice: Person, app_of: AppOf) -> None:
    """Section 2.1: in the query component."""
    registered = "https://app.example.org/back?shop=7"
    app = app_of(redirect_uris=registered)
    back = said(answer(alice, app.send(alice, redirect_uri=registered), allow="allow"))
    assert (back["shop"], back["iss"]) == ("7", ISSUER)


@pytest.mark.parametrize("name", ["iss", "code", "state", "error"])
def test_2_no_address_is_registered_that_answers_for_us(name: str) -> None:
    """Section 2: an address that brings its own could not be told from our answer."""
    assert name in redirect_fault(f"https://app.example.org/back?a=b&{name}=x")


def test_2_4_it_is_what_the_id_token_says(alice: Person, app: App) -> None:
    """Section 2.4: if an ID Token is returned, iss MUST be identical."""
    assert claims(app.tokens(alice, scope="openid")["id_token"])["iss"] == ISSUER
