"""Makes the pictures of the handbook from a fresh demo world: `make pictures`."""

import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import CHROMIUM, QUIET
from tests.servers import Demo, demo_server

HERE = Path(__file__).parent / "pictures"


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
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_server(Path(folder)) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = log_in(browser, demo, "joiner", demo.facts["on_site"]["join_url"])
        page.locator("[name=accept]").click()
        page.wait_for_url("**/authorize/**")
        page.screenshot(path=HERE / "authorize.png", full_page=True)
        read_something(demo)
        page = log_in(browser, demo, "alice", f"{demo.url}/member/me/access-log/")
        page.screenshot(path=HERE / "ledger.png", full_page=False)
        look_around(browser, demo)
        browser.close()


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
