"""Plots: pure functions from numbers and places to pictures that hold whatever the numbers are."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from consentry_server.web.plots import Plot, ticks
from consentry_server.web.plots.chart import HEIGHT, WIDTH, Series, chart
from consentry_server.web.plots.svg import element
from consentry_server.web.plots.thin import every, runs, thinned
from consentry_server.web.plots.track import Place, Track, distance, draw

DAY = 86400.0
ANY = some.floats(allow_nan=True, allow_infinity=True)
TEXTS = some.text(max_size=30)


def parsed(plot: Plot | None) -> ET.Element:
    assert plot is not None
    return ET.fromstring(plot.svg)  # noqa: S314 - our own


def numbers_in(plot: Plot) -> list[float]:
    """Return every coordinate of a picture."""
    said = re.findall(r' (?:d|x|y|cx|cy)="([^"]*)"', plot.svg)
    return [float(number) for text in said for number in re.findall(r"-?[0-9.]+(?:e-?[0-9]+)?", text)]


def inside(plot: Plot, width: int, height: int) -> bool:
    return all(-20 <= number <= max(width, height) + 20 for number in numbers_in(plot))


# --- lines over time


def test_a_line_has_its_name_its_description_and_its_key_figures() -> None:
    plot = chart(Series("Steps", [(0.0, 1000.0), (DAY, 3000.0), (2 * DAY, 8000.0)]), ident="a")
    svg = parsed(plot)

    assert plot is not None
    assert dict(plot.figures) == {
        "Values": "3", "From": "1 Jan 1970", "To": "3 Jan 1970", "Lowest": "1,000", "Mean": "4,000", "Highest": "8,000",
    }  # fmt: skip
    assert svg.attrib["role"] == "img"
    named = [svg.find(f".//*[@id='{ident}']") for ident in svg.attrib["aria-labelledby"].split()]
    assert [one.text for one in named if one is not None] == [
        "Steps",
        "Values: 3. From: 1 Jan 1970. To: 3 Jan 1970. Lowest: 1,000. Mean: 4,000. Highest: 8,000",
    ]


def test_higher_values_are_drawn_higher_and_later_ones_further_right() -> None:
    plot = chart(Series("x", [(0.0, 0.0), (DAY, 10.0)]), ident="a")
    line = parsed(plot).find(".//*[@class='line']")

    assert line is not None
    points = [tuple(map(float, pair.split())) for pair in line.attrib["d"][1:].split("L")]
    assert points[0][0] < points[1][0]
    assert points[0][1] > points[1][1]


def test_where_nothing_was_measured_no_line_is_drawn() -> None:
    worn = [(float(second), 60.0) for second in (*range(100), *range(5000, 5100))]
    line = parsed(chart(Series("bpm", worn), ident="a")).find(".//*[@class='line']")

    assert line is not None
    assert line.attrib["d"].count("M") == 2


def test_times_of_day_are_written_as_such() -> None:
    plot = chart(Series("bpm", [(0.0, 60.0), (23 * 3600 + 59 * 60.0, 70.0)], "clock"), ident="a")

    assert plot is not None
    assert dict(plot.figures)["To"] == "23:59"
    assert "12:00" in plot.svg


def test_a_name_that_is_markup_is_text() -> None:
    plot = chart(Series('</title><script>"&', [(0.0, 1.0), (1.0, 2.0)]), ident="a")

    assert plot is not None
    assert "<script" not in plot.svg
    assert parsed(plot) is not None


@given(points=some.lists(some.tuples(ANY, ANY), max_size=60), label=TEXTS)
def test_134_any_numbers_give_a_sound_picture_or_none(points: list[tuple[float, float]], label: str) -> None:
    ordered = sorted(point for point in points if point[0] == point[0] and point[1] == point[1])
    plot = chart(Series(label.encode(errors="replace").decode(), ordered), ident="a")
    if plot is not None:
        assert inside(plot, WIDTH, HEIGHT)
        assert not {"nan", "inf"} & set(re.split(r"[ \"ML]", plot.svg))


def test_a_million_points_give_a_small_picture_with_the_same_extremes() -> None:
    points = [(float(nth), float(nth % 977)) for nth in range(1_000_000)]
    plot = chart(Series("x", points), ident="a")

    assert plot is not None
    assert len(plot.svg) < 20_000
    assert dict(plot.figures)["Highest"] == "976"


# --- fewer points


@given(values=some.lists(some.floats(-1e6, 1e6), min_size=1, max_size=300), columns=some.integers(1, 20))
def test_fewer_points_keep_the_ends_and_the_extremes(values: list[float], columns: int) -> None:
    points = [(float(nth), value) for nth, value in enumerate(values)]
    thin = thinned(points, columns)

    assert len(thin) <= max(4 * columns, 4)
    assert thin == sorted(thin, key=lambda point: point[0])
    assert set(thin) <= set(points)
    assert (thin[0], thin[-1]) == (points[0], points[-1])
    assert {min(values), max(values)} <= {value for _, value in thin}


@given(items=some.lists(some.integers(), max_size=200), most=some.integers(2, 30))
def test_every_so_many_keeps_the_first_and_the_last(items: list[int], most: int) -> None:
    found = every(items, most)

    assert len(found) <= most
    assert found[:1] + found[-1:] == items[:1] + items[-1:]


def test_runs_end_where_the_gap_is_too_wide() -> None:
    assert runs([(0, 1), (1, 1), (9, 1)], 2) == [[(0, 1), (1, 1)], [(9, 1)]]


# --- axes


@given(one=some.floats(-1e15, 1e15), other=some.floats(-1e15, 1e15), most=some.integers(2, 8))
def test_levels_are_round_few_and_around_all(one: float, other: float, most: int) -> None:
    low, high = sorted((one, other))
    levels = ticks.numbers(low, high, most=most)

    assert 2 <= len(levels) <= 2 * most + 1
    assert levels[0] < levels[-1]
    hardly = (levels[-1] - levels[0]) * 1e-9
    assert levels[0] - hardly <= low <= high <= levels[-1] + hardly


@given(one=some.floats(-6e10, 2.5e11), span=some.floats(0, 3e11), most=some.integers(2, 8))
def test_moments_are_few_in_order_and_between(one: float, span: float, most: int) -> None:
    found, form = ticks.moments(one, one + span, most=most)

    assert len(found) <= most + 2  # months differ
    assert found == sorted(set(found))
    assert all(one <= second <= one + span for second in found)
    assert all(ticks.written(second, form) for second in found)


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (60, "00:00:10"),
        (3600, "00:10"),
        (DAY, "06:00"),
        (2 * DAY, "1 Jan 12:00"),
        (30 * DAY, "8 Jan"),
        (365 * DAY, "Mar 1970"),
        (3650 * DAY, "1972"),
        (1e10, "2100"),
    ],
)
def test_moments_are_written_as_wide_apart_as_they_are(span: float, written: str) -> None:
    found, form = ticks.moments(0, span)

    assert written in [ticks.written(second, form) for second in found]


@pytest.mark.parametrize(
    ("value", "short", "figure"),
    [
        (0, "0", "0"), (5, "5", "5"), (0.25, "0.25", "0.25"), (-3.5, "-3.5", "-3.5"), (8000, "8000", "8,000"),
        (12500, "12.5k", "12,500"), (3_000_000, "3M", "3,000,000"), (2e9, "2G", "2,000,000,000"),
        (1e16, "1.0e+16", "1.000e+16"), (0.00001, "1.0e-05", "1.000e-05"), (72.516, "72.52", "72.52"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_people(value: float, short: str, figure: str) -> None:
    assert (ticks.short(value), ticks.figure(value)) == (short, figure)


# --- ways


def way(*pairs: tuple[float, float]) -> list[Place]:
    return [Place(*pair) for pair in pairs]


def test_a_way_has_a_start_an_end_a_scale_and_its_length() -> None:
    plot = draw(Track("Walk", [way((52.0, 13.0), (52.0, 13.01), (52.01, 13.01))]), ident="t")

    assert plot is not None
    assert {"Start", "End"} <= {one.text for one in parsed(plot).iter()}
    assert dict(plot.figures)["Length"] == "1.797 km"
    assert " m<" in plot.svg
    assert plot.title == "Walk"


def test_distances_are_those_of_the_earth() -> None:
    berlin, paris = Place(52.52, 13.405), Place(48.857, 2.352)

    assert distance(berlin, paris) == pytest.approx(878_000, rel=0.01)
    assert distance(berlin, berlin) == 0
    assert distance(Place(0, 0), Place(0, 180)) == pytest.approx(20_015_000, rel=0.01)


def test_north_is_up_and_a_way_over_the_date_line_stays_together() -> None:
    plot = draw(Track("", [way((10.0, 179.9), (11.0, -179.9))]), ident="t")
    line = parsed(plot).find(".//*[@class='line']")

    assert line is not None
    (x, y), (u, v) = (tuple(map(float, pair.split())) for pair in line.attrib["d"][1:].split("L"))
    assert v < y
    assert 0 < u - x < 200


def test_whoever_stands_still_is_drawn_as_a_point() -> None:
    plot = draw(Track("", [way(*[(52.0, 13.0)] * 5)]), ident="t")

    assert plot is not None
    assert dict(plot.figures)["Length"] == "0 m"
    assert "Start and end" in plot.svg


def test_no_place_at_all_is_no_picture() -> None:
    assert draw(Track("", []), ident="t") is None
    assert draw(Track("", [way((float("nan"), 1), (91, 1), (1, 400))]), ident="t") is None


PLACES = some.lists(
    some.builds(Place, ANY, ANY, some.none() | ANY, some.none() | some.floats(-6e10, 2.5e11)), max_size=20
)


@given(ways=some.lists(PLACES, max_size=5), places=PLACES, name=TEXTS)
def test_any_places_give_a_sound_picture_or_none(ways: list[list[Place]], places: list[Place], name: str) -> None:
    plot = draw(Track(name.encode(errors="replace").decode(), ways, places), ident="t")
    if plot is not None:
        assert inside(plot, 640, 420)
        assert "nan" not in plot.svg.split(">", 3)[3].lower().replace(name.lower(), "")


@settings(max_examples=5)
@given(count=some.sampled_from([1, 700, 50_000]))
def test_a_long_way_gives_a_small_picture(count: int) -> None:
    long = [Place(52 + nth / 1e6, 13 + nth % 100 / 1e5) for nth in range(count)]
    plot = draw(Track("", [long], long[:1000]), ident="t")

    assert plot is not None
    assert len(plot.svg) < 50_000


def test_elements_escape_what_they_hold() -> None:
    assert element("text", "<&>", css='a"b') == '<text class="a&quot;b">&lt;&amp;&gt;</text>'
