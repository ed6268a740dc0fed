"""Coordinators' Markdown: what it may do, and what it may not."""

import html
import re

import pytest

from consentry_server.web.returning import is_own_path
from consentry_server.web.texts import LONGEST, markdown
from tests.growth import LINEAR, TIMES, growth

EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/spy.png)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml,<svg>)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<svg onload=alert(1)>",
    "<math><mi xlink:href=javascript:alert(1)>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<style>body{background:url(//evil.example)}</style>",
    "<form action=//evil.example><input name=password></form>",
    "<iframe src=//evil.example>",
    "<a href='x' style='position:fixed'>x</a>",
    "> <div>\n> <script>x</script>\n> </div>",
    "```html\n<script>alert(1)</script>\n```",
    '[x](https://example.org "a\\" onclick=alert(1)")',
    "<!-- --><script>x</script>",
    "{% include 'x' %} {{ settings }}",
]


_SCRIPT, _SIGNS = "javascript:alert(1)", ("\t", "&Tab;", "&NewLine;", "%09", "\\")
ENCODED = [
    *(f"[x]({_SCRIPT[:at]}{odd}{_SCRIPT[at:]})" for at in (1, 4, 10) for odd in _SIGNS),
    *(f"[x]({sign}{_SCRIPT})" for sign in ("\x01", "\x1f", "&#1;", "&nbsp;", "\u2028", "\ufeff", "%20", "//", "<")),
    *(f"[x]({form.join('')}{''.join(form.format(ord(letter)) for letter in _SCRIPT)})" for form in (
        "&#{};", "&#0{};", "&#x{:x};", "&#x0{:X};", "%{:02x}", "\\u{:04x}")),
    f"[x](<{_SCRIPT}>)", f"[x][y]\n\n[y]: <{_SCRIPT}>", f"[x]({_SCRIPT.upper()})", f"[x](feed:{_SCRIPT})",
    f"[x](view-source:{_SCRIPT})", f"![x]({_SCRIPT})", f"<{_SCRIPT.upper()}>", f"[x](blob:{_SCRIPT})",
]  # fmt: skip


def scheme(address: str) -> str:
    """Return the scheme that a browser reads (WHATWG URL, 4.4), "" of what it takes for an address on this site."""
    read = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33)))))
    found = re.match(r"([a-z][a-z0-9+.-]*):", read, re.ASCII | re.IGNORECASE)
    return found[1].lower() if found else ""


@pytest.mark.parametrize("text", ENCODED)
def test_131_no_spelling_of_a_script_becomes_an_address(text: str) -> None:
    addresses = [html.unescape(each) for each in re.findall(r'href="([^"]*)"', markdown(text))]

    assert len(ENCODED) >= 30
    assert {scheme(each) for each in addresses} <= {"", "https", "http", "mailto"}


@pytest.mark.parametrize("text", EVIL)
def test_131_markdown_never_becomes_anything_that_runs(text: str) -> None:
    shown = markdown(text)

    for mark in ("<script", "<img", "<svg", "<math", "<base", "<meta", "<style", "<form"):
        assert mark not in shown.lower()
    for mark in ("<iframe", "<input", "<div", "<!--", ' style="', 'href="javascript', 'href="data'):
        assert mark not in shown.lower()
    assert 'onclick="' not in shown


def test_markdown_does_what_a_consent_text_needs() -> None:
    shown = markdown("# One\n\n## Two\n\n- a **b** *c*\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n[w](https://a.org)")

    for part in ("<h2>One</h2>", "<h3>Two</h3>", "<strong>b</strong>", "<td>1</td>"):
        assert part in shown
    assert 'href="https://a.org"' in shown
    assert "noopener noreferrer nofollow" in shown


@pytest.mark.parametrize(
    "unit", [">", "[", "![", "*", "_", "`", "(", "[a](", "- ", "1. ", "<a", "&#", "|", "\\", "[]("]
)
def test_133_a_markdown_bomb_costs_no_more_than_its_length(unit: str) -> None:
    def render(length: int) -> None:
        markdown.__wrapped__(unit * (length // len(unit)))  # rendered each time, not remembered

    assert growth(render, LONGEST // TIMES // 2) < LINEAR


def test_133_a_longer_text_is_shown_as_it_was_typed() -> None:
    assert markdown(">" * (LONGEST + 1)).startswith("<pre>&gt;&gt;")


@pytest.mark.parametrize("path", ["/", "/a/", "/a/?b=c#d", "/a//b", "/-/"])
def test_109_paths_of_this_site_are_followed(path: str) -> None:
    assert is_own_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "", "a", "//evil", "///evil", "/\\evil", "\\\\evil", "https:evil", "https://evil",
        "/%2f/evil", "/%2F%2Fevil", "/%5cevil", "/\tevil", "/\n/evil", " /a", "/a b", "/a\x00",
        "javascript:x", "http:///evil", "/é", "/" + "a" * 3000, None, 5, ["/a"],
    ],
)  # fmt: skip
def test_108_everything_else_is_ignored(path: object) -> None:
    assert not is_own_path(path)
