"""Previews: what a file is by its bytes, read within bounds, whatever the bytes are."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from consentry_server.web.previews import CHARACTERS
from consentry_server.web.previews.records import read_json, table_of
from consentry_server.web.previews.series import series_of
from consentry_server.web.previews.tables import read_table
from consentry_server.web.previews.texts import read_text
from consentry_server.web.previews.tracks import from_geojson, from_gpx
from consentry_server.web.previews.values import clock, counted, moment, number
from tests.previewed import GPX, HOSTILE, look, titles

DAY = 86400


# --- tables and lines over time


def test_a_table_by_day_is_drawn_column_by_column() -> None:
    found = look(b"date,steps,floors,mood\n2016-04-11,8000,3,good\n2016-04-12,9000,4,bad\n")

    assert titles(found) == ["steps", "floors"]
    assert found.table is not None
    assert found.table.columns == ["date", "steps", "floors", "mood"]
    assert found.table.rows[1] == ["2016-04-12", "9000", "4", "bad"]
    assert found.kind == "Table, 4 columns, 2 rows"


@pytest.mark.parametrize(
    "text",
    [
        "date;value\n11.04.2016;1,5\n12.04.2016;2,5\n",
        "when\tvalue\n2016-04-11T10:00:00Z\t1.5\n2016-04-12T10:00:00+02:00\t2.5\n",
        "# made by a watch\n# when,value\n2016/04/11 10:00,1.5\n2016/04/12 10:00:30.25,2.5\n",
        "timestamp|value\n1460368249|1.5\n1460454649|2.5\n",
        "time,value\n1460368249041,1.5\n1460454649041,2.5\n",
        "date,time,value\n2016-04-11,10:00,1.5\n2016-04-12,11:00:30,2.5\n",
        'date,value\n"2016-04-11","1.5"\n\n"2016-04-12","2.5"\n',
        "date,value\r\n2016-04-11,1.5\r\n2016-04-12,2.5",
    ],
)
def test_tables_of_many_makers_are_understood(text: str) -> None:
    for content in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        (plot,) = look(content).plots
        assert plot.title == "value"
        assert [dict(plot.figures)[name] for name in ("Lowest", "Highest")] == ["1.5", "2.5"]


def test_times_of_a_day_are_drawn_too() -> None:
    (plot,) = look(b"time,bpm\n00:00,60\n12:30,80\n23:59:59,70\n").plots

    assert dict(plot.figures)["To"] == "23:59:59"


def test_a_table_without_times_is_a_table_only() -> None:
    found = look(b"# rsid\tchromosome\tposition\tgenotype\nrs1\t1\t100\tAA\nrs2\t1\t200\tCT\n")

    assert found.plots == ()
    assert found.table is not None
    assert found.table.columns == ["rsid", "chromosome", "position", "genotype"]


def test_json_readings_are_drawn_wherever_they_are() -> None:
    readings = [{"time": f"{hour:02}:00", "value": {"bpm": 60 + hour}} for hour in range(24)]
    found = look(json.dumps({"user": {"day": {"readings": readings, "tags": ["x"]}}}).encode())

    assert titles(found) == ["value.bpm"]
    assert dict(found.plots[0].figures)["Highest"] == "83"


def test_json_by_day_and_json_lines_are_drawn() -> None:
    by_day = {f"2016-04-{day:02}": day * 100 for day in range(1, 10)}
    lines = "\n".join(json.dumps({"at": day, "steps": steps}) for day, steps in by_day.items())

    assert titles(look(json.dumps(by_day).encode())) == ["value"]
    assert titles(look(lines.encode())) == ["steps"]


def test_nights_that_only_begin_and_end_are_drawn_by_their_length() -> None:
    nights = [{"start": f"2016-07-0{day}T23:00:00", "end": f"2016-07-0{day + 1}T06:30:00"} for day in range(1, 5)]
    (plot,) = look(json.dumps({"nights": nights}).encode()).plots

    assert plot.title == "Hours from start to end"
    assert dict(plot.figures)["Mean"] == "7.5"


def test_numbers_that_are_none_are_left_out() -> None:
    found = look(b"date,v\n2016-01-01,NaN\n2016-01-02,inf\n2016-01-03,1e999\n2016-01-04,5\n2016-01-05,7\n2016-01-06,6\n"
                 b"2016-01-07,6\n2016-01-08,6\n2016-01-09,6\n2016-01-10,6\n")  # fmt: skip

    assert dict(found.plots[0].figures)["Values"] == "7"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", 5), (" -5.25 ", -5.25), ("1e3", 1000), ("1,234.5", 1234.5), (".5", 0.5), ("+7", 7),
        ("", None), ("1,5", None), ("NaN", None), ("inf", None), ("1e999", None), ("0x1f", None), ("٣", None),
        ("1_000", None), ("9" * 400, None), ("1-2", None), ("1.2.3", None),
    ],
)  # fmt: skip
def test_what_is_a_number(text: str, expected: float | None) -> None:
    assert number(text) == expected


def test_where_columns_end_with_semicolons_a_comma_is_a_point() -> None:
    assert (number("1,5", comma=True), number("1.5", comma=True)) == (1.5, 1.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-02", DAY), ("1970-01-02T01:00", DAY + 3600), ("1970-01-02 01:00:30.5 +02:00", DAY + 3630),
        ("1970/01/02", DAY), ("2.1.1970", DAY), ("02.01.1970 01:00", DAY + 3600), ("1970-01-02T00:00:00Z", DAY),
        ("1970-02-30", None), ("0000-01-01", None), ("19700102", None), ("1970-01-02x", None),
        ("1970-01-02T25:00", None),
        ("01/02/1970", None), ("9999-12-31T23:59:60Z", 253402300800), ("", None), ("1970-1-02-3", None),
    ],
)  # fmt: skip
def test_173_what_is_a_moment(text: str, expected: float | None) -> None:
    assert moment(text) == expected


def test_what_is_a_time_of_day_and_a_count_of_seconds() -> None:
    assert [clock(text) for text in ("7:05", "23:59:59", "24:00", "7:5", "x")] == [25500, 86399, None, None, None]
    assert [counted(text) for text in ("1460368249", "1460368249041", "5", "99999999999999")] == [
        1460368249, 1460368249.041, None, None,
    ]  # fmt: skip


# --- ways


def test_a_gpx_track_is_drawn_with_its_key_figures() -> None:
    (plot,) = look(GPX.encode(), "x.gpx").plots

    assert plot.title == "Run & walk"
    said = dict(plot.figures)
    assert (said["Points"], said["Length"], said["Height"]) == ("3", "1.112 km", "34 to 36 m")
    assert said["From"] == "11 Apr 2016, 10:00"


def test_a_track_that_breaks_off_is_drawn_as_far_as_it_goes() -> None:
    found = look(GPX[: GPX.index("<wpt")].encode())

    assert dict(found.plots[0].figures)["Points"] == "2"


def test_a_prefix_and_another_declared_encoding_change_nothing() -> None:
    text = GPX.replace('<?xml version="1.0"?>', "<?xml version='1.0' encoding='ISO-8859-1'?>")
    for name in ("gpx", "trk", "trkseg", "trkpt", "ele", "time"):
        text = text.replace(f"<{name}", f"<g:{name}").replace(f"</{name}", f"</g:{name}")
    text = text.replace("xmlns=", "xmlns:g=")

    track = from_gpx(text)
    assert track is not None
    assert len(track.ways[0]) == 2


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{nth} "{f"&lol{nth - 1 or str()};" * 10}">' for nth in range(1, 10))
    + ']><gpx><trk><name>&lol9;</name><trkseg><trkpt lat="1" lon="1"/></trkseg></trk></gpx>'
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><trk><name>&x;</name></trk></gpx>',
        '<!DOCTYPE gpx SYSTEM "http://127.0.0.1/x.dtd"><gpx/>',
    ],
)
def test_a_gpx_with_a_definition_of_its_own_is_not_read(text: str) -> None:
    found = look(text.encode(), "x.gpx")

    assert (found.plots, found.note) == ((), "This could not be read as what it seems to be.")


@pytest.mark.parametrize(
    ("shape", "points"),
    [
        ({"type": "LineString", "coordinates": [[13, 52], [13.1, 52.1, 30]]}, 2),
        ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [13, 52]}, "properties": {}}, 1),
        ({"type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": {
                "type": "MultiLineString", "coordinates": [[[1, 2], [2, 3]], [[4, 5], [5, 6]]]}},
            {"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}},
            {"type": "Feature", "geometry": None},
            {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [
                {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}]}},
        ]}, 10),
        ({"type": "LineString", "coordinates": [[1, 2], "x", [None, 1], [1], [1e400, 2], [500, 2], [3, 4]]}, 2),
    ],
)  # fmt: skip
def test_geojson_is_drawn(shape: dict[str, object], points: int) -> None:
    found = look(json.dumps(shape).encode(), "x.geojson")

    assert found.kind == "GeoJSON"
    assert dict(found.plots[0].figures)["Points"] == str(points)


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "LineString"}, {"type": "LineString", "coordinates": 5}, {"type": 5, "coordinates": []},
        {"type": "FeatureCollection", "features": "x"}, {"type": "Point", "coordinates": "xy"},
        {"type": "MultiPolygon", "coordinates": [1, [2, [3, [4]]]]}, {"type": "Point", "coordinates": []},
    ],
)  # fmt: skip
def test_geojson_that_is_wrong_is_plain_json(shape: dict[str, object]) -> None:
    assert from_geojson(shape) is None
    assert look(json.dumps(shape).encode()).plots == ()


def test_geojson_as_deep_as_it_goes_does_no_harm() -> None:
    shape: dict[str, object] = {"type": "Point", "coordinates": [1, 2]}
    for _ in range(300):
        shape = {"type": "GeometryCollection", "geometries": [shape]}
    assert from_geojson(shape) is None


def test_a_table_with_places_is_drawn_as_a_way() -> None:
    found = look(b"time,latitude,longitude\n2016-04-11T10:00,52.5,13.4\n2016-04-11T10:01,52.6,13.4\n")

    assert titles(found) == ["Track"]


# --- texts


def test_a_text_is_shown_from_its_beginning_with_nothing_hidden() -> None:
    found = look("Hello \u202eworld\u0007\n\tTabs\u00a0and \u200bmore\n".encode())

    assert found.text == "Hello \ufffdworld\ufffd\n    Tabs and \ufffdmore"
    assert found.note == ""
    long = look("äé漢 \n".encode() * 100_000)
    assert long.note == "Here is the beginning."
    assert len(long.text) <= CHARACTERS + 200


def test_texts_in_older_encodings_can_be_read() -> None:
    assert read_text("Größe\n".encode("cp1252")) == "Größe\n"
    assert read_text("Größe"[:3].encode()[:-1]) == "Gr"  # cut in the middle of a letter
    assert read_text(b"\xfe\xff" + "日本".encode("utf-16-be")) == "日本"
    assert read_text(b"") == ""


def test_json_that_is_too_large_is_shown_as_text() -> None:
    found = look(b"[" + b'{"time": "00:00", "v": 1},' * 100_000 + b"]")

    assert found.plots == ()
    assert found.text.startswith('[{"time": "00:00"')
    assert found.note.startswith("This file is too large to be drawn as a whole.")


# --- hostile input


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_gives_a_small_preview_or_none(kind: str) -> None:
    found = look(HOSTILE[kind], "x.csv")

    assert sum(len(plot.svg) for plot in found.plots) < 60_000
    assert len(found.text) <= CHARACTERS + 200
    assert found.table is None or len(found.table.columns) <= 10
    "".join([found.text, *(cell for row in (found.table.rows if found.table else []) for cell in row)]).encode()


@given(content=some.binary(max_size=300) | some.text(max_size=300).map(lambda text: text.encode(errors="replace")))
def test_any_bytes_can_be_looked_at(content: bytes) -> None:
    assert look(content).kind


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=12),
    lambda inner: some.lists(inner, max_size=5) | some.dictionaries(some.text(max_size=8), inner, max_size=5),
    max_leaves=30,
)


@given(value=JSON)
def test_any_json_can_be_looked_at(value: object) -> None:
    text = json.dumps(value)
    look(text.encode())
    table = table_of(read_json(text))
    if table is not None:
        assert all(len(row) == len(table.columns) for row in table.rows)
        series_of(table)


CELLS = some.text(alphabet=some.characters(codec="utf-8"), max_size=8) | some.sampled_from(
    ["2016-01-01", "12:00", "5", "-1.5", "1e9", "", "nan", '"', "1460368249", "#"]
)


@settings(max_examples=200)
@given(
    rows=some.lists(some.lists(CELLS, max_size=5), max_size=12),
    delimiter=some.sampled_from(",;\t|"),
    whole=some.booleans(),
)
def test_any_table_can_be_looked_at(rows: list[list[str]], delimiter: str, whole: bool) -> None:
    text = "\n".join(delimiter.join(row) for row in rows)
    table = read_table(text, whole=whole)
    if table is not None:
        assert all(len(row) == len(table.columns) for row in table.rows)
        series_of(table)
    look(text.encode(errors="replace"))
