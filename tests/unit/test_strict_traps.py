"""Traps for whoever reads strictly: escapes, marks that no database keeps, texts of quotes only."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry_server.common import strict
from tests.growth import LINEAR, growth

characters = st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\x00")
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(characters),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(characters), inner, max_size=5),
    max_leaves=20,
)


@given(plain)
def test_compact_json_is_compact_already(value: object) -> None:
    once = strict.compact_json(json.dumps(value))
    assert strict.compact_json(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NaN",
        "-Infinity",
        "[Infinity]",
        '{"a":1,"a":2}',
        '[{"a":1,"a":1}]',
        "'a'",
        "[1,]",
        "01",
        "1 2",
        "\ufeff1",
        '"\\x"',
        '"\t"',
    ],
)
def test_what_is_not_plainly_json_is_refused(text: str) -> None:
    with pytest.raises(strict.NotStrict):
        strict.parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        '"\\u0000"',
        '"\\\\\\u0000"',
        '{"\\u0000":1}',
        '"\\ud800"',
        '"\\udc00\\ud83e"',
        '"\\uffff"',
        '"\x00"',
        '"\ufdd0"',
        '"\U0010fffe"',
    ],
)
def test_what_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(strict.NotStrict):
        strict.parse_json(text)


def test_text_about_an_escape_is_only_text() -> None:
    assert strict.parse_json('"\\\\u0000 \\\\ud800"') == "\\u0000 \\ud800"
    assert strict.parse_json('"\\ud83e\\uddec"') == "🧬"


@pytest.mark.parametrize(
    ("opening", "unit", "closing"),
    [
        ("", '"', ""),
        ('"', '\\"', ""),
        ("[", '\\"', ""),
        ('{"', '\\"', ""),
        ("{", '"', ""),
        ("", '"\\', ""),
        ("", "\\", ""),
        ("", "[", ""),
        ("", '{"a":', ""),
        ("", "[", "]"),
    ],
)
def test_168_what_is_refused_costs_no_more_than_its_length(opening: str, unit: str, closing: str) -> None:
    def refuse(length: int) -> None:
        with pytest.raises(strict.NotStrict):
            strict.parse_json(opening + unit * length + closing * length)

    assert growth(refuse, 20_000) < LINEAR


@given(st.text())
def test_any_text_is_a_page_number_or_none(text: str) -> None:
    number = strict.page_number(text)
    assert number is None or 0 <= number <= 10**18
