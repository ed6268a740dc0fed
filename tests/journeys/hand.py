"""Somebody at a page whose every click and key is counted.

How long a practiced but not a fast typist needs is reckoned with the keystroke-level model of Card, Moran and Newell
(1980); how long the server and the mail take is measured. Reading a consent text is not in it: that takes as long as a
person wants.
"""

import time
from pathlib import Path

from playwright.sync_api import Locator, Page

KEY, POINT, PRESS, HOME, THINK = 0.28, 1.1, 0.2, 0.4, 1.35  # seconds, as the model has them


class Hand:
    """Counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.keys = 0
        self.said: list[str] = []
        self._moves = 0.0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """What the hand and the machine took together."""
        return self._moves + time.monotonic() - self._began

    def click(self, target: Locator, what: str) -> None:
        """Think, point and press."""
        target.click()
        self._count(what)

    def choose(self, target: Locator, file: Path) -> None:
        """Open the chooser of the browser, and point to a file in it: two clicks."""
        target.set_input_files(file)
        self._count("open the chooser of files")
        self._count("choose the file")

    def type(self, target: Locator, text: str) -> None:
        """Go on to a field with the tabulator, and fill it in."""
        target.fill(text)
        self.keys += len(text) + 1
        self._moves += THINK + KEY * (len(text) + 1)

    def _count(self, what: str) -> None:
        self.clicks += 1
        self.said.append(f"{self.clicks}. {what}")
        self._moves += THINK + HOME + POINT + PRESS
