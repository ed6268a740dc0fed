"""Every page of the demo, looked at with axe-core at 390 and 1280 pixels, in light and in dark."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import chromium
from tests.journeys.looking import MOVES_AT_MOST, axe, eyes
from tests.journeys.pressing import change_an_ask, pressed
from tests.journeys.walking import COORDINATOR, NO_PAGES, NOBODY, STARTS, Walk, log_in
from tests.servers import Demo, demo_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# what answers a press of a button by leading to another page, or shows a page of the others once more
PRESSED = {
    "approve_review", "ask_review", "end_client_secret", "language", "notices", "remark_own_review", "remark_review",
    "replace_client_secret", "replace_webhook_secret", "replay_webhook", "return_review",
    "reveal_webhook_secret", "revoke_token", "set_muted", "sign_out", "withdraw_review",
    "mfa_login_webauthn", "tongue", "withdraw_invitation", "set_role", "remove_colleague", "hand_over",
    "keep_project", "take_over", "leave_team", "answer_invitation", "policy_report",
}  # fmt: skip
# everybody here has a password
NOT_IN_THE_DEMO = {"account_set_password"}


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Let each of the demo's people look at all that they can open, where no other test was before them."""
    axe()
    # browsers give no passkey to a bare address
    with demo_server(tmp_path_factory.mktemp("walk"), "--host", "localhost") as demo:
        yield walked(demo)


def walked(demo: Demo) -> Walk:
    walk = Walk(demo)
    with chromium() as browser:
        change_an_ask(_entered(browser, demo, COORDINATOR), demo)
        for who in STARTS:
            page = _entered(browser, demo, who)
            walk.go(page, who)
            for what in pressed(page, demo, who):
                walk.see(page, who, what)
            page.context.close()
    return walk


def _entered(browser: Browser, demo: Demo, who: str) -> Page:
    page = eyes(browser).new_page()
    if who != NOBODY:
        log_in(page, demo, who)
    return page


def test_no_page_breaks_a_rule_of_axe(walk: Walk) -> None:
    assert [f"{look}: {said}" for look in walk.looks for said in look.broken] == []


def test_nothing_of_a_page_lies_beside_a_phone(walk: Walk) -> None:
    assert [f"{look}: {look.beside} pixels" for look in walk.looks if look.beside > 0] == []


def test_nothing_moves_while_a_page_loads(walk: Walk) -> None:
    # Django's own lists count the lines that are ticked once their script runs
    ours = [look for look in walk.looks if not look.address.startswith("/admin/")]
    assert [f"{look}: {look.moved}" for look in ours if look.moved >= MOVES_AT_MOST] == []


def test_every_page_that_the_demo_can_show_was_looked_at(walk: Walk) -> None:
    pages = set(names(get_resolver().url_patterns)) - PRESSED - NOT_IN_THE_DEMO - set(NO_PAGES)

    assert pages - walk.names == set()
    assert (PRESSED | NOT_IN_THE_DEMO) & walk.names == set(), "these can be looked at: take them from the lists"


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """Name all pages but those of Django's admin."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from names(each.url_patterns) if each.app_name != "admin" else ()
        elif each.name:
            yield each.name
