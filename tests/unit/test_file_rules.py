"""Names, metadata, dates and links."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry_server.common.errors import Invalid
from consentry_server.files import rules
from consentry_server.files.rules import Link

KEY = b"k" * 32
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOON = int(NOW.timestamp()) + 60


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a b (1)é+%.txt", "a_b_1é.txt"), ("../../etc/passwd", "passwd"), ("..\\..\\x", "x"), ("C:\\x", "x"),
        ("//host/share", "share"), (".", ""), ("..", ""), ("", ""), ("   ", ""), ("-rf", "-rf"),
        (".profile", ".profile"),
        ("a\x00b.txt", "ab.txt"), ("a\u202etxt.exe", "atxt.exe"), ("a\u2215b", "ab"), ("a\uff0fb", "ab"),
        ("%2e%2e%2fx", "2e2e2fx"), ("e\u0301.txt", "é.txt"), ("日本.csv", "日本.csv"), ("a\r\nb: c.txt", "ab_c.txt"),
    ],
)  # fmt: skip
def test_150_names_keep_their_last_part_without_what_could_be_misread(name: str, kept: str) -> None:
    assert rules.clean_basename(name) == kept


@given(st.text(max_size=600))
def test_151_152_whatever_the_name_it_fits_and_has_no_separator(name: str) -> None:
    kept = rules.clean_basename(name)

    assert len(kept.encode(errors="surrogatepass")) <= 255
    assert not set(kept) & set("/\\\x00\n\r\"'<>&")
    assert kept not in (".", "..")


@pytest.mark.parametrize("stem", ["a" * 300, "é" * 130, "😀" * 5000, "日" * 100])
def test_152_long_names_are_cut_between_characters_and_keep_their_ending(stem: str) -> None:
    kept = rules.clean_basename(f"{stem}.csv")

    assert len(kept.encode()) <= 255
    assert kept.endswith(".csv")


@pytest.mark.parametrize(
    "value",
    ["2016", "2016-01", "2016-01-01", "20160101", "2016-W01-1", "2016-01-01T10:00:00Z", "2016-01-01 10:00",
     "2016-04-11T19:50:49.041825Z", 1460404249, 1460404249.5, "1460404249"],
)  # fmt: skip
def test_dates_of_the_wire_are_accepted(value: Any) -> None:
    assert rules.is_date(value)


@pytest.mark.parametrize(
    "value",
    ["", "9999-12-31T23:59:60Z", "0000", "-0001", "10000-01-01", "2016-13-41", "2016-02-30", "2016-01-01T25:00",
     [], {}, None, True, 1e30, float("1e308"), "Mon, 11 Apr 2016 19:50:49 GMT", "yesterday", "2" * 100_000,
     "\uff12\uff10\uff11\uff16"],
)  # fmt: skip
def test_173_what_is_no_date_is_refused(value: Any) -> None:
    assert not rules.is_date(value)


@pytest.mark.parametrize(
    "text",
    ["1", '"description tags"', "null", "[]", '["description","tags"]', "true", "{", "", " ",
     '{"tags":[]}', '{"description":1,"tags":[]}', '{"description":""}', '{"description":"","tags":"x"}',
     '{"description":"","tags":[],"md5":1}', '{"description":"","tags":[],"md5":"abc"}',
     '{"description":"","tags":[],"sha256":"xyz"}', '{"description":"","tags":[],"creation_date":""}',
     '{"description":"","tags":[' + "1," * 100_000 + "1]}", '{"description":"' + "x" * 10_000_000 + '","tags":[]}'],
)  # fmt: skip
def test_163_164_metadata_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.read_metadata(text)
    assert list(refused.value.faults) == ["metadata"]


def test_metadata_keeps_its_order_its_numbers_and_what_it_does_not_know() -> None:
    text = '{"z": 1.0, "a": 1e5, "tags": [], "description": "\\u00e5", "n": {"x": null}}'

    kept, value = rules.read_metadata(text)

    assert kept == '{"z":1.0,"a":1e5,"tags":[],"description":"å","n":{"x":null}}'
    assert value["description"] == "å"


@pytest.mark.parametrize("text", [None, "", " ", "[]"])
def test_no_data_types_are_fine(text: str | None) -> None:
    assert not rules.read_datatypes(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[-1]", [-1]),
        ('["1"]', [1]),
        ('[2,"2",2]', [2]),
        (f"[{10**30}]", [str(10**30)]),
        ('["nope","nope"]', ["nope"]),
        ('["a","2"]', ["a", "2"]),
        ("[" + "7," * 99_999 + "7]", [7]),
    ],
)
def test_172_all_are_ids_or_all_are_names(text: str, read: object) -> None:
    assert rules.read_datatypes(text) == read


def test_172_a_file_is_not_of_a_hundred_thousand_types() -> None:
    with pytest.raises(Invalid, match="1000 data types at most"):
        rules.read_datatypes(str(list(range(100_000))))


@pytest.mark.parametrize("text", ["5", "[[1]]", "[null]", "{}", '"x"', "x", "[1.5]", "[true]", "null", '[1,"a"]'])
def test_172_data_types_of_another_shape_cannot_be_parsed(text: str) -> None:
    with pytest.raises(Invalid, match="Could not parse"):
        rules.read_datatypes(text)


def opened(text: str, *, file_id: int = 7, stage: Any = "link", now: datetime = NOW) -> Link | None:
    return rules.read_link(KEY, text, stage=stage, file_id=file_id, now=now)


@pytest.mark.parametrize("role", ["a", "m"])
def test_a_link_opens_its_file_until_its_end(role: Any) -> None:
    link = Link(role, 12, SOON)
    text = rules.sign_link(KEY, link, stage="link", file_id=7)

    assert opened(text) == link
    assert opened(text, now=datetime.fromtimestamp(SOON - 1, UTC)) == link
    assert opened(text, now=datetime.fromtimestamp(SOON, UTC)) is None


def test_050_a_link_opens_nothing_else() -> None:
    text = rules.sign_link(KEY, Link("a", 12, SOON), stage="link", file_id=7)

    assert opened(text, file_id=8) is None
    assert opened(text, stage="target") is None
    assert rules.read_link(b"x" * 32, text, stage="link", file_id=7, now=NOW) is None
    for changed in (
        text.replace("ac", "ad", 1),
        text.replace("ac", "mc", 1),
        text[:-1],
        text + "0",
        text.upper(),
    ):
        assert opened(changed) is None


@given(st.text() | st.from_regex(r"[am][0-9a-f]{0,20}-[0-9a-f]{0,20}-[0-9a-f]{32}", fullmatch=True))
def test_no_made_up_link_opens_anything(text: str) -> None:
    assert opened(text) is None


def test_a_link_says_nothing_of_the_key() -> None:
    text = rules.sign_link(KEY, Link("a", 12, SOON), stage="link", file_id=7)

    assert base64.b16encode(KEY).decode().lower() not in text
    assert len(text) < 80
