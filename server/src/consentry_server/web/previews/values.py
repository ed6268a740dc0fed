"""What a cell says: a number, a moment, a time of day. Nothing is guessed that could be read in two ways."""

import re
from datetime import UTC, datetime, timedelta
from math import isfinite

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 40  # characters of a number or a moment
_NUMBER = re.compile(r"[-+]?(?:\d{1,18}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d{0,20})?", re.ASCII)
_DAY = re.compile(r"(\d{4})([-/])(\d\d?)\2(\d\d?)(?!\d)", re.ASCII)
_GERMAN_DAY = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})(?!\d)", re.ASCII)
_CLOCK = re.compile(r"[T ]{0,2}(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?", re.ASCII)
_ZONE = re.compile(r" ?(?:Z|UTC|[-+]\d\d:?\d\d)?", re.ASCII)


def number(text: str, *, comma: bool = False) -> float | None:
    """Return the number that a cell says; `comma`: it may have a comma for a point."""
    text = text.strip()[:_LONGEST]
    if _THOUSANDS.fullmatch(text) and not comma:
        text = text.replace(",", "")
    if comma:
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if isfinite(value) else None


def clock(text: str) -> float | None:
    """Return the time of day that a cell says, in seconds."""
    found = _CLOCK.fullmatch(text.strip()[:_LONGEST])
    return _seconds(found) if found else None


def _seconds(found: re.Match[str]) -> float | None:
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(hours * 3600 + minutes * 60 + seconds) if hours < 24 and minutes < 60 and seconds < 61 else None


def moment(text: str) -> float | None:
    """Return the moment that a cell says, in seconds since 1970, as its own clock shows it: zones are left out."""
    text = text.strip()[:_LONGEST]
    day, rest = _day(text)
    if day is None:
        return None
    if not rest:
        return day
    found = _CLOCK.match(rest)
    seconds = _seconds(found) if found else None
    if found is None or seconds is None or not _ZONE.fullmatch(rest[found.end() :]):
        return None
    return day + seconds


def _day(text: str) -> tuple[float | None, str]:
    """Return when a day began, and what follows it."""
    if found := _DAY.match(text):
        year, _, month, day = found.groups()
    elif found := _GERMAN_DAY.match(text):
        day, month, year = found.groups()
    else:
        return None, ""
    try:
        begun = datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None, ""
    return (begun - EPOCH) / timedelta(seconds=1), text[found.end() :]


def counted(text: str) -> float | None:
    """Return the moment that a number of seconds or milliseconds since 1970 is, if it lies between 1980 and 2100."""
    value = number(text)
    if value is None:
        return None
    seconds = value / 1000 if value > 1e11 else value
    return seconds if 315_532_800 <= seconds <= 4_102_444_800 else None


def is_value(text: str) -> bool:
    """Say whether a cell holds a value, so that it is no heading."""
    return any(read(text) is not None for read in (number, moment, clock))
