"""The published package django-open-humans 0.2.0, unmodified, on a site of its own, with a real browser."""

import json
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.contract.apps import API, HOOKED, WITHIN, bearer, numbers, verified
from tests.contract.mails import mailed
from tests.journeys.conftest import chromium
from tests.servers import Demo

pytestmark = [pytest.mark.published, pytest.mark.browser, pytest.mark.usefixtures("as_it_was")]
PROGRAM = Path(__file__).with_name("openhumans_site.py")
MEMBER = "import io, json\nfrom openhumans.models import OpenHumansMember\nmember = OpenHumansMember.objects.get()\n"


@dataclass
class Site:
    """The app maker's site: what it heard from us, and how to have it do something."""

    command: list[str | Path]
    environment: dict[str, str]
    folder: Path

    def do(self, code: str) -> Any:
        """Run lines as a task of the site; they print JSON, or nothing."""
        done = subprocess.run(
            [*self.command, "do"], env=self.environment, input=code, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    def heard(self, count: int) -> dict[str, Any]:
        """Wait for that many calls of the webhook, and return the last."""
        until, path = time.monotonic() + WITHIN, self.folder / "heard"
        while not path.exists() or len(path.read_text().splitlines()) < count:
            assert time.monotonic() < until, "the webhook hears nothing"
            time.sleep(0.05)
        found: dict[str, Any] = json.loads(path.read_text().splitlines()[-1])
        return found


@pytest.fixture
def site(published: Path, demo: Demo, tmp_path: Path) -> Iterator[Site]:
    """The site, where the demo's app wants to hear of departures."""
    app = demo.facts[HOOKED]
    known = {"CLIENT_ID": app["client_id"], "CLIENT_SECRET": app["client_secret"], "FOLDER": str(tmp_path)}
    known |= {"WEBHOOK_SECRET": app["webhook_secret"], "SITE": demo.url, "PATH": "/usr/bin:/bin"}
    # the package sends messages by the other package's own setting
    found = Site([published / "python", PROGRAM], known | {"OHAPI_OH_BASE_URL": demo.url}, tmp_path)
    words = [*found.command, "serve", str(port_of(demo))]
    with subprocess.Popen(words, env=found.environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "serving\n"
        try:
            yield found
        finally:
            server.terminate()


def port_of(demo: Demo) -> int:
    return urlsplit(demo.facts[HOOKED]["deauth_webhook"]).port or 0


@pytest.fixture
def page(demo: Demo) -> Iterator[Page]:
    """A browser that finds the site where its redirect address says that it is."""
    with chromium(f"--host-resolver-rules=MAP 127.0.0.1:5000 127.0.0.1:{port_of(demo)}") as browser:
        yield browser.new_page()


def connect(page: Page, demo: Demo, *, log_in: bool) -> None:
    """Go to the site, from there to us, say yes, and come back."""
    page.context.clear_cookies(name="sessionid")  # of the site, not ours
    page.goto("http://127.0.0.1:5000/")
    page.get_by_role("link", name="Connect").click()
    if log_in:
        user = demo.facts["users"]["joiner"]
        page.locator("[name=login]").fill(user["username"])
        page.locator("[name=password]").fill(user["password"])
        page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="Yes, let it in").click()
    expect(page.get_by_text("Hello, ")).to_be_visible()
    assert page.url == "http://127.0.0.1:5000/"


def test_a_member_connects_the_site_acts_for_them_and_lets_them_go(demo: Demo, site: Site, page: Page) -> None:
    before, subject = numbers(demo, HOOKED), f"Letter {secrets.token_hex(4)}"
    connect(page, demo, log_in=True)
    (number,) = numbers(demo, HOOKED) - before
    assert page.get_by_text(f"Hello, {number}_openhumans").is_visible()

    upload_and_list(site, demo)
    site.do(MEMBER + f"member.message({subject!r}, 'You are {{{{ PROJECT_MEMBER_ID }}}}')")
    assert mailed(demo, subject, 1)["joiner@example.org"].splitlines()[0] == f"You are {number}"
    token = refreshed(site, demo)

    site.do(MEMBER + "member.deauth()")
    call = site.heard(1)
    told = verified(demo, call["head"], call["body"].encode())
    assert call["said"] == "200 OK", "the package verifies the signature of Open Humans"
    assert (told["project_member_id"], told["erasure_requested"]) == (number, False)
    assert site.do(MEMBER + "print(json.dumps([member.oh_id, member.oh_deauth]))") == [number, True]
    assert httpx.get(f"{demo.url}{API}/exchange-member/", headers=bearer(token)).status_code == 401
    assert numbers(demo, HOOKED) == before


def upload_and_list(site: Site, demo: Demo) -> None:
    """Bring a file, find it among those that are shared, and delete it."""
    code = (
        "metadata = {'description': 'Letter, week 9', 'tags': ['letter']}\n"
        "def names(): return sorted(file['basename'] for file in member.list_files())\n"
        "before = names()\n"
        "member.upload(io.BytesIO(b'Dear Joy'), 'letter.txt', metadata)\n"
        "after = names()\n"
        "member.delete_single_file(file_basename='letter.txt')\n"
        "print(json.dumps([before, after, names()]))"
    )
    before, after, end = site.do(MEMBER + code)
    assert len(before) == demo.facts["users"]["joiner"]["n_files"]
    assert after == sorted([*before, "letter.txt"])
    assert end == before


def refreshed(site: Site, demo: Demo) -> str:
    """Let the token be about to expire: the package refreshes it by itself. Return the new one."""
    code = (
        "import arrow\n"
        "old = member.access_token\n"
        "member.token_expires = arrow.now().shift(seconds=59).datetime\n"
        "new = member.get_access_token()\n"
        "print(json.dumps([old, new, OpenHumansMember.objects.get().access_token, len(member.list_files())]))"
    )
    old, new, kept, count = site.do(MEMBER + code)
    assert old != new == kept
    assert count == demo.facts["users"]["joiner"]["n_files"]
    assert httpx.get(f"{demo.url}{API}/exchange-member/", headers=bearer(old)).status_code == 401
    return str(new)


def test_the_site_forgets_a_member_who_leaves_here_and_asks_for_erasure(demo: Demo, site: Site, page: Page) -> None:
    connect(page, demo, log_in=True)
    page.goto(f"{demo.url}/activity/sunday-letter/")
    page.get_by_role("link", name="Leave").click()
    page.locator("[name=erasure_requested]").check()
    page.get_by_role("main").get_by_role("button", name="Leave").click()
    call = site.heard(1)

    assert verified(demo, call["head"], call["body"].encode())["erasure_requested"] is True
    # it calls remove-members with the token of the member whom it forgets, which is over: that harms nobody
    assert call["said"] == "200 OK"
    assert site.do("from openhumans.models import OpenHumansMember\nprint(OpenHumansMember.objects.count())") == 0
    connect(page, demo, log_in=False)
