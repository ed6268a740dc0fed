"""What people keep themselves and add by hand: a table of their weight, a place that they like, a note."""

import json
from datetime import date, timedelta

from consentry_server.ops.samples.sample import Sample, described, dice

NOTE = """Ask at the next appointment:
- Is the resting pulse of 48 in July all right?
- What does "borderline" mean on the report of May?
"""


def weight(seed: str, year: int) -> Sample:
    """Return a year of weighing once a week as CSV."""
    random, now = dice("weight", seed, year), 68.0
    first = date(year, 1, 3)
    rows = ["date,weight_kg,waist_cm"]
    for week in range(52):
        now += random.gauss(-0.03, 0.35)
        rows.append(f"{first + timedelta(weeks=week)},{now:.1f},{now * 1.12 + random.gauss(0, 0.4):.0f}")
    return described(
        f"weight-{year}.csv",
        "\n".join([*rows, ""]).encode(),
        about=f"My weight and waist in {year}, each Sunday",
        tags=[],
        first=first,
        last=first + timedelta(weeks=51),
    )


def lake(day: date) -> Sample:
    """Return the way around a lake as GeoJSON, as map pages on the web save it."""
    shore = [(13.2301, 52.5105), (13.2342, 52.5128), (13.2398, 52.5121), (13.2427, 52.5089), (13.2391, 52.5061)]
    shore += [(13.2338, 52.5068), (13.2301, 52.5105)]
    line = {"type": "LineString", "coordinates": [list(place) for place in shore]}
    bench = {"type": "Point", "coordinates": [13.2405, 52.5112]}
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in (line, bench)]
    content = json.dumps({"type": "FeatureCollection", "name": "Around the lake", "features": features}, indent=1)
    return described(
        "around-the-lake.geojson",
        content.encode(),
        about="The way around the lake that I like, and the bench",
        tags=[],
        first=day,
        last=day,
    )


def note(day: date) -> Sample:
    """Return a few lines of text."""
    about = "What I want to ask the doctor"
    return described("questions.txt", NOTE.encode(), about=about, tags=[], first=day, last=day)
