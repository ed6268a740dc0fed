"""The plot of how many members a project had."""

from datetime import date

from consentry_server.sharing.queries.seats import Day
from consentry_server.web.enrolment import enrolment

TODAY = date(2026, 3, 31)


def test_the_count_stands_at_the_end_of_each_day_until_today() -> None:
    plot = enrolment([Day(date(2026, 1, 5), 3, 0), Day(date(2026, 3, 10), 2, 4)], TODAY)

    assert plot is not None
    assert dict(plot.figures) == {
        "Now": "1",
        "At most": "3",
        "Came in the last 30 days": "2",
        "Left in the last 30 days": "4",
    }
    assert plot.svg.count("M") >= 1


def test_one_day_is_enough() -> None:
    assert enrolment([Day(TODAY, 1, 0)], TODAY) is not None


def test_a_project_that_nobody_joined_has_none() -> None:
    assert enrolment([], TODAY) is None
