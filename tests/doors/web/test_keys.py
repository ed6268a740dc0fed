"""118: passkeys let in whoever holds the key, on this site, now; nobody else."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from fido2.utils import websafe_decode

from tests.doors.web.person import Person
from tests.softkey import Key
from tests.world import PASSWORD

STEP, SETTINGS = "/account/second-step/", "/member/me/account-settings/"
Visit = Callable[..., Person]
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def added(person: Person, key: Key) -> Key:
    """Add a key that may log its owner in."""
    assert person.post("/account/reauthenticate/", password=PASSWORD).status_code == 302
    page = person.get(f"{STEP}keys/add/").text
    found = re.search(r'id="js_data"[^>]*>(.*?)</script>', page)
    assert found is not None
    options = json.loads(html.unescape(found[1]))["creation_options"]
    key = key.but(owner=websafe_decode(options["publicKey"]["user"]["id"]))
    answer = person.post(f"{STEP}keys/add/", name="Mine", passwordless="on", credential=key.added(options))
    assert answer.status_code == 302
    return key


def asked(person: Person) -> dict[str, Any]:
    """Return what the page of logging in asks a key."""
    options: dict[str, Any] = person.browser.get(f"{STEP}keys/login/", headers=SCRIPT).json()["request_options"]
    return options


def enters(person: Person, key: Key) -> bool:
    """Log in with a key; say whether that went well."""
    return gets_in(person, key.signed(asked(person)))


def gets_in(person: Person, credential: str) -> bool:
    person.post(f"{STEP}keys/login/", credential=credential)
    return person.get(SETTINGS).status_code == 200


@pytest.fixture
def key(alice: Person) -> Key:
    return added(alice, Key(count=5)).but(count=6)


def test_a_key_lets_its_owner_in(key: Key, anybody: Person) -> None:
    assert enters(anybody, key)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver"},
        {"origin": "https://testserver.evil.example"},
        {"host": "evil.example"},
        {"verifies": False},
        {"private": Key().private},
        {"name": b"another key's nam"},
    ],
    ids=["origin", "no tls", "longer origin", "rp id", "nobody verified", "another key", "another name"],
)
def test_118_what_is_signed_for_elsewhere_or_otherwise_lets_nobody_in(
    key: Key, anybody: Person, wrong: dict[str, Any]
) -> None:
    assert not enters(anybody, key.but(**wrong))
    assert enters(anybody, key)


def test_118_the_same_answer_works_once_and_only_where_it_was_asked(key: Key, visit: Visit) -> None:
    first, second = visit(), visit()
    credential = key.signed(asked(first))
    asked(second)

    assert not gets_in(second, credential)
    assert gets_in(first, credential)
    first.post("/account/logout/")
    assert not gets_in(first, credential)


def test_118_a_key_of_somebody_else_opens_no_other_account(key: Key, bob: Person, anybody: Person) -> None:
    of_bob = added(bob, Key())

    assert not enters(anybody, of_bob.but(owner=key.owner))
    assert not enters(anybody, key.but(owner=of_bob.owner))


@pytest.mark.parametrize("count", [0, 5, 6])
def test_118_a_key_that_counts_backwards_was_copied(key: Key, visit: Visit, count: int) -> None:
    assert enters(visit(), key)

    assert not enters(visit(), key.but(count=count))
    assert enters(visit(), key.but(count=7))


def test_a_key_that_does_not_count_lets_in_each_time(alice: Person, visit: Visit) -> None:
    key = added(alice, Key())

    assert all(enters(visit(), key) for _ in range(2))
