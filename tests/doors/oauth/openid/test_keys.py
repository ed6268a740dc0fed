"""OpenID Connect Core section 10: the keys that sign, and how they change."""

import json

import httpx
import pytest
from click.testing import CliRunner

from consentry_server.audit.models import Event
from consentry_server.ops.cli import main
from consentry_server.tokens.models import SigningKey
from tests.doors.oauth.app import KEYS, App
from tests.doors.oauth.conftest import Clock
from tests.doors.oauth.openid.tokens import header, known, verify
from tests.doors.web.person import Person


def rotate(*words: str) -> str:
    done = CliRunner().invoke(main, ["rotate-signing-key", *words])
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def id_token(app: App, person: Person) -> str:
    return app.tokens(person, scope="openid")["id_token"]


def test_10_1_keys_are_told_and_no_secret_part_of_them(client: httpx.Client, db: None) -> None:
    """RFC 7517 and RFC 7518 section 6.3: kty, n, e; never d, p, q, dp, dq, qi."""
    (key,) = client.get(KEYS).json()["keys"]
    assert {name: key[name] for name in ("kty", "use", "alg", "e")} == {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "e": "AQAB",
    }
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
    assert len(key["n"]) == 342, "2048 bits"


def test_10_1_looking_twice_makes_no_second_key(client: httpx.Client, db: None) -> None:
    """Section 10.1: a kid stays what it is."""
    assert client.get(KEYS).json() == client.get(KEYS).json()
    assert SigningKey.objects.count() == 1


def test_10_1_1_after_a_rotation_both_keys_are_told_and_the_new_one_signs(
    alice: Person, app: App, client: httpx.Client
) -> None:
    """Section 10.1.1: rotation of asymmetric signing keys."""
    before = id_token(app, alice)
    kid = rotate()
    after = id_token(app, alice)
    assert header(before)["kid"] != header(after)["kid"] == kid
    keys = known(client)
    assert list(keys) == [kid, header(before)["kid"]]
    for token in (before, after):
        verify(token, keys[header(token)["kid"]])


def test_10_1_1_the_old_key_is_told_for_two_days(client: httpx.Client, clock: Clock, db: None) -> None:
    """Section 10.1.1: for a reasonable period, to ease the transition; id tokens live for an hour."""
    (old,) = known(client)
    new = rotate()
    clock.move(days=1, hours=23)
    assert set(known(client)) == {old, new}
    clock.move(hours=2)
    assert set(known(client)) == {new}


def test_10_1_1_a_key_that_leaked_is_told_no_more(alice: Person, app: App, client: httpx.Client) -> None:
    """Section 10.1.1: revocation."""
    before = header(id_token(app, alice))["kid"]
    kid = rotate("--leaked")
    assert set(known(client)) == {kid}
    assert before != kid
    assert [event.name for event in Event.objects.filter(about="signing-key").order_by("id")] == [
        *("signing.rotate", "signing.forget"),
    ]


def test_10_1_the_private_part_is_sealed_in_the_database(alice: Person, app: App) -> None:
    """Catalogue 11: a dump of the database signs nothing."""
    id_token(app, alice)
    row = SigningKey.objects.get()
    assert "PRIVATE KEY" not in row.sealed
    assert "PRIVATE KEY" not in json.dumps(list(Event.objects.values("name", "about", "detail")), default=str)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_10_1_keys_are_for_looking_only(client: httpx.Client, db: None, method: str) -> None:
    """Discovery section 3: jwks_uri is fetched."""
    assert client.request(method, KEYS).status_code == 405
