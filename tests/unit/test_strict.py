"""Strict input: right or refused, and kept as it was written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry_server.common import strict

STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | STORABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_json_can_say_is_read_and_compacted_to_the_same(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert strict.parse_json(text) == value
        assert json.loads(strict.compact_json(text)) == value


@given(VALUES)
def test_compact_json_is_the_compact_form_in_utf8(value: Any) -> None:
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    assert strict.compact_json(json.dumps(value, indent=3)) == plain


@pytest.mark.parametrize("number", ["1.0", "1e5", "1E+5", "-0", "0.10", "123456789012345678901234567890"])
def test_numbers_stay_as_they_were_written(number: str) -> None:
    assert strict.compact_json(f'{{ "n" : {number} }}') == f'{{"n":{number}}}'


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}', "{'a':1}", "[1,]", '{"a":1,}', "// x\n1", "NaN", "[Infinity]", "-Infinity", "",
        "{", '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\x00"', '"\\uffff"', "\ufeff{}", "1 2", "nul",
        "1" * 5000,
    ],
)  # fmt: skip
def test_169_what_is_not_plain_json_is_refused(text: str) -> None:
    with pytest.raises(strict.NotStrict):
        strict.parse_json(text)


@pytest.mark.parametrize("depth", [1100, 5000, 100_000])
def test_168_deep_nesting_is_refused(depth: int) -> None:
    for opening in ("[", '{"a":'):
        with pytest.raises(strict.NotStrict):
            strict.parse_json(opening * depth)


def test_168_sixty_four_levels_are_fine_and_brackets_in_texts_do_not_count() -> None:
    assert strict.parse_json("[" * 64 + "]" * 64)
    assert strict.parse_json(json.dumps("[" * 500)) == "[" * 500
    with pytest.raises(strict.NotStrict):
        strict.parse_json("[" * 65 + "]" * 65)


@pytest.mark.parametrize(
    ("given_text", "number"),
    [("12", 12), (" 12 ", 12), ("-1", -1), ("+1", None), ("1.0", None), ("1e3", None), ("٣", None), ("0x1", None),
     ("", None), (True, None), (7, 7), (1.5, None), ("9" * 40, None), (10**40, None), (None, None)],
)  # fmt: skip
def test_176_a_whole_number_is_exact_or_none(given_text: object, number: int | None) -> None:
    assert strict.integer(given_text) == number
