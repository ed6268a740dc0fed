"""Identifiers and secrets: random, unique, recognizable."""

from collections import Counter

import pytest

from consentry_server.common import ids


def chi_square(found: "Counter[str]", symbols: str) -> float:
    expected = sum(found.values()) / len(symbols)
    return sum((found[symbol] - expected) ** 2 / expected for symbol in symbols)


def test_025_a_hundred_thousand_secrets_are_different_and_evenly_spread() -> None:
    secrets = [ids.new_secret("csm") for _ in range(100_000)]
    # the first digit of 256 bits in base 62 is uneven by nature; the others are not
    letters = Counter("".join(secret[6:46] for secret in secrets))

    assert len(set(secrets)) == 100_000
    assert chi_square(letters, ids.ALPHABET) < 120  # p = 0.00001 at 61 degrees of freedom


def test_025_member_numbers_have_eight_digits_that_are_evenly_spread() -> None:
    numbers = [ids.new_member_number() for _ in range(100_000)]

    assert all(len(number) == 8 and number[0] != "0" for number in numbers)
    assert chi_square(Counter("".join(number[1:] for number in numbers)), "0123456789") < 40


def test_a_secret_is_well_formed_under_its_own_prefix_only() -> None:
    secret = ids.new_secret("csm")

    assert ids.well_formed(secret, "csm")
    assert not ids.well_formed(secret, "csa")
    assert not ids.well_formed(ids.new_secret("csa"), "csm")


@pytest.mark.parametrize("position", [0, 3, 20, 46, 51])
def test_017_a_changed_letter_is_noticed_anywhere(position: int) -> None:
    secret = ids.new_secret("csm")
    other = "A" if secret[position] != "A" else "B"

    assert not ids.well_formed(secret[:position] + other + secret[position + 1 :], "csm")


@pytest.mark.parametrize("wrong", ["", "csm", "csm" + "0" * 48, "csm" + "é" * 49, "x" * 8192])
def test_what_is_no_secret_is_not_well_formed(wrong: str) -> None:
    assert not ids.well_formed(wrong, "csm")


def test_157_keys_have_128_random_bits() -> None:
    keys = {ids.new_key() for _ in range(10_000)}

    assert len(keys) == 10_000
    assert all(len(key) == 32 for key in keys)


def test_a_fingerprint_is_the_beginning_of_the_digest() -> None:
    assert ids.digest("x").hex().startswith(ids.fingerprint("x"))
    assert len(ids.fingerprint("x")) == 8
