"""What a person can do in a browser: look, fill in a form, press a button, follow a redirect."""

import html
import re
from dataclasses import dataclass

import httpx

JOIN = "/direct-sharing/projects/on-site/join"
AUTHORIZE = "/direct-sharing/projects/on-site/authorize"
LEAVE = "/direct-sharing/projects/leave"
PROJECT = "/direct-sharing/projects/on-site"


@dataclass
class Person:
    browser: httpx.Client

    def get(self, path: str, **query: str) -> httpx.Response:
        return self.browser.get(path, params=query or None)

    def post(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form with the proof that it is ours, as a page would carry it."""
        if "csrf" not in self.browser.cookies:
            self.browser.get("/account/logout/")
            self.browser.get("/account/login/")
        named = {name.replace("__", "-"): value for name, value in fields.items()}
        proof = {"csrfmiddlewaretoken": self.browser.cookies["csrf"]}
        return self.browser.post(path, data=named | proof)

    def send(self, path: str, *parts: tuple[str, bytes], **fields: str) -> httpx.Response:
        """Send a form with files, as a browser does: what the form holds first."""
        held = hidden(self.get(path).text) | fields | {"csrfmiddlewaretoken": self.browser.cookies["csrf"]}
        return self.browser.post(path, data=held, files=[("file", part) for part in parts])

    def press(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Send the form on that page with what it already holds and what is filled in."""
        held = hidden(self.get(path).text)
        return self.post(path, **(held | fields))


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the forms in the main part of a page."""
    main = page.split("<main", 1)[1]
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', main)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def seen(response: httpx.Response) -> str:
    """Return the words that a person reads on a page, in one line."""
    text = re.sub(r"<(title|style).*?</\1>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())
