"""The words that people read: which of them are marked, and what each says in the other languages.

`python -m tests.architecture.words` (as `make messages` does) extracts them anew and compiles what is translated.
"""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.architecture.house import PACKAGE, SOURCE

LOCALE = SOURCE / PACKAGE / "locale"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
}
# What a translation has to have as its original does: values, and the tags around words.
PLACES = re.compile(r"%\(\w+\)s|\{\w*\}|</?[a-z]+[^>]*>|https?://\w[\w./-]*\w")
_DATES = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator): .*\n', re.MULTILINE
)


def languages(locale: Path = LOCALE) -> list[str]:
    """The languages that there is a catalogue for."""
    return sorted(path.parents[1].name for path in locale.glob("*/LC_MESSAGES/django.po"))


def place_of(language: str, locale: Path = LOCALE) -> Path:
    return locale / language / "LC_MESSAGES" / "django.po"


def extracted(source: Path = SOURCE) -> Catalog:
    """All that is marked in templates and in code, in the order of the files."""
    catalog = Catalog()
    for path in sorted((source / PACKAGE).rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and (path.suffix == ".py" or "templates" in path.parts):
            _add(catalog, path, path.relative_to(source).as_posix())
    return catalog


def _add(catalog: Catalog, path: Path, name: str) -> None:
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        # what is left of a template are calls of gettext among names; only their order matters
        text = "\n".join(line.strip() for line in templatize(text, origin=name).splitlines())
    for _line, words, _comments, context in extract("python", BytesIO(text.encode()), keywords=KEYWORDS):
        catalog.add(words, locations=[(name, 0)], context=context)


def known(language: str, locale: Path = LOCALE) -> Catalog:
    """What a language says, as its catalogue in text says it."""
    with place_of(language, locale).open("rb") as file:
        return read_po(file, locale=language)


def faults(marked: Catalog, catalog: Catalog) -> list[str]:
    """What is missing in a catalogue, too much in it, or wrong."""
    there = {_key(message): message for message in catalog if message.id}
    wanted = {_key(message): message for message in marked if message.id}
    missing = [f"not translated: {key[1]!r}" for key in wanted if key not in there]
    over = [f"nobody says this any more: {key[1]!r}" for key in there if key not in wanted]
    return [*missing, *over, *(fault for key in there if key in wanted for fault in _faults_of(there[key]))]


def _key(message: Message) -> tuple[str | None, str, str]:
    one, many = message.id if isinstance(message.id, tuple | list) else (message.id, "")
    return message.context, one, many


def _faults_of(message: Message) -> Iterator[str]:
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    if not all(strings) or len(strings) != len(ids):
        yield f"not translated: {ids[0]!r}"
        return
    if message.fuzzy:
        yield f"fuzzy: {ids[0]!r}"
    for one, said in zip(ids, strings, strict=True):
        if sorted(PLACES.findall(one)) != sorted(PLACES.findall(said)):
            yield f"other places or tags: {one!r} and {said!r}"
        if (one[:1] == "\n", one[-1:] == "\n") != (said[:1] == "\n", said[-1:] == "\n"):
            yield f"other line breaks: {one!r} and {said!r}"


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as programs read it, the same bytes whenever it is written."""
    catalog.creation_date = catalog.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def spoken(binary: bytes) -> dict[object, str]:
    """What a compiled catalogue says, without its header."""
    found: dict[object, str] = dict(vars(GNUTranslations(BytesIO(binary)))["_catalog"])
    found.pop("", None)
    return found


def written(catalog: Catalog) -> str:
    """A catalogue as text, without the dates that change each time."""
    out = BytesIO()
    write_po(out, catalog, width=110, include_lineno=False, ignore_obsolete=True)
    return _DATES.sub("", out.getvalue().decode())


def update(language: str) -> None:
    """Bring a catalogue up to what is marked now, and compile it. What is new is left empty."""
    catalog = known(language)
    catalog.update(extracted(), no_fuzzy_matching=True)
    place = place_of(language)
    place.write_text(written(catalog), "utf-8")
    place.with_suffix(".mo").write_bytes(compiled(known(language)))


def main() -> None:
    marked = extracted()
    for language in languages():
        update(language)
        left = faults(marked, known(language))
        sys.stdout.write("".join(f"{language}: {fault}\n" for fault in left) or f"{language}: complete\n")


if __name__ == "__main__":
    main()
