"""Walks and rides as GPS devices keep them."""

from datetime import UTC, date, datetime, time, timedelta
from math import cos, radians, sin, tau
from random import Random

from consentry_server.ops.samples.sample import Sample, described, dice

# Parks: where somebody lives is nobody's business, not even in a made-up track.
PARKS = (
    ("Tiergarten", 52.5145, 13.3501),
    ("Vondelpark", 52.3580, 4.8686),
    ("Parque del Retiro", 40.4153, -3.6845),
    ("Slottsskogen", 57.6857, 11.9425),
)
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Trackwright 3" xmlns="http://www.topografix.com/GPX/1/1">
 <trk><name>{name}</name><type>running</type><trkseg>
"""
POINT = '  <trkpt lat="{:.6f}" lon="{:.6f}"><ele>{:.1f}</ele><time>{}</time></trkpt>\n'


def track(seed: str, day: date, *, points: int = 700) -> Sample:
    """Return a run around a park, a point every three seconds, as GPX."""
    random = dice("track", seed, day)
    park, latitude, longitude = random.choice(PARKS)
    start = datetime.combine(day, time(random.randint(6, 19), random.randint(0, 59)), UTC)
    body = "".join(
        POINT.format(*place, (start + timedelta(seconds=3 * nth)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        for nth, place in enumerate(_loop(random, latitude, longitude, points))
    )
    content = HEAD.format(name=f"Run, {park}") + body + " </trkseg></trk>\n</gpx>\n"
    return described(
        f"run-{day}.gpx",
        content.encode(),
        about=f"Run in the {park}, {day:%d %B %Y}",
        tags=["GPS", "run", "gpx"],
        first=day,
        last=day,
    )


def _loop(random: Random, latitude: float, longitude: float, points: int) -> list[tuple[float, float, float]]:
    """Return a wobbly round of about five kilometers: latitude, longitude, height."""
    places, wobble = [], 0.0
    for nth in range(points):
        turn = tau * nth / points
        wobble = 0.95 * wobble + random.gauss(0, 0.00004)
        north = 0.0055 * sin(turn) + wobble
        east = (0.0085 * cos(turn) + wobble) / cos(radians(latitude))
        places.append((latitude + north, longitude + east, 34 + 3 * sin(2 * turn) + random.gauss(0, 0.3)))
    return places
