"""In a browser: a visitor finds a project and joins it; a project is asked about, returned, mended, approved, found."""

import json
import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.screens import Screen, nothing_is_cut
from tests.journeys.test_consent import sign_up
from tests.servers import Demo

pytestmark = pytest.mark.browser


def log_in(page: Page, demo: Demo, who: str) -> None:
    passwords = json.loads((demo.folder / "demo.json").read_text())["world"]["passwords"]
    page.goto(f"{demo.url}/account/login/")
    page.get_by_label(re.compile("^Username")).fill(who)
    page.get_by_label("Password").fill(passwords[who])
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator(".menu summary")).to_contain_text(who)


def test_a_visitor_finds_a_project_by_search_signs_up_and_joins(browser: Browser, demo: Demo, screen: Screen) -> None:
    page = screen.open(browser)
    page.goto(demo.url)
    nothing_is_cut(page)
    page.get_by_role("link", name="Look at projects first").click()
    page.get_by_label("Words").fill("daylight sleep")
    page.get_by_label("A study of people").select_option("Yes")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1 project", exact=True)).to_be_visible()
    nothing_is_cut(page)
    page.get_by_role("link", name="Sleep and Daylight Study").click()
    expect(page.get_by_role("heading", name="What it asks for")).to_be_visible()
    nothing_is_cut(page)
    project = page.url
    page.get_by_role("link", name="Join this project").click()
    sign_up(page, demo, f"new_{secrets.token_hex(4)}")
    page.goto(project)
    page.get_by_role("link", name="Join this project").click()
    page.get_by_role("button", name=re.compile("I agree")).click()
    page.get_by_role("button", name="Yes, share this").click()

    page.goto(project)
    expect(page.get_by_text(re.compile("You share with this project since"))).to_be_visible()
    page.get_by_role("link", name="Leave", exact=True).click()  # other tests see the same world
    page.get_by_role("button", name="Leave").click()


def make_project(page: Page, demo: Demo, name: str, *, asks_for: str = "") -> None:
    """Fill in the form of a new project as its coordinator; it may ask for a source, by its name."""
    page.goto(f"{demo.url}/direct-sharing/projects/on-site/create/")
    texts = {
        "name": name,
        "leader": "Dr. Mara Voss",
        "contact_email": "coordinator@example.org",
        "info_url": "https://example.org/shade",
        "short_description": "Do trees before the window change how warm it gets?",
        "long_description": "We compare rooms with and without trees before them.",
        "consent_text": "We look at your temperatures. You can stop at any time.",
    }
    for field, text in texts.items():
        page.locator(f"[name={field}]").fill(text)
    for field, answer in {
        "is_study": "Yes",
        "is_academic_or_nonprofit": "Yes",
        "request_username_access": "No",
    }.items():
        page.locator(f"fieldset:has([name={field}])").get_by_label(answer, exact=True).check()
    page.locator("[name=explore_share]").check()
    if asks_for:
        page.get_by_label(re.compile(f"{asks_for}: ")).check()
    page.get_by_role("button", name="Make the project").click()
    page.get_by_role("link", name="Its public page").click()


def ask(page: Page, project: str, *, note: str = "") -> None:
    page.goto(project)
    nothing_is_cut(page)
    page.get_by_label(re.compile("Anything that reviewers")).fill(note)
    page.get_by_role("button", name="Ask for a review").click()
    expect(page.get_by_text("Reviewers see exactly what stands here now.")).to_be_visible()


def send_back(page: Page, demo: Demo, name: str, *, reason: str) -> None:
    page.goto(demo.url)
    page.get_by_role("link", name="Reviews").click()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_text("example.org/board")).to_be_visible()
    nothing_is_cut(page)
    page.get_by_label("What has to be mended").fill(reason)
    page.get_by_role("button", name="Return it").click()


def mend(page: Page, *, reason: str, text: str) -> None:
    page.reload()
    expect(page.get_by_text(reason)).to_be_visible()
    page.get_by_role("link", name="Edit it first").click()
    page.locator("[name=consent_text]").fill(text)
    page.get_by_role("button", name="Save").click()


def approve(page: Page, name: str, *, text: str) -> None:
    page.reload()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("region", name="Consent text").last).to_contain_text(text)
    nothing_is_cut(page)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Approve this version").click()
    expect(page.get_by_text(f"{name} is approved.")).to_be_visible()


def test_a_project_is_asked_about_returned_mended_approved_and_found(
    browser: Browser, demo: Demo, screen: Screen
) -> None:
    name, text = f"Shade {secrets.token_hex(4)}", "We look at your temperatures for a year."
    coordinator, reviewer, visitor = (screen.open(browser) for _ in range(3))
    log_in(coordinator, demo, "coordinator")
    log_in(reviewer, demo, "operator")
    make_project(coordinator, demo, name)
    project = coordinator.url
    ask(coordinator, project, note="The board has agreed: example.org/board")
    send_back(reviewer, demo, name, reason="Say for how long.")
    mend(coordinator, reason="Say for how long.", text=text)
    ask(coordinator, project)

    visitor.goto(f"{demo.url}/explore-share/?q={name.replace(' ', '+')}")
    expect(visitor.get_by_text("0 projects")).to_be_visible()
    approve(reviewer, name, text=text)
    visitor.reload()
    visitor.get_by_role("link", name=name).click()
    expect(visitor.get_by_text("reviewed", exact=True)).to_be_visible()
