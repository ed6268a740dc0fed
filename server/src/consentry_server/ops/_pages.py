"""A person without a mouse: reads the forms of a page, and presses a button."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Button:
    """What can be pressed. `words` are all that it says of itself."""

    name: str
    value: str
    words: list[str]


@dataclass
class Form:
    """A form: where it goes, and what it holds."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)  # names of what somebody types, in their order
    passwords: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._button: Button | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(found.get("action", ""), found.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "button" and self._form is not None:
            self._press(self._form, found)
        elif tag == "input" and self._form is not None:
            self._hold(self._form, found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.words.append(data)

    def _press(self, form: Form, found: dict[str, str]) -> None:
        name, value = found.get("name", ""), found.get("value", "")
        self._button = Button(name, value, [name, value, found.get("id", "")])
        form.buttons.append(self._button)

    def _hold(self, form: Form, found: dict[str, str]) -> None:
        name, kind = found.get("name", ""), found.get("type", "text").lower()
        if kind in ("text", "email"):
            form.texts.append(name)
        elif kind == "password":
            form.passwords.append(name)
        if kind not in ("checkbox", "radio", "submit") or "checked" in found:
            form.fields[name] = found.get("value", "")


def forms(page: str) -> list[Form]:
    """Return the forms of a page, in their order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
