"""An outside client's idea of a browser: cookies, redirects and plain forms. It knows nothing of our pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

YES = re.compile("accept|agree|allow|authorize|consent|join|approve", re.IGNORECASE)
MOST = 20  # pages and redirects


class Forms(HTMLParser):
    """The forms of a page: attributes, fields with their values, buttons with all that they say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.inside: dict[str, Any] | None = None
        self.button: dict[str, str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given | {"inputs": [], "buttons": []}
            self.found.append(self.inside)
        elif self.inside is None:
            return
        elif tag == "button" or given.get("type") == "submit":
            self.button = given | {"text": ""}
            self.inside["buttons"].append(self.button)
        elif tag == "input":
            self.inside["inputs"].append(given)

    def handle_data(self, data: str) -> None:
        if self.button is not None:
            self.button["text"] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self.button = None
        elif tag == "form":
            self.inside = None


def held(form: dict[str, Any]) -> dict[str, str]:
    """Return what a form sends if nobody touches it."""
    skipped = ("checkbox", "radio", "submit")
    inputs = (each for each in form["inputs"] if each.get("type") not in skipped or "checked" in each)
    return {each["name"]: each.get("value", "") for each in inputs if each.get("name")}


def filled(form: dict[str, Any], username: str, password: str) -> dict[str, str]:
    """Return a form with a name and a password in it."""
    kinds = {each["name"]: each.get("type", "text") for each in form["inputs"] if each.get("name")}
    name = next(name for name, kind in kinds.items() if kind in ("text", "email"))
    secret = next(name for name, kind in kinds.items() if kind == "password")
    return held(form) | {name: username, secret: password}


def yes(form: dict[str, Any]) -> dict[str, str] | None:
    """Return the button of a form that says yes."""
    if form.get("method", "").lower() != "post":
        return None
    said = ("name", "value", "id", "text")
    return next((each for each in form["buttons"] if any(YES.search(each.get(one, "")) for one in said)), None)


@contextmanager
def browser_of(user: dict[str, str]) -> Iterator["Browser"]:
    with httpx.Client(timeout=30) as http:
        yield Browser(http, user)


class Browser:
    """One person's browser. `pressed` are the buttons so far, by what stands on them."""

    def __init__(self, http: httpx.Client, user: dict[str, str]) -> None:
        self.http, self.user = http, user
        self.pressed: list[str] = []

    def walk(self, url: str, redirect_uri: str = "") -> str:
        """Say yes to whatever an address asks; return where that leads: outside, or the last page."""
        page = self.http.get(url)
        for _ in range(MOST):
            if page.has_redirect_location:
                place = urljoin(str(page.url), page.headers["Location"])
                if redirect_uri and place.startswith(redirect_uri):
                    return place
                page = self.http.get(place)
                continue
            answered = self.answer(page)
            if answered is None:
                break
            page = answered
        assert page.status_code == 200, (page.status_code, str(page.url))
        return str(page.url)

    def answer(self, page: httpx.Response) -> httpx.Response | None:
        forms = Forms(page.text).found
        for form in forms:
            if any(each.get("type") == "password" for each in form["inputs"]):
                return self.send(page, form, filled(form, self.user["username"], self.user["password"]))
        for form in forms:
            button = yes(form)
            if button is not None:
                self.pressed.append(button["text"])
                chosen = {button["name"]: button.get("value", "")} if button.get("name") else {}
                return self.send(page, form, held(form) | chosen)
        return None

    def send(self, page: httpx.Response, form: dict[str, Any], fields: dict[str, str]) -> httpx.Response:
        return self.http.post(urljoin(str(page.url), form.get("action", "")), data=fields)
