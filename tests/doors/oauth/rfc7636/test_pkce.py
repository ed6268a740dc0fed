"""RFC 7636: whoever exchanges a code proves that they began (PKCE)."""

import pytest

from tests.doors.oauth.app import INVALID_GRANT, INVALID_REQUEST, VERIFIER, App, challenge, refusal, said
from tests.doors.oauth.conftest import AppOf
from tests.doors.web.person import Person

S256 = {"code_challenge": challenge(), "code_challenge_method": "S256"}
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


@pytest.fixture
def strict(app_of: AppOf) -> App:
    """A confidential app that begins with a challenge, as all new ones do."""
    return app_of("Strict", pkce_required=True)


def test_appendix_b_the_example_of_the_rfc_works(alice: Person, strict: App) -> None:
    """Appendix B: the published verifier and its challenge."""
    given = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    code = strict.code(alice, **given)
    assert strict.exchange(code, code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").status_code == 200


@pytest.mark.parametrize("verifier", [UNRESERVED[:43], UNRESERVED, (UNRESERVED * 2)[:128], "-" * 43, "~._-" * 32])
def test_4_1_every_verifier_of_the_allowed_letters_works(alice: Person, strict: App, verifier: str) -> None:
    """Section 4.1: 43 to 128 unreserved characters."""
    code = strict.code(alice, code_challenge=challenge(verifier), code_challenge_method="S256")
    assert strict.exchange(code, code_verifier=verifier).status_code == 200


FORMS = {
    "too short": challenge()[:-1],
    "too long": challenge() + "A",
    "padded": challenge() + "=",
    "of the other base64": "+" + challenge()[1:],
    "with a slash": "/" + challenge()[1:],
    "in hexadecimal": "ab" * 32,
    "with a space": challenge()[:-1] + " ",
    "with a letter of another script": challenge()[:-1] + "é",
    "far too long": "A" * 2000,
    "one sign": "A",
}


@pytest.mark.parametrize("form", FORMS)
def test_4_2_a_challenge_that_cannot_be_one_is_told_at_once(alice: Person, strict: App, form: str) -> None:
    """Sections 4.2 and 4.4.1: BASE64URL-ENCODE(SHA256(...)) has 43 letters; error invalid_request."""
    back = said(strict.send(alice, code_challenge=FORMS[form], code_challenge_method="S256"))
    assert (back["error"], back["state"]) == ("invalid_request", "xyz")


@pytest.mark.parametrize("method", ["plain", None, "", "s256", "S512", "S256 plain", "junk"])
def test_4_2_and_4_3_only_s256_is_a_method(alice: Person, strict: App, method: str | None) -> None:
    """Section 4.3: the default would be plain; section 4.4.1: transform algorithm not supported, invalid_request."""
    given = {"code_challenge": challenge(), "code_challenge_method": method}
    assert said(strict.send(alice, **given))["error"] == "invalid_request"


def test_4_3_a_method_without_a_challenge_is_told(alice: Person, app: App) -> None:
    """Section 4.3: somebody took the challenge away."""
    assert said(app.send(alice, code_challenge_method="S256"))["error"] == "invalid_request"


@pytest.mark.parametrize("kind", ["strict", "public"])
def test_4_4_1_a_challenge_has_to_be_there_where_it_is_required(alice: Person, app_of: AppOf, kind: str) -> None:
    """Section 4.4.1: code challenge required, invalid_request."""
    app = app_of("New", pkce_required=kind == "strict", public=kind == "public")
    back = said(app.send(alice))
    assert (back["error"], back["state"]) == ("invalid_request", "xyz")
    assert "challenge" in back["error_description"]


WRONG = {
    "another": "a" * 43,
    "its own challenge": challenge(),
    "one letter less": VERIFIER[:-1],
    "one letter more": VERIFIER + "A",
    "upper case": VERIFIER.upper(),
    "of another script": "é" * 43,
    "short": "a",
    "very long": "a" * 3999,
}


@pytest.mark.parametrize("verifier", WRONG)
def test_4_6_a_wrong_verifier_is_refused_and_the_right_one_still_works(
    alice: Person, strict: App, verifier: str
) -> None:
    """Section 4.6: if the values are not equal, invalid_grant."""
    code = strict.code(alice, **S256)
    assert refusal(strict.exchange(code, code_verifier=WRONG[verifier])) == INVALID_GRANT
    assert strict.exchange(code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize("given", [{}, {"code_verifier": ""}])
def test_4_5_the_verifier_has_to_be_there(alice: Person, strict: App, given: dict[str, str]) -> None:
    """Section 4.5: code_verifier is REQUIRED."""
    assert strict.exchange(strict.code(alice, **S256), **given).status_code == 400


def test_4_5_a_verifier_of_one_code_opens_no_other(alice: Person, strict: App) -> None:
    """Section 4.4: the challenge is bound to the code."""
    strict.code(alice, **S256)
    second = strict.code(alice, code_challenge=challenge("b" * 43), code_challenge_method="S256")
    assert refusal(strict.exchange(second, code_verifier=VERIFIER)) == INVALID_GRANT


def test_4_4_an_older_app_may_begin_with_a_challenge_all_the_same(alice: Person, app: App) -> None:
    """Section 5: clients that know it use it; the server holds them to it."""
    code = app.code(alice, **S256)
    assert refusal(app.exchange(code)) == INVALID_REQUEST
    assert app.exchange(code, code_verifier=VERIFIER).status_code == 200


def test_7_2_the_challenge_is_shown_to_nobody_but_kept_here(alice: Person, app: App) -> None:
    """Section 7.2: the page that the member sees carries no challenge that could be swapped."""
    assert challenge() not in app.send(alice, **S256).text
