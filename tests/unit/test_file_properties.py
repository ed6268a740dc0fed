"""Names, dates, metadata and links, whatever is given."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consentry_server.common.errors import Invalid
from consentry_server.files.rules import (
    Link,
    clean_basename,
    is_date,
    read_link,
    read_metadata,
    sign_link,
)

KEY = b"k" * 32
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.text())
def test_a_name_has_nothing_in_it_that_could_be_misread(name: str) -> None:
    clean = clean_basename(name)
    assert clean not in (".", "..")
    assert len(clean.encode()) <= 255
    assert all(character.isalnum() or character in "-_." for character in clean)
    assert not any(unicodedata.category(character).startswith("C") for character in clean)


@given(st.text())
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    clean = clean_basename(name)
    assert clean_basename(clean) == clean


@given(st.text(), st.sampled_from("/\\"), st.from_regex(r"[a-z0-9_.-]{1,20}[a-z]", fullmatch=True))
def test_only_the_last_part_of_a_path_counts(folder: str, separator: str, name: str) -> None:
    assert clean_basename(folder + separator + name) == name


@given(st.text("é日x🧬", min_size=100, max_size=600), st.sampled_from(["", ".csv", ".tar.gz"]))
def test_a_long_name_keeps_its_ending(stem: str, ending: str) -> None:
    assume(len(clean_basename(stem)) > 0)
    clean = clean_basename(stem + ending)
    assert clean.endswith(ending.rpartition(".")[2])
    assert len(clean.encode()) <= 255


@given(st.datetimes(), st.sampled_from(["", "Z", "+02:00"]))
def test_every_time_as_iso_8601_is_a_date(value: datetime, zone: str) -> None:
    assert is_date(value.isoformat() + zone)
    assert is_date(value.date().isoformat())


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans() | st.lists(st.none()))
def test_nothing_breaks_the_reading_of_dates(value: object) -> None:
    assert is_date(value) in (True, False)


@pytest.mark.parametrize("value", [True, False, None, [], {}, "", "2016-02-30", float("inf"), 10**30, "x" * 10**6])
def test_these_are_no_dates(value: object) -> None:
    assert not is_date(value)


@given(st.text())
def test_any_metadata_are_read_or_invalid(text: str) -> None:
    try:
        kept, value = read_metadata(text)
    except Invalid:
        return
    assert read_metadata(kept) == (kept, value)


links = st.builds(
    Link,
    st.sampled_from(["a", "m"]),
    st.integers(1, 2**40),
    st.integers(int(NOW.timestamp()) + 1, int(NOW.timestamp()) + 10**6),
)
stages = st.sampled_from(["link", "target"])


@given(links, stages, st.integers(1, 2**40))
def test_a_link_says_what_was_signed(link: Link, stage: str, file_id: int) -> None:
    text = sign_link(KEY, link, stage=stage, file_id=file_id)  # type: ignore[arg-type]
    assert read_link(KEY, text, stage=stage, file_id=file_id, now=NOW) == link  # type: ignore[arg-type]
    assert set(text) <= set("0123456789abcdefm-")


@given(links, st.integers(1, 2**40), st.integers(1, 2**40))
def test_a_link_opens_one_file_at_one_kind_of_address_with_one_key(link: Link, file_id: int, other: int) -> None:
    assume(file_id != other)
    text = sign_link(KEY, link, stage="link", file_id=file_id)
    assert read_link(KEY, text, stage="link", file_id=other, now=NOW) is None
    assert read_link(KEY, text, stage="target", file_id=file_id, now=NOW) is None
    assert read_link(b"x" * 32, text, stage="link", file_id=file_id, now=NOW) is None


@given(links, st.data())
def test_no_changed_character_opens_anything(link: Link, data: st.DataObject) -> None:
    text = sign_link(KEY, link, stage="link", file_id=7)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789abcdefmA- é").filter(lambda c: c != text[place]))
    changed = text[:place] + other + text[place + 1 :]
    assert read_link(KEY, changed, stage="link", file_id=7, now=NOW) is None


@given(links)
def test_a_link_ends_exactly_at_its_end(link: Link) -> None:
    end = datetime.fromtimestamp(link.expires, UTC)
    text = sign_link(KEY, link, stage="link", file_id=7)
    for seconds, opens in ((-1, True), (0, False), (1, False)):
        now = end + timedelta(seconds=seconds)
        assert (read_link(KEY, text, stage="link", file_id=7, now=now) == link) is opens


@given(links)
def test_nobody_else_holds_a_link(link: Link) -> None:
    text = sign_link(KEY, link, stage="link", file_id=7)
    for changed in (
        link._replace(holder_id=link.holder_id + 1),
        link._replace(expires=link.expires + 1),
    ):
        assert sign_link(KEY, changed, stage="link", file_id=7)[-32:] != text[-32:]


@given(st.text())
def test_any_text_is_no_link(text: str) -> None:
    for file_id in (0, 1, 2**63 - 1, 2**63, 10**30):
        assert read_link(KEY, text, stage="link", file_id=file_id, now=NOW) is None
