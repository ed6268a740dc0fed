"""Text that people read and nobody can translate: in templates, and in the code of pages."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

from tests.architecture.house import DOMAIN, PACKAGE, Module, modules

ATTRIBUTES = {"alt", "aria-label", "aria-description", "data-label", "placeholder", "title"}
SAMPLES = {"code", "pre", "script", "style", "svg"}  # what stands in these is read by programs
NAMES = re.compile(r"\b(?:Consentry|PKCE|SHA-256|UTC)\b")  # the same in every language
_PATH = re.compile(r"(?:^|\s)/[a-z/-]*/(?=\s|$)")  # of a page, after the address of this site
LETTER = re.compile(r"[^\W\d_]")
# a text that is handed to a filter, or to another template
_HANDED = re.compile(r"""\|(?:default|default_if_none|yesno|add):["'][^"']*[^\W\d_][^"']*["']|\|pluralize""")
_NAMED = re.compile(r"""\b\w+=["'](?=[^"']*[^\W\d_])(?:[A-Z][a-z]|[^"']* )[^"']*["']""")
_ASKED = {"label", "help_text"}
_SAID = {"debug", "error", "info", "success", "warning"}
_ASKERS = {"_words", "long_text", "yes_no"}
_FAULTS = {"ValidationError", "add_error", "Conflict", "NotFound", "Refused", "TooMany", "Unavailable"}


def in_templates(source: Path) -> list[str]:
    found = sorted(path for path in (source / PACKAGE).rglob("templates/**/*") if path.suffix in {".html", ".txt"})
    return [f"{path.name}: {text}" for path in found for text in unmarked(path.read_text("utf-8"))]


def unmarked(text: str) -> list[str]:
    """The words of a template that stand outside of marks."""
    reader = _Reader()
    for piece in _left(Lexer(text).tokenize(), reader.found):
        reader.feed(piece)
    reader.close()
    return reader.found


def _left(tokens: list[Token], found: list[str]) -> Iterator[str]:
    """What a template says itself, without what is marked, and without tags."""
    inside = ""
    for token in tokens:
        word = token.contents.split(" ", 1)[0]
        if inside:
            inside = "" if token.token_type == TokenType.BLOCK and word == f"end{inside}" else inside
        elif token.token_type == TokenType.BLOCK and word in {"blocktranslate", "blocktrans", "comment"}:
            inside = word
        elif token.token_type == TokenType.TEXT:
            yield token.contents
        elif token.token_type != TokenType.COMMENT:
            found.extend(_handed(word, token.contents))


def _handed(word: str, contents: str) -> Iterator[str]:
    unquoted = re.sub(r"""_\((["']).*?\1\)""", "", contents)
    yield from _HANDED.findall(unquoted)
    if word in {"include", "with"}:
        yield from _NAMED.findall(unquoted)


class _Reader(HTMLParser):
    """Reads what is left of a template as a browser would, and notes what people would read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.samples: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SAMPLES:
            self.samples.append(tag)
        said = dict(attrs)
        self._note(*(said.get(name) or "" for name in ATTRIBUTES))
        if tag == "input" and said.get("type") in {"submit", "button", "reset"}:
            self._note(said.get("value") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.samples:
            self.samples.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.samples:
            self._note(data)

    def _note(self, *texts: str) -> None:
        self.found += [text.strip() for text in texts if LETTER.search(_PATH.sub("", NAMES.sub("", text)))]


def in_code(source: Path) -> list[str]:
    """Labels, notices and refusals of pages that are written as plain text."""
    rooms = {"web", *DOMAIN}
    found = [module for module in modules(source) if module.room in rooms and module.file != "migrations"]
    return [f"{module.name}:{text.lineno} {ast.unparse(text)}" for module in found for text in _plain(module)]


def _plain(module: Module) -> Iterator[ast.expr]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield from (text for text in _shown(node) if _is_plain(text))


def _shown(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that people read."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    asked = [each.value for each in call.keywords if each.arg in _ASKED]
    of_notice = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "messages"
    if of_notice and name in _SAID:
        return [*asked, *call.args[1:2]]
    if name in _ASKERS:
        return [*asked, *call.args[:1]]
    if name in _FAULTS:
        return [*asked, *call.args[1 if name == "add_error" else 0 :][:1]]
    return asked


def _is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_plain(node.body) or _is_plain(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return any(_is_plain(value) for value in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(LETTER.search(node.value))
