"""What can be seen of a file without downloading it. Only its first bytes are read, and a zip's last ones.

A file is what its bytes say, never what whoever uploaded it calls it. Nothing of it is ever sent as a page: markup,
PDF and programs have no preview at all.
"""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consentry_server.projects.rules import image_type
from consentry_server.web.plots import Plot
from consentry_server.web.plots.chart import chart
from consentry_server.web.plots.ticks import local
from consentry_server.web.plots.track import Track, draw
from consentry_server.web.previews.archives import Listing, in_tar, in_zip, is_tar, unpacked
from consentry_server.web.previews.pictures import Size, can_be_shown, picture_size
from consentry_server.web.previews.records import read_json, table_of
from consentry_server.web.previews.series import series_of
from consentry_server.web.previews.tables import Table, read_table
from consentry_server.web.previews.texts import beginning, plain, read_text
from consentry_server.web.previews.tracks import from_geojson, from_gpx, from_table
from consentry_server.web.words import Words

HEAD, TAIL = 1 << 20, 1 << 20  # bytes that are read of a file: from its beginning, from its end
ROWS, COLUMNS, CELL = 12, 10, 60  # of a table that are shown; characters of a cell
LINES, CHARACTERS = 120, 12_000  # of a text that are shown
NO_PREVIEW = _("There is no preview of this kind of file. You can download it.")
TOO_LARGE = _("This file is too large to be drawn as a whole. Here is its beginning.")
BROKEN = _("This could not be read as what it seems to be.")
_PARTLY = _("Drawn from the beginning of the file only, as it is large.")
_PACKED = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"(\xb5/\xfd": "zstd", b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR"}
_NAMES = {"image/png": _("PNG picture"), "image/jpeg": _("JPEG picture"), "image/gif": _("GIF picture")}


@dataclass(frozen=True)
class Seen:
    """What was read of a file: its beginning, its end where that is something else, and how long it is."""

    head: bytes
    tail: bytes
    size: int
    name: str

    @property
    def whole(self) -> bool:
        return len(self.head) >= self.size


@dataclass(frozen=True)
class Rows:
    """The first rows and columns of a table, cut to what fits on a page."""

    columns: list[str]
    rows: list[list[str]]
    more_columns: int


@dataclass(frozen=True)
class Preview:
    """What a file is, and what can be seen of it."""

    kind: Words
    note: Words = ""
    plots: tuple[Plot, ...] = ()
    table: Rows | None = None
    text: str = ""
    listing: Listing | None = None
    picture: Size | None = None


def end_is_wanted(head: bytes, size: int) -> bool:
    """Say whether what is in a file stands at its end, which the first bytes of it do not reach."""
    return head.startswith(b"PK") and size > len(head)


def preview(seen: Seen) -> Preview:
    """Return what can be seen of a file."""
    kind = image_type(seen.head)
    if kind is not None:
        return _picture(seen, kind)
    if seen.head.startswith(b"PK"):
        return _zip(seen)
    if seen.head.startswith(b"\x1f\x8b"):
        return _gzip(seen)
    if is_tar(seen.head):
        return Preview(gettext("Tar archive"), listing=in_tar(seen.head, whole=seen.whole))
    packed = next((name for mark, name in _PACKED.items() if seen.head.startswith(mark)), None)
    if packed is not None:
        return Preview(gettext("Packed with {packed}").format(packed=packed), NO_PREVIEW)
    text = None if seen.head.startswith(b"%PDF") else read_text(seen.head)
    return Preview(_ending(seen.name) or gettext("Unknown"), NO_PREVIEW) if text is None else _text(seen, text)


def _ending(name: str) -> str:
    """Return what a file's name says that it is, for people; nothing depends on it."""
    ending = PurePosixPath(name).suffix[1:]
    return ending.upper() if ending.isascii() and ending.isalnum() and len(ending) <= 5 else ""


def _picture(seen: Seen, kind: str) -> Preview:
    size = picture_size(seen.head, kind)
    if size is None:
        return Preview(_NAMES[kind], BROKEN)
    words = gettext("{kind}, {width} by {height}").format(
        kind=_NAMES[kind], width=local(f"{size[0]:,}"), height=local(f"{size[1]:,}")
    )
    if not can_be_shown(size, seen.size):
        return Preview(words, gettext("This picture is too large to be shown here. You can download it."))
    return Preview(words, picture=size)


