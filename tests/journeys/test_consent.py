"""The whole way of a new member, in a browser: from sign-up to a project that sees them, and out again."""

import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.screens import Screen, nothing_is_cut
from tests.servers import Demo

pytestmark = pytest.mark.browser
PROJECT = "/api/direct-sharing/project/"
PASSWORD = "a long enough secret"


@dataclass
class Study:
    """The project's side: nothing but its token and the API."""

    client: httpx.Client

    def numbers(self) -> set[str]:
        page = self.client.get("members/").raise_for_status().json()
        return {row["project_member_id"] for row in page["results"]}

    def bring(self, number: str) -> str:
        """Give the member a file and return the link to it."""
        form = {"project_member_id": number, "metadata": '{"description": "", "tags": []}'}
        part = {"data_file": ("result.csv", b"week,hours\n1,49\n")}
        self.client.post("files/upload/", data=form, files=part).raise_for_status()
        page = self.client.get("exchange-member/", params={"project_member_id": number}).json()
        return str(page["data"][0]["download_url"])


@pytest.fixture
def study(demo: Demo) -> Iterator[Study]:
    bearer = {"Authorization": f"Bearer {demo.facts['on_site']['master_token']}"}
    with httpx.Client(base_url=demo.url + PROJECT, headers=bearer) as client:
        yield Study(client)


def sign_up(page: Page, demo: Demo, username: str) -> None:
    """Fill in the form, and open the link that comes by mail."""
    page.get_by_role("link", name="Sign up").first.click()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Name", exact=True).fill("Noor")
    page.get_by_label(re.compile("^E-mail")).fill(f"{username}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/account/confirm-email/")
    page.goto(mailed_link(demo, f"{username}@example.org"))
    page.get_by_role("button", name=re.compile("confirm")).click()


def mailed_link(demo: Demo, address: str) -> str:
    body = ""
    until = time.monotonic() + 20
    while not body and time.monotonic() < until:  # a worker sends it
        mails = [json.loads(line) for line in demo.run("written-mail").splitlines()]
        body = next((mail["body"] for mail in reversed(mails) if mail["to"] == [address]), "")
    found = re.search(r"http://\S+/account/confirm-email/\S+", body)
    assert found is not None, body
    return found[0]


def test_a_new_member_joins_is_seen_within_a_second_leaves_and_is_gone(
    browser: Browser, demo: Demo, study: Study, screen: Screen
) -> None:
    before = study.numbers()
    page = screen.open(browser)
    page.goto(demo.facts["on_site"]["join_url"])
    sign_up(page, demo, f"new_{secrets.token_hex(4)}")
    page.goto(demo.facts["on_site"]["join_url"])
    nothing_is_cut(page)
    page.get_by_role("button", name=re.compile("I agree")).click()
    nothing_is_cut(page)
    assert study.numbers() == before, "reading the consent text shares nothing"
    page.get_by_role("button", name="Yes, share this").click()

    (number,) = study.numbers() - before
    link = study.bring(number)
    with httpx.Client(follow_redirects=True) as anonymous:
        assert anonymous.get(link).content == b"week,hours\n1,49\n"

        page.goto(f"{demo.url}/member/me/access-log/")
        expect(page.get_by_text("result.csv")).to_be_visible()
        _leave(page, demo)

        assert study.numbers() == before
        assert anonymous.get(link).status_code == 403
    remembered = study.client.get("exchange-member/", params={"project_member_id": number})
    assert remembered.json() == {"project_member_id": "project_member_id is invalid"}


def test_saying_no_shares_nothing(browser: Browser, demo: Demo, study: Study) -> None:
    before = study.numbers()
    page = browser.new_page()
    page.goto(demo.facts["on_site"]["join_url"])
    joiner = demo.facts["users"]["joiner"]
    page.get_by_label(re.compile("^Username")).fill(joiner["username"])
    page.get_by_label("Password").fill(joiner["password"])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name=re.compile("I agree")).click()
    page.get_by_role("button", name="No", exact=True).click()

    expect(page.get_by_text("Nothing new is shared")).to_be_visible()
    assert study.numbers() == before


def test_the_way_in_works_by_keyboard_alone(browser: Browser, demo: Demo, study: Study) -> None:
    """Only Tab, text and Enter: every step is reached, and the focus can be seen."""
    before, username = study.numbers(), f"new_{secrets.token_hex(4)}"
    page = browser.new_page()
    page.goto(demo.url)
    sign_up(page, demo, username)
    page = browser.new_page()
    page.goto(demo.facts["on_site"]["join_url"])
    _tab_to(page, "login")
    page.keyboard.type(username)
    _tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Step 1 of 2")).to_be_visible()
    _tab_to(page, "accept")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Step 2 of 2")).to_be_visible()
    _tab_to(page, "allow")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activity/**")

    assert outline != "none"
    assert len(study.numbers() - before) == 1
    _leave(page, demo)  # other tests see the same world
    assert study.numbers() == before


def _leave(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/member/me/connections/")
    page.get_by_role("link", name="Leave this project").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You share nothing")).to_be_visible()


def _tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"{name} is not reached with Tab")
