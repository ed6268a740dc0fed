"""In a browser: a coordinator invites a manager by mail, who says yes, edits the project, and leaves the team again."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.screens import Screen, nothing_is_cut
from tests.journeys.test_projects import log_in
from tests.servers import Demo

pytestmark = pytest.mark.browser
PROJECT = "/direct-sharing/projects/on-site/sleep-and-daylight-study/"


def invite(page: Page, demo: Demo, invited: str, role: str) -> None:
    log_in(page, demo, "coordinator")
    page.goto(demo.url + PROJECT)
    page.get_by_role("link", name="Team").click()
    nothing_is_cut(page)
    page.get_by_label(re.compile("^Username or e-mail")).fill(invited)
    page.get_by_label("Role").select_option(role)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("Invited. They come into the team once they say yes")).to_be_visible()
    expect(page.get_by_role("cell", name=invited, exact=True)).to_be_visible()


def test_a_coordinator_invites_a_manager_who_edits_the_project(browser: Browser, demo: Demo, screen: Screen) -> None:
    invite(screen.open(browser), demo, "bob@example.org", "manager")
    page = screen.open(browser)
    log_in(page, demo, "bob")
    assert page.goto(demo.url + PROJECT).status == 404  # type: ignore[union-attr]
    page.goto(f"{demo.url}/direct-sharing/projects/manage/")
    page.get_by_role("link", name="You are asked to help run a project").click()
    nothing_is_cut(page)
    page.get_by_role("button", name="Yes, I help").click()
    expect(page.get_by_text("You are in the team now.")).to_be_visible()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Members who joined before keep sharing")).to_be_visible()
    page.get_by_role("link", name="Who did what").click()
    expect(page.get_by_role("row").filter(has_text="edited the project").filter(has_text="bob")).not_to_have_count(0)
    nothing_is_cut(page)

    page.goto(f"{demo.url}/direct-sharing/projects/manage/")
    page.get_by_role("link", name="Sleep and Daylight Study").click()
    page.get_by_role("link", name="Team").click()
    page.get_by_text("Leave this team").click()
    page.get_by_role("button", name="Leave the team").click()  # other tests see the same world
    expect(page.get_by_text("You are out of the team.")).to_be_visible()
    assert page.goto(demo.url + PROJECT).status == 404  # type: ignore[union-attr]