def _zip(seen: Seen) -> Preview:
    ending, listing = _ending(seen.name), in_zip(seen.head if seen.whole else seen.tail)
    kind = (
        gettext("Zip archive")
        if ending in ("", "ZIP")
        else gettext("{ending} file (a zip archive)").format(ending=ending)
    )
    if listing is None:
        return Preview(kind, gettext("What is in it cannot be listed here: it is too much, or the archive is broken."))
    return Preview(kind, listing=listing)


def _gzip(seen: Seen) -> Preview:
    """Look one layer deep into what is packed."""
    inside, complete = unpacked(seen.head)
    if not inside:
        return Preview(gettext("Packed with gzip"), BROKEN)
    if is_tar(inside):
        return Preview(gettext("Tar archive, packed with gzip"), listing=in_tar(inside, whole=complete))
    text = read_text(inside)
    if text is None:
        return Preview(gettext("Packed with gzip"), NO_PREVIEW)
    size = len(inside) if complete else len(inside) + 1
    found = _text(Seen(inside, b"", size, seen.name.removesuffix(".gz")), text)
    return replace(found, kind=gettext("{kind}, packed with gzip").format(kind=found.kind))


def _text(seen: Seen, text: str) -> Preview:
    start = text[:2000].lstrip()
    if start.startswith("<"):
        return _gpx(seen, text) if "<gpx" in start else Preview(_ending(seen.name) or gettext("Markup"), NO_PREVIEW)
    if start.startswith(("{", "[")):
        return _json(seen, text)
    named = seen.name.lower().endswith((".csv", ".tsv", ".tab"))
    table = read_table(text, whole=seen.whole, named=named)
    return _plain(gettext("Text"), text) if table is None else _table(gettext("Table"), table)


def _gpx(seen: Seen, text: str) -> Preview:
    track = from_gpx(text)
    if track is None:
        return Preview(gettext("GPX track"), BROKEN)
    return _drawn(gettext("GPX track"), track, note="" if seen.whole else _PARTLY)


def _json(seen: Seen, text: str) -> Preview:
    value = read_json(text) if seen.whole else None
    if value is None:
        return _plain("JSON", text, note="" if seen.whole else TOO_LARGE)
    track = from_geojson(value)
    if track is not None:
        return _drawn("GeoJSON", track)
    table = table_of(value)
    return _plain("JSON", text) if table is None else _table("JSON", table)


def _drawn(kind: Words, track: Track, *, note: Words = "") -> Preview:
    plot = draw(track, ident="track")
    return Preview(kind, note, plots=(plot,)) if plot else Preview(kind, BROKEN)


def _table(kind: str, table: Table) -> Preview:
    lines = [chart(series, ident=f"plot-{nth}") for nth, series in enumerate(series_of(table), 1)]
    track = from_table(table)
    drawn = [plot for plot in (*lines, draw(track, ident="track") if track else None) if plot is not None]
    shown = Rows(
        [_cell(name) for name in table.columns[:COLUMNS]],
        [[_cell(cell) for cell in row[:COLUMNS]] for row in table.rows[:ROWS]],
        max(len(table.columns) - COLUMNS, 0),
    )
    return Preview(_size(kind, table), _PARTLY if table.cut and drawn else "", tuple(drawn), shown)


def _size(kind: str, table: Table) -> str:
    size = {"kind": kind, "columns": len(table.columns), "rows": local(f"{len(table.rows):,}")}
    if table.cut:
        return gettext("{kind}, {columns} columns, more than {rows} rows").format(**size)
    return gettext("{kind}, {columns} columns, {rows} rows").format(**size)


def _cell(text: str) -> str:
    shown = plain(text[: CELL + 1].strip())
    return shown if len(shown) <= CELL else shown[: CELL - 1] + "…"


def _plain(kind: str, text: str, *, note: Words = "") -> Preview:
    shown, whole = beginning(text, lines=LINES, characters=CHARACTERS)
    return Preview(kind, note or ("" if whole else gettext("Here is the beginning.")), text=shown)
