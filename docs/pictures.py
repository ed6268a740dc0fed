"""Makes the pictures of the handbook from a fresh demo world: `make pictures`."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import httpx
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import chromium
from tests.journeys.walking import NOBODY, STARTS, Walk, named
from tests.journeys.walking import log_in as come_in
from tests.servers import Demo, demo_server

django.setup()
HERE = Path(__file__).parent / "pictures"
PAGES, LIST = HERE / "pages", HERE.parent / "pages.md"
SIZE = {"width": 800, "height": 600}
# of a long page the beginning says enough
TOP = "() => ({x: 0, y: 0, width: 800, height: Math.min(1100, document.documentElement.scrollHeight)})"
HEAD = """# Every page, in a picture

Made by `make pictures` from the demo world, as nobody, alice, joiner, the coordinator and the operator come to them.
Each is called by its name in `web/urls.py`.
"""


def log_in(browser: Browser, demo: Demo, who: str, address: str) -> Page:
    """Return a page at `address`, seen by one of the demo's people."""
    page = browser.new_page(viewport={"width": 1000, "height": 700}, device_scale_factor=1.5)
    page.goto(address)
    if page.locator("[name=password]").count():
        page.locator("[name=login]").fill(demo.facts["users"][who]["username"])
        page.locator("[name=password]").fill(demo.facts["users"][who]["password"])
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
    return page


def read_something(demo: Demo) -> None:
    """Let the project look at alice's data, so that her ledger has lines."""
    facts = demo.facts
    query = {"access_token": facts["on_site"]["master_token"]}
    project = f"{demo.url}/api/direct-sharing/project/"
    httpx.get(f"{project}members/", params=query).raise_for_status()
    query["project_member_id"] = facts["users"]["alice"]["on_site"]
    page = httpx.get(f"{project}exchange-member/", params=query).raise_for_status().json()
    for file in page["data"][1:4]:
        httpx.get(file["download_url"], follow_redirects=True).raise_for_status()


def main() -> None:
    HERE.mkdir(exist_ok=True)
    with opened() as (demo, browser):
        of_every_page(demo, browser)
    with opened() as (demo, browser):
        of_the_way_in(demo, browser)
        look_around(browser, demo)


@contextmanager
def opened() -> Iterator[tuple[Demo, Browser]]:
    """Serve a fresh demo world and open a browser."""
    with tempfile.TemporaryDirectory() as folder, demo_server(Path(folder)) as demo, chromium() as browser:
        read_something(demo)
        yield demo, browser


def of_every_page(demo: Demo, browser: Browser) -> None:
    """Take one picture of each page that the demo's people come to, and list them."""
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir()
    walk = Walk(demo, taken)
    for who in STARTS:
        context = browser.new_context(viewport=SIZE)
        page = context.new_page()
        if who != NOBODY:
            come_in(page, demo, who)
        walk.go(page, who)
        context.close()
    names = sorted(path.stem for path in PAGES.iterdir())
    shown = "\n\n".join(f"## {name}\n\n![{name}](pictures/pages/{name}.png)" for name in names)
    LIST.write_text(f"{HEAD}\n{shown}\n")


def taken(page: Page, who: str, address: str) -> None:  # noqa: ARG001 - as Walk calls it
    """Take a picture of a page unless there is one of its kind."""
    name = named(page.evaluate("location.pathname")) or "nothing"
    path = PAGES / f"{name.replace('_', '-')}.png"
    if not path.exists():
        page.screenshot(path=path, full_page=True, clip=page.evaluate(TOP))


def of_the_way_in(demo: Demo, browser: Browser) -> None:
    """Take pictures of saying yes, and of what is written down about it."""
    page = log_in(browser, demo, "joiner", demo.facts["on_site"]["join_url"])
    page.locator("[name=accept]").click()
    page.wait_for_url("**/authorize/**")
    page.screenshot(path=HERE / "authorize.png", full_page=True)
    page = log_in(browser, demo, "alice", f"{demo.url}/member/me/access-log/")
    page.screenshot(path=HERE / "ledger.png", full_page=False)


def look_around(browser: Browser, demo: Demo) -> None:
    """Make the pictures of what everybody sees."""
    page = browser.new_page(viewport={"width": 1000, "height": 700}, device_scale_factor=1.5)
    for name, path in (("front", "/"), ("projects", "/explore-share/?does="), ("guide", "/direct-sharing/overview/")):
        page.goto(demo.url + path)
        page.screenshot(path=HERE / f"{name}.png", full_page=name != "guide")
    page.goto(demo.facts["on_site"]["join_url"].replace("direct-sharing/projects/on-site/join", "activity"))
    page.screenshot(path=HERE / "project.png", full_page=True)


if __name__ == "__main__":
    main()
