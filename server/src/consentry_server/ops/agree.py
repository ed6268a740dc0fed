"""`consentry-server agree`: a member says yes to what a project or an app asks, by its pages."""

import os
import re
from urllib.parse import urljoin

import click
import httpx

from consentry_server.ops._pages import Form, forms

_YES = re.compile("accept|agree|allow|authorize|consent|join|approve", re.IGNORECASE)
MOST = 20  # pages and redirects


@click.command("agree")
def command() -> None:
    """Log in as OH_USERNAME with OH_PASSWORD, agree to what OH_URL asks, and print where that leads.

    With OH_REDIRECT_URI, that is the address there to which an app gets its member back.
    """
    url, target = os.environ.get("OH_URL", ""), os.environ.get("OH_REDIRECT_URI", "")
    who = os.environ.get("OH_USERNAME", ""), os.environ.get("OH_PASSWORD", "")
    try:
        with httpx.Client(timeout=30) as browser:
            click.echo(Walk(browser, who, target).from_(url))
    except httpx.HTTPError as error:
        raise click.ClickException(f"{url!r} cannot be read: {error}") from None


class Walk:
    """One member's way through the pages."""

    def __init__(self, browser: httpx.Client, who: tuple[str, str], target: str) -> None:
        self.browser, self.who, self.target = browser, who, target
        self.agreed = self.tried = False

    def from_(self, url: str) -> str:
        """Walk from an address to where it ends, and return that."""
        page = self.browser.get(url)
        for _ in range(MOST):
            place = str(page.url)
            if page.has_redirect_location:
                place = urljoin(place, page.headers["Location"])
                if self.target and place.startswith(self.target):
                    return place
                page = self.browser.get(place)
                continue
            pressed = self._answered(page)
            if pressed is None:
                return self._ended(page)
            page = pressed
        raise click.ClickException(f"{url} leads in circles.")

    def _answered(self, page: httpx.Response) -> httpx.Response | None:
        """Fill in or press what a page wants; None if it wants nothing."""
        found = forms(page.text)
        login = next((form for form in found if form.passwords), None)
        if login is not None:
            return self._log_in(page, login)
        for form in found:
            for button in form.buttons:
                if form.method == "post" and any(map(_YES.search, button.words)):
                    self.agreed = True
                    return self._send(page, form, {button.name: button.value} if button.name else {})
        return None

    def _log_in(self, page: httpx.Response, form: Form) -> httpx.Response:
        if self.tried:
            raise click.ClickException("The name and the password do not match.")
        self.tried = True
        return self._send(page, form, {form.texts[0]: self.who[0], form.passwords[0]: self.who[1]})

    def _send(self, page: httpx.Response, form: Form, filled: dict[str, str]) -> httpx.Response:
        return self.browser.post(urljoin(str(page.url), form.action), data=form.fields | filled)

    def _ended(self, page: httpx.Response) -> str:
        if page.is_error or self.target or not self.agreed:
            raise click.ClickException(f"{page.url} asks nothing (status {page.status_code}).")
        return str(page.url)
