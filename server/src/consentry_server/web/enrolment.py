"""How many members a project had over time, for its coordinator."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _

from consentry_server.sharing.queries.seats import Day
from consentry_server.web.plots import Plot
from consentry_server.web.plots.chart import Series, chart
from consentry_server.web.plots.thin import Point

LATELY = timedelta(days=30)


def enrolment(days: Sequence[Day], today: date) -> Plot | None:
    """Draw how many members took part at the end of each day until today; None while nobody ever did."""
    if not days:
        return None
    points = list(_points(days, today))
    counts = [int(count) for _, count in points]
    recent = [day for day in days if day.day > today - LATELY]
    figures = (
        (_("Now"), f"{counts[-1]:,}"),
        (_("At most"), f"{max(counts):,}"),
        (_("Came in the last 30 days"), f"{sum(day.came for day in recent):,}"),
        (_("Left in the last 30 days"), f"{sum(day.left for day in recent):,}"),
    )
    return chart(Series(_("Members who share"), points), ident="enrolment", figures=figures)


def _points(days: Sequence[Day], today: date) -> Iterator[Point]:
    """Return each day's last count; the day before the first one has none."""
    changes = {day.day: day.came - day.left for day in days}
    day, count = days[0].day - timedelta(days=1), 0
    while day <= max(today, days[-1].day):
        count += changes.get(day, 0)
        yield datetime.combine(day, time.min, UTC).timestamp(), count
        day += timedelta(days=1)
