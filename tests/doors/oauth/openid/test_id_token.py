"""OpenID Connect Core sections 2 and 3.1.3: who the member is, said by a signed token."""

import hashlib
from base64 import urlsafe_b64encode

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from django.contrib.auth import get_user_model

from consentry_server.sharing import queries as sharing
from tests.doors.oauth.app import App, said
from tests.doors.oauth.conftest import AppOf, Clock
from tests.doors.oauth.openid.tokens import claims, header, known, verify
from tests.doors.web.person import Person
from tests.world import World, leave


def number(world: World, app: App) -> str:
    row = sharing.live(member_id=world.alice.pk, project_id=app.project.pk)
    assert row is not None
    return row.project_member.number


@pytest.fixture
def token(alice: Person, app: App, clock: Clock) -> str:
    return app.tokens(alice, scope="openid", nonce="n-0S6_WzA2Mj")["id_token"]


def test_2_it_says_what_it_has_to(world: World, app: App, clock: Clock, token: str) -> None:
    """Core section 2: iss, sub, aud, exp, iat REQUIRED; auth_time, nonce."""
    found, now = claims(token), int(clock.now.timestamp())
    assert found["iss"] == "http://testserver"
    assert found["sub"] == number(world, app)
    assert found["aud"] == app.client_id
    assert (found["iat"], found["exp"]) == (now, now + 3600)
    assert found["nonce"] == "n-0S6_WzA2Mj"
    assert found["auth_time"] <= now


def test_2_it_says_no_more_than_the_member_shares(alice: Person, app_of: AppOf) -> None:
    """Core section 5.4: the username only if it was asked for and agreed to; never an address."""
    plain = app_of("Plain", request_username_access=False)
    found = claims(plain.tokens(alice, scope="openid")["id_token"])
    assert set(found) == {"iss", "sub", "aud", "exp", "iat", "at_hash", "auth_time"}
    named = claims(app_of("Named").tokens(alice, scope="openid")["id_token"])
    assert named["preferred_username"] == "alice"
    assert "email" not in named


def test_8_1_the_subject_is_another_one_for_each_app(alice: Person, app: App, other: App) -> None:
    """Core section 8.1: pairwise identifiers; the same one each time."""
    subjects = [claims(each.tokens(alice, scope="openid")["id_token"])["sub"] for each in (app, app, other)]
    assert subjects[0] == subjects[1] != subjects[2]


def test_2_the_subject_stays_when_a_member_leaves_and_comes_back(world: World, alice: Person, app: App) -> None:
    """Core section 2: sub, never reassigned."""
    before = claims(app.tokens(alice, scope="openid")["id_token"])["sub"]
    row = sharing.live(member_id=world.alice.pk, project_id=app.project.pk)
    assert row is not None
    leave(row)
    assert claims(app.tokens(alice, scope="openid")["id_token"])["sub"] == before


def test_3_1_3_6_the_hash_of_the_access_token_is_right(alice: Person, app: App) -> None:
    """Core section 3.1.3.6: at_hash, the left half of SHA-256."""
    tokens = app.tokens(alice, scope="openid read")
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims(tokens["id_token"])["at_hash"] == urlsafe_b64encode(half).decode().rstrip("=")


def test_3_1_3_7_the_signature_is_right_by_the_keys_that_are_told(client: httpx.Client, token: str) -> None:
    """Core sections 3.1.3.7 and 15.1: RS256, by the key that kid names."""
    assert header(token)["alg"] == "RS256"
    verify(token, known(client)[header(token)["kid"]])


def test_3_1_3_7_a_changed_token_is_told_from_ours(client: httpx.Client, token: str) -> None:
    """Core section 16.3: token manufacture or modification."""
    head, body, signature = token.split(".")
    changed = ("A" if body[20] != "A" else "B") + body[21:]
    with pytest.raises(InvalidSignature):
        verify(f"{head}.{body[:20]}{changed}.{signature}", known(client)[header(token)["kid"]])


@pytest.mark.parametrize("scope", [None, "read", "read write", "open-humans"])
def test_3_1_2_1_without_openid_there_is_none(alice: Person, app: App, scope: str | None) -> None:
    """Core section 3.1.2.1: requests MUST contain the openid scope value."""
    assert "id_token" not in app.tokens(alice, scope=scope)


@pytest.mark.parametrize("nonce", ["n", "a b&c=d", "ä☃", "x" * 500])
def test_3_1_2_1_the_nonce_comes_back_unchanged(alice: Person, app: App, nonce: str) -> None:
    """Core section 3.1.2.1: passed through unmodified."""
    assert claims(app.tokens(alice, scope="openid", nonce=nonce)["id_token"])["nonce"] == nonce


@pytest.mark.parametrize("nonce", [None, ""])
def test_2_no_nonce_is_made_up(alice: Person, app: App, nonce: str | None) -> None:
    """Core section 2: present only if the request had one."""
    assert "nonce" not in claims(app.tokens(alice, scope="openid", nonce=nonce)["id_token"])


def test_3_1_2_1_a_nonce_that_is_too_long_is_refused_and_not_cut(alice: Person, app: App) -> None:
    """Core section 3.1.2.1: a nonce that was cut would never match."""
    assert said(app.send(alice, scope="openid", nonce="x" * 501))["error"] == "invalid_request"


def test_2_a_code_that_nobody_was_asked_for_says_the_new_nonce(alice: Person, app: App) -> None:
    """Core section 15.5.2: a nonce is of one request."""
    app.tokens(alice, scope="openid", nonce="one")
    found = app.exchange(said(app.send(alice, scope="openid", nonce="two"))["code"]).json()
    assert claims(found["id_token"])["nonce"] == "two"


def test_12_2_a_refresh_need_not_bring_one(alice: Person, app: App) -> None:
    """Core section 12.2: might not contain an id_token."""
    assert "id_token" not in app.refresh(app.tokens(alice, scope="openid")["refresh_token"]).json()


def test_2_auth_time_is_when_the_member_logged_in_in_this_browser(world: World, alice: Person, app: App) -> None:
    """Core section 2: auth_time; a login elsewhere since then changes nothing."""
    member = get_user_model().objects.get(pk=world.alice.pk)
    assert member.last_login is not None
    found = claims(app.tokens(alice, scope="openid")["id_token"])
    assert found["auth_time"] == int(member.last_login.timestamp())


def test_3_1_3_7_a_token_is_for_one_app(alice: Person, app: App, other: App) -> None:
    """Core section 3.1.3.7: aud."""
    assert claims(app.tokens(alice, scope="openid")["id_token"])["aud"] == app.client_id
    assert claims(other.tokens(alice, scope="openid")["id_token"])["aud"] == other.client_id


def test_an_id_token_opens_nothing(alice: Person, app: App, token: str) -> None:
    """It says who somebody is; it is not a bearer token."""
    assert not app.opens(token)
    assert app.introspected(token) == {"active": False}
