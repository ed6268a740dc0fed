"""The screens that people have: a desk's and a phone's, in light and in dark, with JavaScript and without."""

import os
from dataclasses import dataclass
from itertools import product

from playwright.sync_api import Browser, Page


@dataclass(frozen=True)
class Screen:
    """What somebody looks at, and whether scripts run there."""

    width: int
    scheme: str
    javascript: bool = True

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}{'' if self.javascript else '-no-javascript'}"

    def open(self, browser: Browser) -> Page:
        """Open a browser of their own."""
        context = browser.new_context(
            java_script_enabled=self.javascript,
            viewport={"width": self.width, "height": 850},
            color_scheme=self.scheme,  # type: ignore[arg-type]
        )
        return context.new_page()


ALL = [Screen(width, scheme) for width, scheme in product((1280, 390), ("light", "dark"))]
PLAIN = Screen(390, "light", javascript=False)
# what a page looks like is the same on both databases
SCREENS = [PLAIN] if os.environ.get("DATABASE") else [*ALL, PLAIN]


def nothing_is_cut(page: Page) -> None:
    """Say whether the page fits into the width that it has."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
