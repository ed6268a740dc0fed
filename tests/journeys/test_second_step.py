"""Passkeys in a real browser, with a key of Chromium's own that signs as a real one does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.pressing import KEY
from tests.servers import Demo, demo_server

pytestmark = pytest.mark.browser


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Demo]:
    """A demo with a name: browsers give no passkey to a bare address."""
    with demo_server(tmp_path, "--host", "localhost") as found:
        yield found


def enter(page: Page, demo: Demo) -> None:
    bob = demo.facts["users"]["bob"]
    page.goto(f"{demo.url}/account/login/")
    page.get_by_label("Username or e-mail address").fill(bob["username"])
    page.get_by_label("Password").fill(bob["password"])
    page.get_by_role("button", name="Log in", exact=True).click()


def test_a_passkey_is_added_and_lets_in_without_a_password_and_only_here(named: Demo, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    chrome = context.new_cdp_session(page)
    chrome.send("WebAuthn.enable")
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    enter(page, named)
    page.wait_for_url("**/member/me/**")
    page.goto(f"{named.url}/account/second-step/keys/add/")
    page.get_by_label("Password").fill(named.facts["users"]["bob"]["password"])
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("What you call it").fill("My phone")
    page.get_by_label("It may log me in without my password").check()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(re.compile("second-step/(keys|kept)/$"))

    context.clear_cookies()
    page.goto(f"{named.url}/account/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/member/me/**")
    page.goto(f"{named.url}/account/second-step/keys/")
    expect(page.get_by_text("My phone")).to_be_visible()
    expect(page.get_by_text(re.compile("last used on"))).to_be_visible()

    context.clear_cookies()
    enter(page, named)
    page.wait_for_url("**/second-step/authenticate/")
    page.get_by_role("button", name="Use a passkey or a security key").click()
    page.wait_for_url("**/member/me/**")
    context.close()
