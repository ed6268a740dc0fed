"""Counts of calls in a file: what each key may do in a minute, to the last call."""

from pathlib import Path

import pytest

from consentry_server.limits.meter import WAYS, Meter, Spent, numbered, scrambled

NOW = 1_800_000_000.0
KEY = numbered(7)


@pytest.fixture
def meter(tmp_path: Path) -> Meter:
    return Meter(tmp_path / "limits" / "tokens", slots=64)


def spend(
    meter: Meter, key: bytes = KEY, *, at: float = 0.0, most: tuple[int, int] = (3, 0), add: tuple[int, int] = (1, 0)
) -> Spent:
    return meter.spend(key, now=NOW + at, most=most, add=add)


def test_so_many_calls_pass_in_a_minute_and_not_one_more(meter: Meter) -> None:
    assert [spend(meter).full for _ in range(5)] == [None, None, None, 0, 0]
    assert spend(meter).counts == (3, 0)


def test_a_minute_begins_with_the_first_call_and_ends_after_sixty_seconds(meter: Meter) -> None:
    assert spend(meter, at=10).resets_in == 60
    assert spend(meter, at=30).resets_in == 40
    assert spend(meter, at=69.9).counts == (3, 0)
    assert spend(meter, at=69.9).full == 0
    assert spend(meter, at=70) == Spent((1, 0), 60, None)


def test_zero_is_no_limit(meter: Meter) -> None:
    assert [spend(meter, most=(0, 0)).full for _ in range(1000)] == [None] * 1000


def test_the_second_count_has_a_limit_of_its_own_and_a_refused_call_counts_nowhere(meter: Meter) -> None:
    most = (10, 2)
    assert [spend(meter, most=most, add=(1, 1)).full for _ in range(4)] == [None, None, 1, 1]
    assert spend(meter, most=most) == Spent((3, 2), 60, None)


def test_keys_do_not_share_a_count_though_they_share_a_place(tmp_path: Path) -> None:
    meter = Meter(tmp_path / "one", slots=WAYS)  # all keys in one bucket
    for number in range(WAYS):
        assert [spend(meter, numbered(number)).full for _ in range(4)] == [None, None, None, 0]
    assert spend(meter, numbered(0)).full == 0


def test_a_newcomer_takes_the_place_of_whoever_began_first(tmp_path: Path) -> None:
    meter = Meter(tmp_path / "one", slots=WAYS)
    for number in range(WAYS):
        spend(meter, numbered(number), at=number, most=(1, 0))
    spend(meter, numbered(99), at=9, most=(1, 0))
    assert meter.began(numbered(0)) is None
    assert [spend(meter, numbered(number), at=10, most=(1, 0)).full for number in range(1, WAYS)] == [0] * (WAYS - 1)


def test_a_late_thread_with_an_early_clock_counts_in_the_same_minute(meter: Meter) -> None:
    assert [spend(meter, at=at).full for at in (0.002, 0.0, 0.001, -0.5)] == [None, None, None, 0]


def test_281_a_clock_set_back_by_an_hour_opens_a_new_minute_instead_of_an_hour_without_calls(meter: Meter) -> None:
    for _ in range(4):
        spend(meter)
    assert spend(meter, at=-3600) == Spent((1, 0), 60, None)
    assert spend(meter, at=3600).full is None


def test_two_meters_of_one_file_count_together_and_the_count_outlives_them(tmp_path: Path) -> None:
    for expected in (None, None, None, 0):
        assert spend(Meter(tmp_path / "shared", slots=64)).full == expected


def test_a_sweep_gives_what_was_used_since_the_last_one_to_one_caller(meter: Meter) -> None:
    assert meter.sweep(now=NOW) == {}
    spend(meter, numbered(1), at=5)
    spend(meter, scrambled("203.0.113.9", b"secret"), at=6)
    spend(meter, numbered(2), at=7)
    assert meter.sweep(now=NOW + 59) == {}
    assert meter.sweep(now=NOW + 60) == {1: NOW + 5, 2: NOW + 7}
    assert meter.sweep(now=NOW + 61) == {}
    spend(meter, numbered(1), at=70)
    assert meter.sweep(now=NOW + 130) == {1: NOW + 70}


def test_the_last_minute_of_a_key_is_known_at_once(meter: Meter) -> None:
    assert meter.began(KEY) is None
    spend(meter, at=5)
    assert meter.began(KEY) == NOW + 5


def test_158_the_file_is_for_its_owner_only(tmp_path: Path, meter: Meter) -> None:
    assert (tmp_path / "limits" / "tokens").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "limits").stat().st_mode & 0o777 == 0o700


def test_155_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "precious").write_bytes(b"1234")
    (tmp_path / "tokens").symlink_to(tmp_path / "precious")
    meter = Meter(tmp_path / "tokens", slots=64)
    assert [spend(meter).full for _ in range(4)] == [None, None, None, 0]
    assert (tmp_path / "precious").read_bytes() == b"1234"
    assert "each process counts by itself" in caplog.text


def test_269_without_room_for_the_file_each_process_counts_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", no_room)
    meter = Meter(tmp_path / "tokens", slots=64)
    assert [spend(meter).full for _ in range(4)] == [None, None, None, 0]


def test_a_torn_or_foreign_file_heals_with_the_next_minute(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_bytes(bytes(range(256)) * 20)
    meter = Meter(tmp_path / "tokens", slots=64)
    assert spend(meter).counts == (1, 0)
    meter.sweep(now=NOW)
    assert spend(meter).counts == (2, 0)
