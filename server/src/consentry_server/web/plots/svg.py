"""Elements of SVG. Every text and every attribute is escaped; nothing that runs can be said."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def element(name: str, content: str = "", **attributes: object) -> SafeString:
    """Return an element; `css` is its class, and `_` in the name of an attribute stands for `-`."""
    said = (({"css": "class"}.get(key, key.replace("_", "-")), value) for key, value in attributes.items())
    return format_html("<{}{}>{}</{}>", name, format_html_join("", ' {}="{}"', said), content, name)


def group(parts: Iterable[SafeString]) -> SafeString:
    """Return elements one after the other."""
    return format_html_join("", "{}", ((part,) for part in parts))


def drawing(parts: Iterable[SafeString], *, size: tuple[int, int], ident: str, title: str, about: str) -> SafeString:
    """Return a whole picture with its name and description, in a box of its own units that grows with the page."""
    named = [element("title", title, id=f"{ident}-title"), element("desc", about, id=f"{ident}-about")]
    return element(
        "svg",
        group([*named, *parts]),
        viewBox=f"0 0 {size[0]} {size[1]}",
        css="plot",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-about",
    )


def at(value: float) -> str:
    """Return a coordinate with a tenth of a unit, as short as it goes."""
    return f"{value:.1f}".removesuffix(".0")


def path(lines: Iterable[Iterable[tuple[float, float]]]) -> str:
    """Return the `d` of lines through these points."""
    return "".join("M" + "L".join(f"{at(x)} {at(y)}" for x, y in line) for line in lines)
