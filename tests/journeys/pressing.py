"""Comes to pages that no link leads to: what a press answers, what a mistake is told, the second step, the staff's."""

import json
import re
import time
from collections.abc import Iterator

import httpx
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page

from tests.journeys.walking import COORDINATOR, JOINER, MEMBER, NOBODY, STAFF, log_in, prove
from tests.servers import Demo

STEP = "/account/second-step/"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
# the form of a page with most to fill in, whatever its browser would say to that
SEND_EMPTY = """() => {
    const blanks = form => form.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), textarea");
    const forms = [...document.querySelectorAll("main form[method=post]")];
    const form = forms.sort((one, other) => blanks(other).length - blanks(one).length)[0];
    blanks(form).forEach(blank => blank.value = "");
    form.noValidate = true;
    form.requestSubmit(form.querySelector('[type=submit]'));
}"""
# forms that are sent with nothing in them
EMPTY = {
    NOBODY: ["/account/signup/", "/account/login/", "/account/password/reset/"],
    MEMBER: [
        *("/member/me/account-settings/", "/account/password/change/", "/member/me/change-email/", "/account/delete/"),
        "/member/me/data/add/",
    ],
    COORDINATOR: [
        *("/direct-sharing/projects/on-site/create/", "/direct-sharing/projects/oauth2/create/"),
        *("/direct-sharing/projects/tokens/study/create/", "/direct-sharing/projects/team/study/"),
        "/data-management/datatypes/create/",
    ],
}


def change_an_ask(page: Page, demo: Demo) -> None:
    """Have the coordinator change a consent text, so that alice sees what is different in more than one place."""
    slug = demo.facts["on_site"]["join_url"].rstrip("/").rsplit("/", 1)[1]
    page.goto(f"{demo.url}/direct-sharing/projects/on-site/update/{slug}/")
    text = page.locator("[name=consent_text]")
    text.fill(f"{text.input_value()}\n\nYou get a letter once a year.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()


def pressed(page: Page, demo: Demo, who: str) -> Iterator[str]:
    """Yield what each page is that this person comes to; it stands on the screen then."""
    slug = demo.facts["on_site"]["join_url"].rstrip("/").rsplit("/", 1)[1]
    for path in EMPTY.get(who, []):
        page.goto(demo.url + path.replace("/study/", f"/{slug}/"))
        with page.expect_navigation():
            page.evaluate(SEND_EMPTY)
        page.locator(".error, .errorlist, [role=alert]").first.wait_for()
        yield f"{path}, sent empty"
    if who == COORDINATOR:
        yield from _secrets(page, demo, slug)
    if who == MEMBER:
        yield from _mute(page, demo)
    if who == JOINER:
        yield from _second_step(page, demo)
    if who == STAFF:
        yield from _staff(page, demo)


def _secrets(page: Page, demo: Demo, slug: str) -> Iterator[str]:
    page.goto(f"{demo.url}/direct-sharing/projects/on-site/{slug}/")
    token = page.locator("main a[href*='/tokens/']").evaluate_all("links => links.map(link => link.href)")
    for what in ("wrong", "reveal", "rotate"):
        page.goto(next(address for address in token if re.search(r"/\d+/$", address)))
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        field = page.locator(f"[name={'reveal' if what == 'wrong' else what}-password]")
        field.fill("wrong" if what == "wrong" else _password(demo, COORDINATOR))
        field.press("Enter")
        page.wait_for_load_state()
        yield f"a token, {what}"


def _mute(page: Page, demo: Demo) -> Iterator[str]:
    bearer = {"Authorization": f"Bearer {demo.facts['on_site']['master_token']}"}
    said = {"all_members": "True", "subject": "Week 3", "message": "Hello"}
    httpx.post(f"{demo.url}/api/direct-sharing/project/message/", headers=bearer, data=said).raise_for_status()
    page.goto(_mailed(demo, r"http://\S+/mute/\S+"))
    yield "a link to mute a project"


def _mailed(demo: Demo, wanted: str) -> str:
    """Return the first of these links that somebody is sent; a worker does that."""
    for _ in range(100):
        found = re.search(wanted, demo.run("written-mail").replace("\\n", "\n"))
        if found:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"nobody was sent {wanted}")


def _second_step(page: Page, demo: Demo) -> Iterator[str]:
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable")
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.goto(f"{demo.url}{STEP}codes/on/")
    prove(page, demo, JOINER)
    secret = page.locator("code.hash").inner_text()
    page.locator("[name=code]").fill("000000")
    page.locator("[name=code]").press("Enter")
    page.locator(".errorlist, .error").first.wait_for()
    yield "codes from an app, a wrong one"
    secret = page.locator("code.hash").inner_text()
    page.locator("[name=code]").fill(str(format_hotp_value(hotp_value(secret, int(time.time()) // 30))))
    page.locator("[name=code]").press("Enter")
    page.locator(".codes").wait_for()
    codes = page.locator(".codes code").all_inner_texts()
    yield "codes to keep"
    page.goto(f"{demo.url}{STEP}keys/add/")
    page.get_by_label("What you call it").fill("My phone")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/second-step/")
    yield from _of_a_second_step(page, demo)
    page.context.clear_cookies()
    log_in(page, demo, JOINER)
    yield "the second step, when logging in"
    page.locator("[name=code]").fill(codes[0])
    page.locator("[name=code]").press("Enter")
    page.wait_for_url("**/member/me/**")


def _of_a_second_step(page: Page, demo: Demo) -> Iterator[str]:
    for path in ("", "kept/", "kept/make/", "codes/off/", "keys/", "reauthenticate/", "keys/reauthenticate/"):
        page.goto(f"{demo.url}{STEP}{path}")
        yield f"the second step, {path}"
    page.goto(f"{demo.url}{STEP}keys/")
    for address in page.locator("main .rows a").evaluate_all("links => links.map(link => link.href)"):
        page.goto(address)
        yield f"a key, {address.rsplit('/', 2)[1]}"


def _staff(page: Page, demo: Demo) -> Iterator[str]:
    """Open each list of the staff, the first line of each, and a question before something is done."""
    page.goto(f"{demo.url}/admin/")
    lists = page.locator("th a").evaluate_all("links => links.map(link => link.href)")
    for address in [f"{demo.url}/admin/", f"{demo.url}/admin/password_change/", *dict.fromkeys(lists)]:
        page.goto(address)
        yield address.removeprefix(demo.url)
        rows = page.locator("#result_list tbody th a").evaluate_all("links => links.map(link => link.href)")
        if rows:
            page.goto(rows[0])
            yield rows[0].removeprefix(demo.url)


def _password(demo: Demo, who: str) -> str:
    kept = json.loads((demo.folder / "demo.json").read_text("utf-8"))
    return str(kept["world"]["passwords"][who])
