"""RFC 8252: apps on people's own machines."""

import pytest

from consentry_server.projects.rules import redirect_fault
from tests.doors.oauth.app import VERIFIER, App, answer, challenge, refusal, said
from tests.doors.oauth.conftest import AppOf
from tests.doors.web.person import Person

S256 = {"code_challenge": challenge(), "code_challenge_method": "S256"}
V4, V6, NAME = "http://127.0.0.1/back", "http://[::1]/back", "http://localhost:8400/back"


def native(app_of: AppOf, *addresses: str, public: bool = True) -> App:
    app = app_of("Native", public=public, redirect_uris="\n".join(addresses))
    if public:
        app.secret = ""
    return app


def walk(app: App, person: Person, address: str) -> int:
    """Go the whole way with that address; return the status of the last answer."""
    page = app.send(person, redirect_uri=address, **S256)
    if page.status_code == 400:
        return 400
    found = answer(person, page, allow="allow")
    assert found.headers["Location"].startswith(f"{address}{'&' if '?' in address else '?'}code=")
    return app.exchange(said(found)["code"], redirect_uri=address, code_verifier=VERIFIER).status_code


SCHEMES = ["com.example.app:/back", "com.example.app:/back?x=1", "org.example.my-app:/", "com.example.app://back"]


@pytest.mark.parametrize("address", [*SCHEMES, "openhumanshk://", "resilienceproject://open-humans"])
def test_7_1_an_address_with_a_scheme_of_its_own_works(alice: Person, app_of: AppOf, address: str) -> None:
    """Section 7.1: private-use URI schemes, a domain name reversed; and two of apps that are out there."""
    assert walk(native(app_of, address), alice, address) == 200


@pytest.mark.parametrize(
    "address", ["myapp:/back", "app://back", "mailto:a@b.org", "tel:1", "intent://x", "market://x"]
)
def test_7_1_a_scheme_that_anybody_could_have_is_not_registered(address: str) -> None:
    """Sections 7.1 and 8.4: SHOULD enforce the use of private-use schemes based on a domain."""
    assert redirect_fault(address)


def test_7_2_a_claimed_web_address_works(alice: Person, app_of: AppOf) -> None:
    """Section 7.2: claimed "https" scheme URI redirection."""
    address = "https://app.example.org/native"
    assert walk(native(app_of, address), alice, address) == 200


