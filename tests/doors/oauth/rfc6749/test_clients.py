"""RFC 6749 section 2: who an app is, and how it proves it."""

from base64 import b64encode
from urllib.parse import quote

import httpx
import pytest

from tests.doors.oauth.app import INTROSPECT, INVALID_CLIENT, REVOKE, TOKEN, VERIFIER, App, challenge, refusal
from tests.doors.web.person import Person
from tests.world import REDIRECT

BODY = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def test_2_1_an_app_that_keeps_no_secret_only_says_who_it_is(alice: Person, public: App) -> None:
    """Section 2.1: public clients; section 3.2.1: they name themselves."""
    code = public.code(alice, code_challenge=challenge(), code_challenge_method="S256")
    assert public.exchange(code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize("encode", [str, lambda text: quote(text, safe="")])
def test_2_3_1_basic_takes_plain_and_form_encoded_words(alice: Person, app: App, encode: object) -> None:
    """Section 2.3.1: each part is encoded as in a form."""
    pair = f"{encode(app.client_id)}:{encode(app.secret)}"  # type: ignore[operator]
    found = app.http.post(TOKEN, data=BODY | {"code": app.code(alice)}, headers=basic(pair))
    assert found.status_code == 200


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_2_3_1_the_scheme_is_read_in_any_case(alice: Person, app: App, scheme: str) -> None:
    """Section 2.3.1, RFC 7235 section 2.1."""
    header = basic(f"{app.client_id}:{app.secret}")["Authorization"].replace("Basic", scheme)
    found = app.http.post(TOKEN, data=BODY | {"code": app.code(alice)}, headers={"Authorization": header})
    assert found.status_code == 200


def test_2_3_1_both_words_may_stand_in_the_body(alice: Person, app: App) -> None:
    """Section 2.3.1: client_id and client_secret as parameters."""
    words = {"client_id": app.client_id, "client_secret": app.secret}
    assert app.http.post(TOKEN, data=BODY | words | {"code": app.code(alice)}).status_code == 200


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
def test_2_3_two_ways_at_once_are_none(alice: Person, app: App, path: str) -> None:
    """Section 2.3: a client MUST NOT use more than one method in a request."""
    given = {"code": app.code(alice), "token": "x", "client_id": app.client_id, "client_secret": app.secret}
    found = app.http.post(path, data=BODY | given, headers=basic(f"{app.client_id}:{app.secret}"))
    assert refusal(found) == INVALID_CLIENT


def test_2_3_1_a_client_id_beside_basic_must_be_the_same(alice: Person, app: App, other: App) -> None:
    """Section 3.2.1: client_id in the body identifies, and contradicts nothing."""
    code = app.code(alice)
    assert refusal(app.exchange(code, client_id=other.client_id)) == INVALID_CLIENT
    assert app.exchange(code, client_id=app.client_id).status_code == 200


WRONG = {
    "nobody": "",
    "an unknown app": "a" * 40 + ":{secret}",
    "a wrong secret": "{id}:{secret}x",
    "no secret": "{id}:",
    "no app": ":{secret}",
    "no colon": "{id}",
    "a secret with a colon": "{id}:{secret}:x",
    "a secret with a percent sign": "{id}:{secret}%",
    "a secret that is encoded wrongly": "{id}:%ff%fe",
    "a secret of another kind": "{id}:" + "x" * 52,
    "letters that are none": "{id}:\x00\u00e9",
    "the wrong way round": "{secret}:{id}",
}


@pytest.mark.parametrize("who", WRONG)
def test_5_2_whoever_does_not_prove_it_is_told_in_one_way(alice: Person, app: App, who: str) -> None:
    """Section 5.2: invalid_client is 401, and names the scheme that was used."""
    code, pair = app.code(alice), WRONG[who].format(id=app.client_id, secret=app.secret)
    found = app.http.post(TOKEN, data=BODY | {"code": code}, headers=basic(pair))
    assert refusal(found) == INVALID_CLIENT
    assert found.json() == {"error": "invalid_client"}
    assert "Basic" in found.headers["WWW-Authenticate"]
    assert app.exchange(code).status_code == 200, "the code was not touched"


@pytest.mark.parametrize("header", ["Basic", "Basic ", "Basic !!!", "Basic =", "Bearer x", "Digest username=x", "x"])
def test_5_2_a_header_that_says_nothing_is_nobody(app: App, header: str) -> None:
    """Section 5.2: no client authentication included, or an unsupported method."""
    found = app.http.post(TOKEN, data=BODY | {"code": "x"}, headers={"Authorization": header})
    assert refusal(found) == INVALID_CLIENT


@pytest.mark.parametrize("given", ["", "x", "é", "a" * 41, "0", "' OR 1=1 --"])
def test_2_2_an_unknown_client_id_is_nobody(app: App, given: str) -> None:
    """Section 2.2: client identifiers are unique to this server."""
    found = app.http.post(TOKEN, data=BODY | {"code": "x", "client_id": given, "client_secret": app.secret})
    assert refusal(found) == INVALID_CLIENT


def test_2_3_1_a_confidential_app_does_not_get_by_without_its_secret(alice: Person, app: App) -> None:
    """Section 3.2.1: confidential clients MUST authenticate."""
    given = BODY | {"code": app.code(alice), "client_id": app.client_id}
    assert refusal(app.http.post(TOKEN, data=given)) == INVALID_CLIENT


def test_2_3_1_an_app_without_a_secret_has_no_secret_to_prove(alice: Person, public: App, app: App) -> None:
    """Section 2.3: the server does not rely on a public client's authentication, and takes none."""
    found = public.http.post(TOKEN, data=BODY | {"code": "x"}, headers=basic(f"{public.client_id}:{app.secret}"))
    assert refusal(found) == INVALID_CLIENT


def test_2_3_1_a_secret_in_the_address_is_not_read(alice: Person, app: App, client: httpx.Client) -> None:
    """Section 2.3.1: the parameters MUST NOT be included in the request URI."""
    code = app.code(alice)
    words = {"client_id": app.client_id, "client_secret": app.secret}
    found = client.post(TOKEN, params=words, data=BODY | {"code": code})
    assert refusal(found) == (400, "invalid_request")
    assert app.exchange(code).status_code == 200


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
def test_2_3_1_nor_at_any_other_endpoint(app: App, client: httpx.Client, path: str) -> None:
    """Section 2.3.1."""
    words = {"client_id": app.client_id, "client_secret": app.secret}
    assert client.post(path, params=words, data={"token": "x"}).status_code == 400
