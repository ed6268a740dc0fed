"""What a project says about itself, and what differs between two of its versions, as pages show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext

from consentry_server.datatypes import queries as datatypes
from consentry_server.projects.rules import safe_url
from consentry_server.projects.rules.reviewing import PARTS, Change, Description
from consentry_server.web.texts import markdown

LONGEST_COMPARED = 20_000  # characters; the beginnings of longer texts stand under each other
MOST_COMPARED = 400  # lines: comparing takes time with their square
MOST_LINES = 300  # shown of one difference
_ADDRESSES = {"info_url", "jogl_page", "post_sharing_url", "redirect_uris", "enrollment_url", "terms_url"}
_SHORT = 140


@dataclass(frozen=True)
class Address:
    """An address; one that a browser would run is no link."""

    url: str
    safe: bool


@dataclass(frozen=True)
class Said:
    """One thing that a project says; `form` tells the template how to show it."""

    label: str
    form: str
    value: Any


def said(described: Description) -> list[Said]:
    """Return all that a project says, in order."""
    values = described.fields
    names = datatypes.names(values.get("datatypes", []))
    parts = [part for part in PARTS if part.name in values]
    return [Said(gettext(part.label), *_shown(part.name, values[part.name], names)) for part in parts]


def _shown(name: str, value: Any, types: dict[int, str]) -> tuple[str, Any]:
    if name in _ADDRESSES:
        return "addresses", [Address(url, safe_url(url)) for url in _listed(value)]
    if name == "consent_text":
        return "markdown", markdown(value) if value else ""
    if name == "badge_image":
        return "picture", value
    return "lines", _lines(name, value, types)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _lines(name: str, value: Any, types: dict[int, str]) -> list[str]:
    """Return a value as lines that a person reads."""
    if isinstance(value, bool):
        return [gettext("Yes") if value else gettext("No")]
    if name == "requested_sources":
        return [source for _, source in value]
    if name == "datatypes":
        return [types.get(each, gettext("number {id}").format(id=each)) for each in value]
    if name == "badge_image":
        return [gettext("A picture")] if value else []
    return value if isinstance(value, list) else str(value).splitlines()


@dataclass(frozen=True)
class Line:
    """A line that came, went or stayed."""

    sign: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One part that changed, line by line; `again`: it has to be reviewed again."""

    label: str
    again: bool
    lines: list[Line]


def differences(changed: list[Change]) -> list[Difference]:
    """Return what changed so that it can be read."""
    ids = {each for change in changed if change.name == "datatypes" for each in [*change.before, *change.after]}
    types = datatypes.names(ids) if ids else {}
    return [Difference(gettext(change.label), change.again, _compared(change, types)) for change in changed]


def _compared(change: Change, types: dict[int, str]) -> list[Line]:
    before, after = (_lines(change.name, value, types) for value in (change.before, change.after))
    return compared(before, after)


def compared(before: list[str], after: list[str]) -> list[Line]:
    """Return what came, went and stayed between two texts that are not the same."""
    if before == after:
        return [Line(" ", gettext("Another one than before, or other white space."))]
    if max(map(_length, (before, after))) > LONGEST_COMPARED or max(len(before), len(after)) > MOST_COMPARED:
        return [*_cut(_all("-", before)), *_cut(_all("+", after))]
    return _cut(list(_merged(before, after)))


def _cut(lines: list[Line]) -> list[Line]:
    left = len(lines) - MOST_LINES
    return (
        lines if left <= 0 else [*lines[:MOST_LINES], Line(" ", gettext("… and {count} lines more").format(count=left))]
    )


def _length(lines: list[str]) -> int:
    return sum(map(len, lines))


def _all(sign: str, lines: Iterable[str]) -> list[Line]:
    return [Line(sign, line) for line in lines]


def _merged(before: list[str], after: list[str]) -> Iterable[Line]:
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from _all(" ", before[a:b])
        else:
            yield from _all("-", before[a:b])
            yield from _all("+", after[c:d])
