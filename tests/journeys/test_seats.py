"""In a browser: a coordinator looks at who takes part, finds one by number, and is asked before removing anybody."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.screens import Screen, nothing_is_cut
from tests.journeys.test_projects import log_in
from tests.servers import Demo

pytestmark = pytest.mark.browser
PROJECT = "sleep-and-daylight-study"


def test_a_coordinator_finds_a_member_and_is_asked_before_removing(
    browser: Browser, demo: Demo, screen: Screen
) -> None:
    page = screen.open(browser)
    log_in(page, demo, "coordinator")
    page.goto(f"{demo.url}/direct-sharing/projects/on-site/{PROJECT}/")
    page.get_by_role("link", name="Who takes part").click()
    nothing_is_cut(page)
    number = page.locator("td code").first.inner_text()
    page.get_by_label(re.compile("^Project member id")).fill(number)
    page.get_by_role("button", name="Find").click()
    expect(page.locator("td code")).to_have_text([number])
    nothing_is_cut(page)

    page.get_by_label(f"Tick {number}").check()
    page.get_by_label("Tags for those who are ticked").fill("Called, second wave")
    page.get_by_role("button", name="Give these tags").click()
    expect(page.locator("td .tag").first).to_have_text("called")
    nothing_is_cut(page)

    page.get_by_role("link", name=f"Open {number}").click()
    page.get_by_label("Note").fill("Asked for the results in spring.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Note")).to_have_value("Asked for the results in spring.")
    nothing_is_cut(page)

    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_label("Project member ids")).to_have_value(number)
    nothing_is_cut(page)
