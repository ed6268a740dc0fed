"""The first minutes of somebody new, counted: to the first file shared, and to a line that a program can run."""

import logging
import re
import secrets
import shlex
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.hand import Hand
from tests.journeys.test_consent import PASSWORD, mailed_link
from tests.journeys.test_projects import log_in, make_project
from tests.servers import Demo

log = logging.getLogger(__name__)
pytestmark = pytest.mark.browser
WIDTH = {"width": 1280, "height": 900}


def sign_up(hand: Hand, demo: Demo, username: str) -> None:
    page, address = hand.page, f"{username}@example.org"
    hand.type(page.get_by_label("Username"), username)
    hand.type(page.get_by_label("Name", exact=True), "Noor")
    hand.type(page.get_by_label(re.compile("^E-mail")), address)
    hand.type(page.get_by_label("Password"), PASSWORD)
    hand.click(page.get_by_role("checkbox"), "accept the terms")
    hand.click(page.get_by_role("button", name="Sign up"), "Sign up")
    page.wait_for_url("**/account/confirm-email/")
    page.goto(mailed_link(demo, address))
    hand.clicks += 1
    hand.said.append(f"{hand.clicks}. the link in the mail")
    hand.click(page.get_by_role("button", name=re.compile("confirm")), "Yes, confirm it")


def shown(hand: Hand, what: str) -> None:
    """Tell what was counted to whoever asks: --log-cli-level=INFO."""
    log.info("%s: %d clicks, %d keys, %.0f s\n%s", what, hand.clicks, hand.keys, hand.seconds, "\n".join(hand.said))


def test_the_first_file_is_shared_with_nine_clicks_in_two_minutes(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    coordinator = browser.new_page()
    log_in(coordinator, demo, "coordinator")
    make_project(coordinator, demo, f"Steps {secrets.token_hex(3)}", asks_for="Your uploads")
    project = coordinator.url
    file = tmp_path / "steps.csv"
    file.write_text("day,steps\n2026-11-01,8021\n2026-11-02,6610\n")

    page = browser.new_context(viewport=WIDTH, java_script_enabled=False).new_page()  # type: ignore[arg-type]
    page.goto(project)
    page.get_by_role("link", name="Join this project").click()
    page.get_by_role("link", name="Sign up").first.click()
    hand = Hand(page)
    sign_up(hand, demo, f"new_{secrets.token_hex(3)}")
    hand.click(page.get_by_role("button", name=re.compile("I agree")), "I agree")
    hand.click(page.get_by_role("button", name="Yes, share this"), "Yes, share this")
    hand.choose(page.locator("input[type=file]"), file)
    hand.click(page.get_by_role("button", name="Add them"), "Add them")
    expect(page.get_by_text("The file is added.")).to_be_visible()
    shown(hand, "the first file shared")

    assert hand.clicks <= 9
    assert hand.seconds < 120
    page.goto(project)
    page.get_by_role("link", name="See what it sees").click()
    expect(page.get_by_role("cell", name="steps.csv")).to_be_visible()


def test_a_new_project_has_a_line_that_works_in_three_minutes(browser: Browser, demo: Demo) -> None:
    page = browser.new_context(viewport=WIDTH, java_script_enabled=False).new_page()  # type: ignore[arg-type]
    page.goto(f"{demo.url}/direct-sharing/projects/on-site/create/")
    page.get_by_role("link", name="Sign up").first.click()
    hand = Hand(page)
    sign_up(hand, demo, f"lab_{secrets.token_hex(3)}")
    for field, text in {
        "name": f"Shade {secrets.token_hex(2)}",
        "leader": "Mara Voss",
        "contact_email": "mara@example.org",
        "info_url": "https://example.org",
        "short_description": "Do trees keep rooms cool?",
        "long_description": "We compare rooms.",
        "consent_text": "We look at your temperatures.",
    }.items():
        hand.type(page.locator(f"[name={field}]"), text)
    for field, answer in {
        "is_study": "Yes",
        "is_academic_or_nonprofit": "Yes",
        "request_username_access": "No",
    }.items():
        hand.click(page.locator(f"fieldset:has([name={field}])").get_by_label(answer, exact=True), f"{field}: {answer}")
    hand.click(page.locator("[name=explore_share]"), "it explores what others brought")
    hand.click(page.get_by_role("button", name="Make the project"), "Make the project")
    hand.click(page.locator("#tokens tbody a").first, "the token")
    hand.click(page.locator("summary", has_text="Show it"), "Show it")
    hand.type(page.locator("[name=reveal-password]"), PASSWORD)
    hand.click(page.get_by_role("button", name="Show it"), "Show it")
    line = page.locator("pre", has_text="curl").inner_text()
    hand.click(page.locator("pre", has_text="curl"), "copy the line")
    answer = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True).stdout
    shown(hand, "the first call")

    assert '"results":[]' in answer
    assert hand.seconds < 180
