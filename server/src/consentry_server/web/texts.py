"""Coordinators' Markdown made safe: no HTML, no images, nothing that runs."""

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from nh3 import Cleaner

LONGEST = 40_000  # characters; beyond it a text is shown as it was typed
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 12}).enable("table").disable("image")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_CLEAN = Cleaner(
    tags=_TAGS,
    attributes={"a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer nofollow",
)


@lru_cache(maxsize=64)
def markdown(text: str) -> SafeString:
    """Return Markdown as HTML that is safe in any of our pages."""
    if len(text) > LONGEST:
        return format_html("<pre>{}</pre>", text)
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        # the page has a heading of its own
        if token.type in ("heading_open", "heading_close") and token.tag != "h6":
            token.tag = f"h{int(token.tag[1]) + 1}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return mark_safe(_CLEAN.clean(html))  # noqa: S308 - cleaned in this line
