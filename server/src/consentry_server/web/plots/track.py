"""Where somebody went, without a map of others: the way itself, a scale, its start and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import asin, cos, isfinite, radians, sin, sqrt
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from consentry_server.web.plots import Plot, ticks
from consentry_server.web.plots.svg import at, drawing, element, path
from consentry_server.web.plots.thin import every

WIDTH, HEIGHT, MARGIN = 640, 420, 44
DRAWN = 1500  # points of all ways together
EARTH = 6_371_000.0  # meters
LEAST = 20.0  # meters of a drawing's side, so that somebody who stands still is not drawn as a walk


class Place(NamedTuple):
    """A point on the earth in degrees; height in meters and moment in seconds since 1970, where they are known."""

    latitude: float
    longitude: float
    height: float | None = None
    moment: float | None = None


@dataclass(frozen=True)
class Track:
    """Ways, each in the order in which it was gone, and places beside them."""

    name: str
    ways: Sequence[Sequence[Place]]
    places: Sequence[Place] = ()


Meters = tuple[float, float]  # east and north of the middle


def is_place(latitude: float, longitude: float) -> bool:
    """Say whether there is such a point on the earth."""
    return isfinite(latitude) and isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 360


def distance(one: Place, other: Place) -> float:
    """Return how far two points are from each other, in meters."""
    north = radians(other.latitude - one.latitude) / 2
    east = radians(other.longitude - one.longitude) / 2
    half = sin(north) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def draw(track: Track, *, ident: str) -> Plot | None:
    """Draw a track with its key figures; None if there is no point in it."""
    ways = [way for way in ([place for place in way if is_place(*place[:2])] for way in track.ways) if way]
    places = [place for place in track.places if is_place(*place[:2])]
    if not ways and not places:
        return None
    figures = _figures(ways, places)
    about = ". ".join(f"{name}: {value}" for name, value in figures)
    title = track.name or gettext("Track")
    svg = drawing(_parts(ways, places), size=(WIDTH, HEIGHT), ident=ident, title=title, about=about)
    return Plot(title, svg, figures)


def _parts(ways: list[list[Place]], places: list[Place]) -> list[SafeString]:
    share = DRAWN / max(sum(map(len, ways)), 1)
    thin = [every(way, max(2, int(len(way) * share))) for way in ways[:DRAWN]]
    some = every(places, DRAWN // 5)
    flat = _flattened([*chain(*thin), *some])
    scale = _scale(flat)
    spots = iter(_placed(flat, scale))
    lines = [[next(spots) for _ in way] for way in thin]
    dots = list(spots)
    parts = [element("path", d=path(lines), css="line")] if lines else []
    parts += [element("circle", cx=at(x), cy=at(y), r=4, css="dot") for x, y in dots]
    return [*parts, *(_ends(lines[0][0], lines[-1][-1]) if lines else []), *_bar(scale)]


def _flattened(places: Sequence[Place]) -> list[Meters]:
    """Return where points lie on a plane that touches the earth in their middle; the date line does not tear them."""
    first = places[0].longitude
    turned = [first + (place.longitude - first + 540) % 360 - 180 for place in places]
    middle = radians((min(place.latitude for place in places) + max(place.latitude for place in places)) / 2)
    east, north = radians(1) * EARTH * cos(middle), radians(1) * EARTH
    return [(longitude * east, place.latitude * north) for place, longitude in zip(places, turned, strict=True)]


def _scale(flat: Sequence[Meters]) -> float:
    """Return how many units a meter has, so that everything fits."""
    wide = max(max(x for x, _ in flat) - min(x for x, _ in flat), LEAST)
    high = max(max(y for _, y in flat) - min(y for _, y in flat), LEAST)
    return min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)


def _placed(flat: Sequence[Meters], scale: float) -> list[Meters]:
    middle_x = (max(x for x, _ in flat) + min(x for x, _ in flat)) / 2
    middle_y = (max(y for _, y in flat) + min(y for _, y in flat)) / 2
    return [(WIDTH / 2 + (x - middle_x) * scale, HEIGHT / 2 - (y - middle_y) * scale) for x, y in flat]


def _ends(start: Meters, end: Meters) -> list[SafeString]:
    """Mark where it began (a ring) and ended (a square); where both are one place, say so once."""
    (x, y), (u, v) = start, end
    apart = abs(x - u) > 40 or abs(y - v) > 24
    parts = [
        element("rect", x=at(u - 6), y=at(v - 6), width=12, height=12, css="end"),
        element("circle", cx=at(x), cy=at(y), r=6, css="start"),
        _label(gettext("Start") if apart else gettext("Start and end"), x, y),
    ]
    return [*parts, _label(gettext("End"), u, v)] if apart else parts


def _label(words: str, x: float, y: float) -> SafeString:
    left = x > WIDTH - 150
    return element("text", words, x=at(x - 11 if left else x + 11), y=at(y - 9), css="place left" if left else "place")


def _bar(scale: float) -> list[SafeString]:
    """Return a line of a round length and how long it is."""
    meters = ticks.step(0, WIDTH / 4 / scale, most=1) / 2
    length, y = meters * scale, HEIGHT - 12
    line = element("path", d=f"M14 {y - 6}v6H{at(14 + length)}v-6", css="bar")
    return [line, element("text", far(meters), x=at(22 + length), y=y, css="place")]


def far(meters: float) -> str:
    """Write a distance out."""
    return f"{ticks.figure(meters / 1000)} km" if meters >= 1000 else f"{ticks.figure(meters)} m"


def _figures(ways: list[list[Place]], places: list[Place]) -> tuple[tuple[str, str], ...]:
    points = [*chain(*ways), *places]
    found = [(gettext("Points"), ticks.local(f"{len(points):,}"))]
    if ways:
        found.append((gettext("Length"), far(sum(distance(*pair) for way in ways for pair in pairwise(way)))))
    times = [place.moment for place in points if place.moment is not None]
    if times:
        found.append((gettext("From"), ticks.written(min(times), "~ %b %Y, %H:%M")))
        found.append((gettext("To"), ticks.written(max(times), "~ %b %Y, %H:%M")))
    heights = [place.height for place in points if place.height is not None and abs(place.height) < 1e6]
    if heights:
        found.append(
            (
                gettext("Height"),
                gettext("{low} to {high} m").format(low=ticks.figure(min(heights)), high=ticks.figure(max(heights))),
            )
        )
    return (*found, *_borders(points))


def _borders(points: list[Place]) -> list[tuple[str, str]]:
    latitudes = [place.latitude for place in points]
    longitudes = [place.longitude for place in points]
    return [
        (gettext("Latitude"), _between(latitudes)),
        (gettext("Longitude"), _between(longitudes)),
    ]


def _between(degrees: list[float]) -> str:
    low, high = (ticks.local(f"{end:.4f}") for end in (min(degrees), max(degrees)))
    return gettext("{low} to {high}").format(low=low, high=high)
