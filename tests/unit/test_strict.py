"""Input read strictly."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry_server.common import strict

characters = st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\x00")
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(characters),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(characters), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(plain, st.booleans())
def test_what_was_written_is_read(value: object, ascii_only: bool) -> None:
    assert strict.parse_json(json.dumps(value, ensure_ascii=ascii_only)) == value


@given(plain, st.booleans(), st.sampled_from([None, 0, 3]))
def test_compact_json_says_the_same_without_white_space(
    value: object, ascii_only: bool, indent: int | None
) -> None:
    compact = strict.compact_json(json.dumps(value, ensure_ascii=ascii_only, indent=indent))
    assert compact == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@given(plain)
def test_compact_json_is_compact_already(value: object) -> None:
    once = strict.compact_json(json.dumps(value))
    assert strict.compact_json(once) == once


@pytest.mark.parametrize(
    "number", ["1.0", "1e5", "-0", "1E+2", "123456789012345678901234567890", "0.10"]
)
def test_numbers_stay_as_they_were_written(number: str) -> None:
    assert strict.compact_json(f' {{ "a b" : [ {number} ] }} ') == f'{{"a b":[{number}]}}'


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


def test_64_levels_are_read_and_65_refused() -> None:
    assert strict.parse_json("[" * 64 + "]" * 64)
    for opening, closing in (("[", "]"), ('{"a":[', "]}")):
        with pytest.raises(strict.NotStrict):
            strict.parse_json(opening * 65 + closing * 65)
    assert strict.parse_json(json.dumps("[{" * 500)) == "[{" * 500


@pytest.mark.parametrize(
    "text", ['"' * 999_999, '"' + '\\"' * 500_000, "[" + '\\"' * 500_000, "\\" * 10**6, "[" * 10**6]
)
def test_no_million_characters_take_longer_than_a_second(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(strict.NotStrict):
        strict.parse_json(text)
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    ("sent", "read"), [("5", 5), (" 5 ", 5), ("-5", -5), (7, 7), ("007", 7), ("9" * 18, 10**18 - 1)]
)
def test_whole_numbers_are_read(sent: object, read: int) -> None:
    assert strict.integer(sent) == read


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "1.0",
        "1e3",
        "+1",
        "0x1",
        "٣",
        "1 2",
        "\t1",
        "9" * 19,
        True,
        1.0,
        None,
        [],
        10**18,
        "1_0",
    ],
)
def test_everything_else_is_no_whole_number(sent: object) -> None:
    assert strict.integer(sent) is None


@given(st.text())
def test_any_text_is_a_page_number_or_none(text: str) -> None:
    number = strict.page_number(text)
    assert number is None or 0 <= number <= 10**18
