"""The fields of a request's body, whichever of the three encodings it came in."""

import re
from typing import Any

from django.http import HttpRequest, QueryDict
from django.http.request import RawPostDataException

from consentry_server.api.answers import Halt
from consentry_server.common import strict
from consentry_server.common.errors import Invalid

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_KEY = re.compile(r"[!-~]{1,255}")
_YES, _NO = ("true", "on", "1"), ("false", "off", "0", "")


class Fields:
    """Values by name; every value of a repeated form key counts."""

    def __init__(self, values: dict[str, list[Any]]) -> None:
        self._values = values
        for name, found in values.items():
            if not strict.storable(name) or any(isinstance(v, str) and not strict.storable(v) for v in found):
                raise Invalid({"detail": "The request has a character in it that cannot be stored."})

    def text(self, name: str) -> str | None:
        """Return a text; None if it is absent, empty, of another type, or given twice and differently."""
        found = {str(value).strip() for value in self._values.get(name, []) if isinstance(value, str | int)}
        return found.pop() or None if len(found) == 1 else None

    def every(self, name: str) -> list[Any]:
        """Return all values of a field, however they were sent."""
        return self._values.get(name, [])

    def exact(self, name: str) -> str | None:
        """Return a text with its white space."""
        found = self._only(name)
        return found if isinstance(found, str) else None

    def number(self, name: str) -> int | None:
        """Return a whole number, None if absent or empty; raises Invalid."""
        found = self._only(name)
        if found in ("", None):
            return None
        number = strict.integer(found)
        if number is None:
            raise Invalid({name: ["Enter a whole number."]})
        return number

    def yes(self, name: str) -> bool:
        """Return a yes or no about something that cannot be undone: nothing but a plain yes is one."""
        found = self._only(name)
        word = "" if found is None else str(found).lower()
        if word not in _YES + _NO or self._values.get(name) == []:
            raise Invalid({name: ["Send true or false."]})
        return word in _YES

    def _only(self, name: str) -> Any:
        found = self._values.get(name, [None]) or [None]
        if any(other != found[0] for other in found[1:]):
            raise Invalid({name: ["Send this field once."]})
        return found[0]


def form_fields(form: QueryDict) -> Fields:
    """Read a form; what was not UTF-8 has been replaced by a mark in it, and is refused."""
    values = {name: list(found) for name, found in form.lists()}
    if any("\ufffd" in text for name, found in values.items() for text in (name, *found)):
        raise Invalid({"detail": "The request has text in it that is not UTF-8."})
    return Fields(values)


def once(request: HttpRequest) -> str | None:
    """Return the key by which a client marks a request as the same again; raises Halt."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not _KEY.fullmatch(key):
        raise Halt(400, "An Idempotency-Key has 1 to 255 visible ASCII characters, without spaces.")
    return key


def read_fields(request: HttpRequest) -> Fields:
    """Read a body of any of the three encodings; an empty one without a type is an empty form."""
    kind = check_type(request)
    if kind == "application/json":
        return Fields(_json(request))
    if kind in FORMS:
        return form_fields(request.POST)
    return Fields({})


def check_type(request: HttpRequest) -> str:
    """Return the media type of the body; raises 415 for one that is not read here."""
    given = request.META.get("CONTENT_TYPE", "")
    kind = request.content_type or ""
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    readable = kind in (*FORMS, "application/json") and charset in ("utf-8", "utf8")
    if not readable and (given or request.META.get("CONTENT_LENGTH", "") not in ("", "0")):
        raise Halt(415, f'Unsupported media type "{given}" in request.')
    return kind


def _json(request: HttpRequest) -> dict[str, list[Any]]:
    try:
        value = strict.parse_json(request.body.decode())
    except (ValueError, RawPostDataException) as error:
        raise Halt(400, f"JSON parse error - {error}") from None
    if not isinstance(value, dict):
        raise Halt(400, "JSON parse error - an object is expected")
    return {name: found if isinstance(found, list) else [found] for name, found in value.items()}
