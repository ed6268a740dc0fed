"""Where the marks of an axis go, and what they say."""

from datetime import UTC, datetime, timedelta
from math import ceil, floor, isfinite, log10

from django.utils.dates import MONTHS_3
from django.utils.formats import get_format
from django.utils.translation import gettext

MINUTE, HOUR, DAY = 60, 3600, 86400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 6, 12)),
    *(DAY * n for n in (1, 2, 7, 14)),
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000, 60000)
MONTH = 30.44 * DAY
_DAY = "~ %b"  # the day of the month without a zero, which not every system can write
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def step(low: float, high: float, *, most: int) -> float:
    """Return a round distance, of which at most so many fit between the two."""
    rough = (high - low) / most
    if not isfinite(rough) or rough <= 0:
        return 1.0
    power = 10.0 ** floor(log10(rough))
    return next(nice * power for nice in (1, 2, 5, 10) if nice * power >= rough * 0.9999999)


def numbers(low: float, high: float, *, most: int = 5) -> list[float]:
    """Return round numbers around all that lies between the two; the first and the last are the ends of the axis."""
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # closer than what can be told apart
        low, high = low - (abs(low) / 2 or 1), high + (abs(high) / 2 or 1)
    apart = step(low, high, most=most)
    first, last = floor(low / apart), ceil(high / apart)
    return [apart * nth for nth in range(first, min(last, first + 2 * most) + 1)]


def moments(low: float, high: float, *, most: int = 6) -> tuple[list[float], str]:
    """Return round moments between two (seconds since 1970), and how to write them."""
    span = max(high - low, 1.0)
    for seconds in _STEPS:
        if span / seconds <= most:
            first = ceil(low / seconds)
            count = floor(high / seconds) - first + 1
            return [float(seconds * (first + nth)) for nth in range(max(count, 0))], _format(seconds, span)
    months = next((months for months in _MONTHS if span / (months * MONTH) <= most), _MONTHS[-1])
    return _months(low, high, months), "%Y" if months >= 12 else "%b %Y"


def _format(seconds: int, span: float) -> str:
    if seconds < MINUTE:
        return "%H:%M:%S"
    if seconds < DAY:
        return "%H:%M" if span <= DAY else f"{_DAY} %H:%M"
    return _DAY if span <= 300 * DAY else f"{_DAY} %Y"


def _months(low: float, high: float, months: int) -> list[float]:
    start = moment(low)
    first = (start.year * 12 + start.month - 1) // months * months
    found = [_month(first + months * nth) for nth in range(100)]
    return [second for second in found if second is not None and low <= second <= high]


def _month(number: int) -> float | None:
    """Return when a month begins, counted from the year 0; None if calendars do not go so far."""
    year, month = divmod(number, 12)
    return (datetime(year, month + 1, 1, tzinfo=UTC) - EPOCH).total_seconds() if 1 <= year <= 9999 else None


def moment(seconds: float) -> datetime:
    """Return a moment that a calendar can say; what is beyond it is its end."""
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return datetime(9999, 12, 31, tzinfo=UTC) if seconds > 0 else datetime(1, 1, 1, tzinfo=UTC)


def written(seconds: float, form: str) -> str:
    """Write a moment out; `~` is the day of the month."""
    at = moment(seconds)
    form = form.replace(_DAY, gettext("~ %b")).replace("%b", str(MONTHS_3[at.month]).title())
    return at.strftime(form.replace("~", str(at.day)))


_SWAPPED = str.maketrans(",.", ".,")


def local(text: str) -> str:
    """Return a number, written as in English, as people of this page's language write it."""
    return text.translate(_SWAPPED) if get_format("DECIMAL_SEPARATOR") == "," else text


def short(value: float) -> str:
    """Write a number for an axis, in few characters."""
    return local(_short(value))


def _short(value: float) -> str:
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-3:
        return f"{value:.1e}"
    for least, unit, letter in ((1e12, 1e12, "T"), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if size >= least:
            return f"{value / unit:.4g}{letter}"
    return f"{value:.4g}"


def figure(value: float) -> str:
    """Write a number for a table: four digits, more if they stand before the point."""
    return local(_figure(value))


def _figure(value: float) -> str:
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.3e}"
    if size >= 1000 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.4g}"
