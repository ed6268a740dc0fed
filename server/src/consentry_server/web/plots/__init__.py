"""Pictures of numbers and places, drawn on the server as SVG that needs neither script nor style of its own."""

from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Plot:
    """A picture, what it shows, and its key figures in words, for those who do not see it."""

    title: str
    svg: SafeString
    figures: tuple[tuple[str, str], ...]
