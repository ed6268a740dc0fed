"""Secrets and numbers: long enough, never twice, even in their characters."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from consentry_server.common.ids import (
    ALPHABET,
    BODY,
    CHECK,
    digest,
    fingerprint,
    new_key,
    new_member_number,
    new_secret,
    well_formed,
)

SAMPLES = 100_000


def chi_square(text: str, kinds: int) -> float:
    expected = len(text) / kinds
    counted = Counter(text)
    assert len(counted) == kinds
    return sum((seen - expected) ** 2 / expected for seen in counted.values())


def test_025_no_secret_comes_twice_and_its_characters_are_even() -> None:
    secrets = [new_secret("csm") for _ in range(SAMPLES)]
    assert len(set(secrets)) == SAMPLES
    # not the first of the 256 bits, which cannot fill a whole digit
    middle = "".join(secret[4:BODY] for secret in secrets[:20_000])
    # 61 degrees of freedom: more than 125 comes once in a million runs
    assert chi_square(middle, len(ALPHABET)) < 125


def test_025_a_secret_has_256_bits() -> None:
    assert 62**BODY > 2**256
    firsts = {new_secret("csm")[3] for _ in range(2000)}
    assert len(firsts) > 20


def test_025_member_numbers_are_even_and_of_eight_digits() -> None:
    numbers = [new_member_number() for _ in range(SAMPLES)]
    assert all(len(number) == 8 and number.isdecimal() and number[0] != "0" for number in numbers)
    # 8 degrees of freedom and 9: once in a million runs
    assert chi_square("".join(number[0] for number in numbers), 9) < 43
    assert chi_square("".join(number[1:] for number in numbers), 10) < 45
    # a birthday meets another in 10^5 of 9 * 10^7 about 55 times
    assert len(set(numbers)) > SAMPLES - 150


def test_157_keys_of_the_store_are_128_random_bits() -> None:
    keys = [new_key() for _ in range(SAMPLES)]
    assert len(set(keys)) == SAMPLES
    assert {len(key) for key in keys} == {32}
    assert chi_square("".join(keys[:20_000]), 16) < 55


def test_a_secret_is_well_formed_for_its_own_kind_only() -> None:
    secret = new_secret("csm")
    assert well_formed(secret, "csm")
    assert not well_formed(secret, "csu")
    assert not well_formed(new_secret("csu"), "csm")
    assert len(secret) == 3 + BODY + CHECK


@given(st.integers(0, 3 + BODY + CHECK - 1), st.sampled_from(ALPHABET + "é\x00 "))
def test_017_one_changed_character_shows(place: int, other: str) -> None:
    secret = new_secret("csm")
    changed = secret[:place] + other + secret[place + 1 :]
    assert well_formed(changed, "csm") is (changed == secret)


@given(st.text(max_size=60))
def test_no_text_breaks_the_check(text: str) -> None:
    assert not well_formed(text, "csm")


def test_what_is_kept_of_a_secret_is_its_hash() -> None:
    assert digest("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert fingerprint("abc") == "ba7816bf"
