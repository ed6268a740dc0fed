"""In a browser: who runs the installation shuts a member's account, opens it again, and reads what was done."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.screens import Screen, nothing_is_cut
from tests.journeys.test_projects import log_in
from tests.servers import Demo

pytestmark = pytest.mark.browser
MEMBERS = "/admin/members/member/"


def press(page: Page, demo: Demo, who: str, action: str) -> None:
    """Find somebody in the list, and choose what happens to them."""
    page.goto(f"{demo.url}{MEMBERS}?q={who}")
    page.get_by_role("row").filter(has=page.get_by_role("link", name=who, exact=True)).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(label=action)
    page.get_by_role("button", name=re.compile("^(Go|Run)")).click()


def enters(page: Page, demo: Demo) -> bool:
    """Let joiner log in; say whether that lets them see what is theirs."""
    joiner = demo.facts["users"]["joiner"]
    page.goto(f"{demo.url}/account/login/")
    page.locator("[name=login]").fill(joiner["username"])
    page.locator("[name=password]").fill(joiner["password"])
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/account/login/"))
    answer = page.goto(f"{demo.url}/member/me/")
    return answer is not None and not answer.request.redirected_from


def test_staff_shut_an_account_open_it_again_and_it_is_on_record(browser: Browser, demo: Demo, screen: Screen) -> None:
    staff, joiner = screen.open(browser), screen.open(browser)
    log_in(staff, demo, "operator")
    press(staff, demo, "joiner", "Suspend: shut the account and every path to its data")
    assert not enters(joiner, demo)

    press(staff, demo, "joiner", "Reinstate: open the account and its sharing again")
    assert enters(joiner, demo)
    nothing_is_cut(joiner)
    staff.goto(f"{demo.url}/admin/audit/event/")
    for name in ("member.suspend", "member.reinstate"):
        expect(staff.get_by_text(name).first).to_be_visible()
    assert staff.goto(f"{demo.url}/admin/members/member/add/").status == 403  # type: ignore[union-attr]
