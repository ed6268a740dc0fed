"""Walks through all pages of the demo, as each of its people: from a list, and on by every link."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import Resolver404, resolve
from playwright.sync_api import Page, Response

from consentry_server.ops.world.folder import NAME
from tests.doors.web.addresses import OPEN, PRIVATE
from tests.doors.web.person import AUTHORIZE, JOIN
from tests.journeys.looking import LINKS, look
from tests.servers import Demo

NOBODY, MEMBER, JOINER, COORDINATOR, STAFF = "nobody", "alice", "joiner", "coordinator", "operator"
APP = "/direct-sharing/projects/oauth2/authorize/?response_type=code&client_id="
# the order is that of the walks: of pages that are alike, those are looked at that show the most
STARTS = {
    NOBODY: [*OPEN, "/account/password/reset/key/done/", "/direct-sharing/authorize-inactive/", "/nothing/"],
    MEMBER: [*PRIVATE, *OPEN, "/account/logout/"],
    JOINER: [f"{JOIN}/study/", f"{AUTHORIZE}/study/", APP, "/member/me/invitations/"],
    COORDINATOR: [
        *("/direct-sharing/projects/manage/", "/activity/study/", "/direct-sharing/projects/team/study/"),
        "/direct-sharing/projects/members/study/",
    ],
    STAFF: ["/direct-sharing/review/"],
}
NO_PAGES = ("export_access_log", "picture", "badge", "")  # "" is an address of no page: of the API, or of nothing
# how many of a kind are looked at: these differ by what they show
MORE = {"guide": 10, "file": 8, "project": 2, "activity": 2, "source": 2, "create_project": 2}
OF_EACH = (
    "activity",
    "front",
    "manage",
    "review_queue",
    "join",
    "authorize",
    "invitations",
)  # these differ by who looks
OF_ALL = ("guide",)  # and these by nobody


@dataclass
class Walk:
    """Where people were, and what was seen there."""

    demo: Demo
    eye: Callable[[Page, str, str], Any] = look
    looks: list[Any] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)

    def go(self, page: Page, who: str) -> None:
        """Open each page that this person comes to; of pages that are alike one or a few."""
        todo = list(self.starts(who))
        known = set(todo)
        while todo:
            address = todo.pop(0)
            if self.full(address, who) or not self.arrives(page, page.goto(self.demo.url + address), who):
                continue
            found = page.locator("a[href]").evaluate_all(LINKS)
            self.looks.append(self.eye(page, who, address))
            if named(page.evaluate("location.pathname")) == "account_reauthenticate":
                prove(page, self.demo, who)
                todo.append(address)
            todo += [link for link in dict.fromkeys(found) if link not in known and named(link) not in NO_PAGES]
            known.update(found)

    def see(self, page: Page, who: str, what: str) -> None:
        """Look at the page that stands here, and note which it is."""
        self.names.add(named(page.evaluate("location.pathname")))
        self.looks.append(self.eye(page, who, what))

    def starts(self, who: str) -> Iterator[str]:
        """Say where somebody begins; what the list calls `study` is one of the demo's projects."""
        slug = self.demo.facts["on_site"]["join_url"].rstrip("/").rsplit("/", 1)[1]
        app = self.demo.facts["oauth2"]["client_id"]
        yield from (path.replace("/study/", f"/{slug}/").replace(APP, APP + app) for path in STARTS[who])

    def full(self, address: str, who: str) -> bool:
        """Say whether enough pages of this kind were seen by people like this one."""
        name = named(address)
        return self.seen[like(name, who)] >= MORE.get(name, 1)

    def arrives(self, page: Page, answer: Response | None, who: str) -> bool:
        """Say whether this is a page that is worth a look: an address may lead elsewhere, or nowhere."""
        address = page.evaluate("location.pathname")
        missing = answer is not None and answer.status == 404
        if self.full("/nothing/" if missing else address, who):
            return False
        self.seen[like("" if missing else named(address), who)] += 1
        self.names.update([] if missing else [named(address)])
        return True


def like(name: str, who: str) -> str:
    """Return one word for pages that differ by nothing but what people have."""
    if name in OF_ALL:
        return name
    return f"{name} of {who if name in OF_EACH or who == NOBODY else 'anybody'}"


def named(address: str) -> str:
    """Return the name of the page at an address, "" where there is none."""
    try:
        return resolve(address.split("?", 1)[0]).view_name
    except Resolver404:
        return ""


def log_in(page: Page, demo: Demo, who: str) -> None:
    """Come in by the form, as anybody does."""
    page.goto(f"{demo.url}/account/login/")
    page.locator("[name=login]").fill(who)
    prove(page, demo, who)


def prove(page: Page, demo: Demo, who: str) -> None:
    """Give the password on the page that asks for it, and go where that leads."""
    kept = json.loads((demo.folder / NAME).read_text("utf-8"))
    here = page.url
    page.locator("[name=password]").fill(kept["world"]["passwords"][who])
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: url != here)