@pytest.mark.parametrize("port", ["", ":1", ":80", ":8080", ":51004", ":65535"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_7_3_the_port_on_a_loopback_address_is_free(alice: Person, app_of: AppOf, host: str, port: str) -> None:
    """Section 7.3: MUST allow any port at the time of the request, for both kinds of address."""
    assert walk(native(app_of, V4, V6), alice, f"http://{host}{port}/back") == 200


def test_7_3_a_registered_port_is_free_too(alice: Person, app_of: AppOf) -> None:
    """Section 7.3: whatever the port that was registered."""
    assert walk(native(app_of, "http://127.0.0.1:8400/back"), alice, "http://127.0.0.1:9000/back") == 200


OTHERS = [
    "http://127.0.0.1:8400/other", "http://127.0.0.1:8400/", "http://127.0.0.1:8400/back/", "http://127.0.0.1:8400/back?x=1",
    "http://127.0.0.1:8400/back#x", "http://127.0.0.2:8400/back", "http://127.1:8400/back", "http://0.0.0.0:8400/back",
    "http://2130706433:8400/back", "http://0x7f.0.0.1/back", "http://[::2]:8400/back", "http://[::ffff:127.0.0.1]/back",
    "https://127.0.0.1:8400/back", "http://localhost:8400/back", "http://127.0.0.1:/back", "http://127.0.0.1:x/back",
    "http://127.0.0.1:123456/back", "http://127.0.0.1:8400@evil.example/back", "http://a@127.0.0.1:8400/back",
    "http://127.0.0.1.evil.example/back", "http://evil.example/back", "HTTP://127.0.0.1:8400/back",
    "http://127.0.0.1:8400/%62ack", "http://127.0.0.1:8400//back", "http://127.0.0.1:8400/x/../back",
    "http://127.0.0.1:8400\\@evil.example/back", "http://127.0.0.1:\u0668\u0664/back",
]  # fmt: skip


@pytest.mark.parametrize("address", OTHERS)
def test_8_4_all_else_of_the_address_is_exact(alice: Person, app_of: AppOf, address: str) -> None:
    """Sections 7.3 and 8.4: only the port may vary."""
    found = native(app_of, V4, V6).send(alice, redirect_uri=address, **S256)
    assert found.status_code == 400
    assert "Location" not in found.headers


def test_7_3_an_app_with_a_secret_has_no_free_port(alice: Person, app_of: AppOf) -> None:
    """Section 8.4: the exception is for native apps."""
    app = native(app_of, "http://127.0.0.1:8400/back", public=False)
    assert walk(app, alice, "http://127.0.0.1:8400/back") == 200
    assert app.send(alice, redirect_uri="http://127.0.0.1:9000/back", **S256).status_code == 400


def test_8_3_the_port_of_localhost_is_not_free(alice: Person, app_of: AppOf) -> None:
    """Section 8.3: the use of "localhost" is NOT RECOMMENDED; it may be another machine."""
    app = native(app_of, NAME)
    assert walk(app, alice, NAME) == 200
    assert app.send(alice, redirect_uri="http://localhost:9000/back", **S256).status_code == 400


def test_7_3_the_code_is_exchanged_with_the_same_port(alice: Person, app_of: AppOf) -> None:
    """RFC 6749 section 4.1.3 holds for the address that was used."""
    app = native(app_of, V4)
    code = app.code(alice, redirect_uri="http://127.0.0.1:5000/back", **S256)
    for wrong in (V4, "http://127.0.0.1:5001/back"):
        assert app.exchange(code, redirect_uri=wrong, code_verifier=VERIFIER).status_code == 400
    assert app.exchange(code, redirect_uri="http://127.0.0.1:5000/back", code_verifier=VERIFIER).status_code == 200


def test_8_1_such_an_app_begins_with_a_challenge(alice: Person, app_of: AppOf) -> None:
    """Section 8.1: servers MUST support PKCE, and SHOULD reject requests of native apps without it."""
    app = native(app_of, V4)
    assert said(app.send(alice, redirect_uri=V4))["error"] == "invalid_request"


def test_8_1_no_setting_lets_it_begin_without(alice: Person, app_of: AppOf) -> None:
    """Section 8.1: also for a row that says otherwise."""
    app = native(app_of, V4)
    app.project.client.pkce_required = False  # type: ignore[attr-defined]
    app.project.client.save()  # type: ignore[attr-defined]
    assert said(app.send(alice, redirect_uri=V4))["error"] == "invalid_request"


@pytest.mark.parametrize("kind", ["token", "id_token", "id_token token"])
def test_8_2_no_token_comes_through_the_browser(alice: Person, app_of: AppOf, kind: str) -> None:
    """Section 8.2: the implicit flow SHOULD NOT be used."""
    back = said(native(app_of, V4).send(alice, redirect_uri=V4, response_type=kind, **S256))
    assert "error" in back
    assert "access_token" not in back


def test_8_5_a_secret_within_an_app_proves_nothing(alice: Person, app_of: AppOf) -> None:
    """Section 8.5: secrets shared by all copies are not confidential; none is taken."""
    app = app_of("Native", public=True, redirect_uris=V4)
    code = app.code(alice, redirect_uri=V4, **S256)
    assert refusal(app.exchange(code, redirect_uri=V4, code_verifier=VERIFIER)) == (401, "invalid_client")


@pytest.mark.parametrize("address", [V4, V6, "com.example.app:/back", NAME])
def test_8_6_whoever_could_be_another_app_is_never_let_in_unasked(alice: Person, app_of: AppOf, address: str) -> None:
    """Section 8.6: SHOULD NOT process requests without user interaction, except where the identity is assured."""
    app = native(app_of, address)
    assert walk(app, alice, address) == 200
    assert app.send(alice, redirect_uri=address, **S256).status_code == 200
    assert said(app.send(alice, redirect_uri=address, prompt="none", **S256))["error"] == "consent_required"


def test_8_6_a_claimed_web_address_is_sure(alice: Person, app_of: AppOf) -> None:
    """Section 8.6: claimed https URIs have identity assurance from the operating system."""
    address = "https://app.example.org/native"
    app = native(app_of, address)
    assert walk(app, alice, address) == 200
    assert "code" in said(app.send(alice, redirect_uri=address, **S256))


def test_8_4_the_form_may_lead_to_that_app_and_nowhere_else(alice: Person, app_of: AppOf) -> None:
    """Section 8.4: the page's policy names the scheme that was checked."""
    page = native(app_of, "com.example.app:/back").send(alice, redirect_uri="com.example.app:/back", **S256)
    policy = page.headers["Content-Security-Policy"]
    assert "form-action 'self' com.example.app:;" in policy
    assert (
        "form-action 'self';"
        in native(app_of, V4).send(alice, redirect_uri="x", **S256).headers["Content-Security-Policy"]
    )


def test_8_12_the_page_is_for_a_browser_of_its_own(alice: Person, app_of: AppOf) -> None:
    """Section 8.12: no embedded user-agent frames it."""
    assert native(app_of, V4).send(alice, redirect_uri=V4, **S256).headers["X-Frame-Options"] == "DENY"
