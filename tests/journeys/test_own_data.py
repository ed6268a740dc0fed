"""A person's own data, in a browser: sign in, add a table, see it drawn, delete it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.screens import Screen
from tests.servers import Demo

pytestmark = pytest.mark.browser
ROWS = "".join(f"2016-04-{day:02},{4000 + 311 * day % 5000}\n" for day in range(1, 31))
TABLE = {"name": "my steps.csv", "mimeType": "text/csv", "buffer": f"date,steps\n{ROWS}".encode()}


def log_in(page: Page, demo: Demo) -> None:
    """Come in by the form, as anybody does."""
    joiner = demo.facts["users"]["joiner"]
    page.goto(f"{demo.url}/account/login/")
    page.locator("[name=login]").fill(joiner["username"])
    page.locator("[name=password]").fill(joiner["password"])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/member/me/")


def fits(page: Page) -> bool:
    """Say whether nothing of a page lies beside the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_table_is_added_drawn_and_deleted(browser: Browser, demo: Demo, screen: Screen) -> None:
    page = screen.open(browser)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    log_in(page, demo)
    page.get_by_role("link", name="Add files").click()
    page.get_by_label(re.compile("^Files")).set_input_files([TABLE])  # type: ignore[list-item]
    page.get_by_label(re.compile("^What they are")).fill("My steps in April")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("The file is added.")).to_be_visible()
    expect(page.get_by_text("Only you.")).to_be_visible()

    page.get_by_role("link", name="my steps.csv", exact=True).click()
    plot = page.get_by_role("img", name=re.compile("^steps"))
    expect(plot).to_be_visible()
    box = plot.bounding_box()
    assert box is not None
    assert box["width"] > 250
    assert box["x"] + box["width"] <= screen.width
    expect(page.get_by_role("row", name=re.compile("^Values 30"))).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("link", name="Download", exact=True).click()
    assert found.value.path().read_bytes() == TABLE["buffer"]

    page.get_by_role("link", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("The file is deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="my steps.csv", exact=True)).to_have_count(0)
    assert refused == [], "the policy of our pages refuses nothing that is on them"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_own_data_is_wider_than_a_phone_or_refused_by_its_policy(
    browser: Browser, demo: Demo, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    log_in(page, demo)
    for path in ("", "data/", "data/add/", "access-log/", "access-log/?kind=x"):
        page.goto(f"{demo.url}/member/me/{path}")
        assert fits(page), path
    page.goto(f"{demo.url}/member/me/data/")
    page.get_by_role("table").get_by_role("link").first.click()
    assert fits(page)
    files = page.locator("td.name a").evaluate_all("links => links.map(link => link.href)")
    assert len(files) == 3
    for address in files:
        page.goto(address)
        assert fits(page), address
        assert page.get_by_role("img").count() > 0, "each of joiner's files is drawn"
    assert [line for line in refused if "400" not in line] == []
    context.close()
