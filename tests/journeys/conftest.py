"""A real browser: Debian's Chromium, driven by Playwright."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.screens import SCREENS, Screen

# what a page looks like is the same on both databases; what becomes of connections is a matter of PostgreSQL alone
_ON_POSTGRESQL, _ON_SQLITE = (
    ["test_database_trouble.py", "test_lost_connections.py"],
    ["test_accessibility.py", "test_german.py"],
)
collect_ignore = _ON_SQLITE if os.environ.get("DATABASE") else _ON_POSTGRESQL
CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Start a browser; `more` are options of Chromium."""
    # started for each test: while it runs, Django takes this thread for an asynchronous one
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *more])
        yield found
        found.close()


@pytest.fixture(params=SCREENS, ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    """Each screen on which a journey must go well."""
    found: Screen = request.param
    return found


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found
