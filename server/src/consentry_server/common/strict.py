"""Input read strictly: what is not plainly right is refused, so that nothing poisons a later listing."""

import json
import re
from json.encoder import encode_basestring as quote
from typing import Any, NoReturn

MAX_DEPTH = 64
# NUL, surrogates and non-characters break one of the databases, one of the encoders or one of the readers.
_NON_CHARACTERS = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_UNSTORABLE = re.compile(f"[\x00\ud800-\udfff\ufdd0-\ufdef{_NON_CHARACTERS}]")
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # is an escape again when JSON is written
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\s+')
# A string that never ends reaches to the end: looking for its end from every quote would take for ever.
_MARK = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class NotStrict(ValueError):
    """The text is not what it claims to be; the message says why."""


def storable(text: str) -> bool:
    """Say whether both databases and every later answer can hold this text."""
    return not _UNSTORABLE.search(text)


def integer(text: object) -> int | None:
    """Return the whole number that was sent, or None; never a guess."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text if abs(text) < 10**18 else None
    if isinstance(text, str) and _INTEGER.fullmatch(text.strip(" ")):
        return int(text)
    return None


def page_number(text: str | None) -> int | None:
    """Read a `limit` or `offset`: any run of digits counts, a number too long for a database is cut."""
    if text is None or not text.isascii() or not text.isdigit():
        return None
    return int(text[:40]) if len(text) < 19 else 10**18


def parse_json(text: str) -> Any:
    """Parse JSON; refuse duplicate keys, NaN, unstorable text and nesting deeper than 64."""
    if not storable(text) or _ESCAPED_NUL.search(text):
        raise NotStrict("it contains a character that cannot be stored")
    _check_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotStrict(str(error)) from None
    # an escape such as \ud800 is only seen after parsing
    if not storable(json.dumps(value, ensure_ascii=False)):
        raise NotStrict("it contains a character that cannot be stored")
    return value


def compact_json(text: str) -> str:
    """Return valid JSON without white space or needless escapes; keys and numbers stay as written."""
    return _TOKEN.sub(lambda match: _compact(match.group()), text)


def _compact(token: str) -> str:
    return quote(json.loads(token, strict=False)) if token[0] == '"' else ""


def _check_depth(text: str) -> None:
    depth = 0
    for mark in _MARK.findall(text):
        depth += (mark in "[{") - (mark in "]}")
        if depth > MAX_DEPTH:
            raise NotStrict(f"it is nested deeper than {MAX_DEPTH}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("a key appears twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise NotStrict(f"{name} is not JSON")
