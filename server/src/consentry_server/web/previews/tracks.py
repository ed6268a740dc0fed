"""Ways and places out of GPX, GeoJSON, and tables with a latitude and a longitude."""

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from consentry_server.web.plots.track import Place, Track, is_place
from consentry_server.web.previews.series import share
from consentry_server.web.previews.tables import Table
from consentry_server.web.previews.values import moment, number

MOST = 20_000  # points of one file
_POINTS = {"trkpt", "rtept", "wpt"}
_WAYS = {"trkseg", "rte"}
_TEXTS = {"ele", "time", "name"}
_LONGEST = 100  # characters of one of these


class _Enough(Exception):
    """The parser is to stop: there is more than is drawn, or something that no track needs."""


class _Gpx:
    """What is known of a GPX file so far. Documents with a DTD are refused, so no entity is ever unfolded."""

    def __init__(self) -> None:
        self.name = ""
        self.ways: list[list[Place]] = []
        self.places: list[Place] = []
        self._left = MOST
        self._at: tuple[float, float] | None = None
        self._said: dict[str, str] = {}
        self._text: str | None = None

    def parse(self, text: str) -> None:
        """Read as much of a document as is sound."""
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._refuse
        parser.buffer_text = True
        try:
            parser.Parse(text.encode(errors="replace"), True)
        except (expat.ExpatError, _Enough):
            return

    def _refuse(self, *_said: object) -> None:
        raise _Enough

    def _start(self, name: str, said: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name in _WAYS:
            self.ways.append([])
        elif name in _POINTS:
            self._at, self._said = _degrees(said), {}
        self._text = "" if name in _TEXTS else None

    def _characters(self, text: str) -> None:
        if self._text is not None and len(self._text) < _LONGEST:
            self._text += text[:_LONGEST]

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if self._text is not None and name in _TEXTS:
            self._said[name] = self._text.strip()
            if name == "name" and self._at is None and not self.name:
                self.name = self._text.strip()
        elif name in _POINTS and self._at is not None:
            self._keep(name, self._at)
            self._at = None
        self._text = None

    def _keep(self, name: str, at: tuple[float, float]) -> None:
        place = Place(*at, number(self._said.get("ele", "")), moment(self._said.get("time", "")))
        if name == "wpt":
            self.places.append(place)
        elif self.ways:
            self.ways[-1].append(place)
        self._left -= 1
        if not self._left:
            raise _Enough


def _degrees(said: dict[str, str]) -> tuple[float, float] | None:
    latitude, longitude = number(said.get("lat", "")), number(said.get("lon", ""))
    return _place(latitude, longitude)


def _place(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    if latitude is None or longitude is None or not is_place(latitude, longitude):
        return None
    return latitude, longitude


def from_gpx(text: str) -> Track | None:
    """Return what a GPX file says, or as much of it as could be read; None if there is no point in it."""
    found = _Gpx()
    found.parse(text)
    return _track(found.name, found.ways, found.places)


def _track(name: str, ways: list[list[Place]], places: list[Place]) -> Track | None:
    ways = [way for way in ways if way]
    return Track(name[:_LONGEST], ways, places) if ways or places else None


def from_geojson(value: Any) -> Track | None:
    """Return the lines, borders and points of GeoJSON (RFC 7946); None if it is something else."""
    if not isinstance(value, dict) or "type" not in value:
        return None
    ways: list[list[Place]] = []
    places: list[Place] = []
    left = MOST
    for line in (line for shape in _shapes(value) for line in _lines(shape)):
        points = _points(line[:left])
        left -= len(points)
        if len(points) > 1:
            ways.append(points)
        else:
            places += points
    name = value.get("name")
    return _track(name if isinstance(name, str) else "", ways, places)


def _shapes(value: dict[str, Any], deep: int = 0) -> Iterator[dict[str, Any]]:
    """Find the shapes in features, and in collections of either."""
    if isinstance(value.get("geometry"), dict):
        value = value["geometry"]
    inner = value.get("features", value.get("geometries"))
    if isinstance(inner, list) and deep < 5:
        for one in inner:
            if isinstance(one, dict):
                yield from _shapes(one, deep + 1)
    elif isinstance(value.get("coordinates"), list):
        yield value


_DEPTH = {"Point": 0, "LineString": 1, "MultiPoint": -1, "Polygon": 2, "MultiLineString": 2, "MultiPolygon": 3}


def _lines(shape: dict[str, Any]) -> Iterator[list[Any]]:
    """Return the lists of positions of a shape."""
    depth, coordinates = _DEPTH.get(str(shape.get("type"))), shape["coordinates"]
    if depth == 0:
        yield [coordinates]
    elif depth == -1:
        yield from ([one] for one in coordinates)
    elif depth is not None:
        yield from _nested(coordinates, depth)


def _nested(value: Any, depth: int) -> Iterator[list[Any]]:
    if not isinstance(value, list):
        return
    if depth == 1:
        yield value
        return
    for one in value:
        yield from _nested(one, depth - 1)


def _points(positions: list[Any]) -> list[Place]:
    found = (_position(one) for one in positions)
    return [place for place in found if place is not None]


def _position(value: Any) -> Place | None:
    """Read a position: longitude, latitude, and height if it has one."""
    if not isinstance(value, list) or not all(isinstance(one, int | float) for one in value[:3]) or len(value) < 2:
        return None
    try:
        longitude, latitude, *more = (float(one) for one in value[:3])
    except OverflowError:
        return None
    return Place(latitude, longitude, *more) if is_place(latitude, longitude) else None


def from_table(table: Table) -> Track | None:
    """Return the way that a table's columns of latitude and longitude say, if it has both."""
    columns = {name.lower().rsplit(".", 1)[-1]: nth for nth, name in reversed(list(enumerate(table.columns)))}
    north = next((columns[name] for name in ("latitude", "lat") if name in columns), None)
    east = next((columns[name] for name in ("longitude", "lon", "lng", "long") if name in columns), None)
    if north is None or east is None or min(share(table, north, number), share(table, east, number)) < 0.5:
        return None
    pairs = (_place(number(row[north]), number(row[east])) for row in table.rows)
    return _track("", [[Place(*pair) for pair in pairs if pair is not None]], [])
