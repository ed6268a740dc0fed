"""Pages in German on a phone: nothing lies beside it, nothing is cut, nothing moves, nothing is English."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from tests.architecture import words
from tests.journeys.conftest import chromium
from tests.journeys.looking import ALL_BUT_CONTRAST, BESIDE, MOVED, MOVES_AT_MOST, OPENED, PHONE, WATCH, axe, broken
from tests.journeys.walking import COORDINATOR, JOINER, MEMBER, NOBODY, STAFF, STARTS, log_in
from tests.servers import Demo

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MORE = {COORDINATOR: ["/direct-sharing/projects/on-site/study/", "/direct-sharing/projects/on-site/update/study/"]}
# these are scrolled, or hidden on a phone
SCROLLED = ".wide, .diff, pre, svg, thead, input, textarea, select"
CUT = """scrolled => [...document.querySelectorAll("body *")].filter(each => {
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    if (!each.checkVisibility() || box.width <= 1 || each.closest(scrolled)) return false;
    const hides = ["hidden", "clip"].includes(style.overflowX) && each.scrollWidth > each.clientWidth + 1;
    return hides || box.right > document.documentElement.clientWidth + 1;
}).map(each => each.outerHTML.slice(0, 120))"""
# what people wrote is in their own language, and so is code
OTHERS = "bdi, code, pre, svg, script, [lang=en], .consent"
TEXTS = """others => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
        if (!walker.currentNode.parentElement.closest(others))
            found.push(walker.currentNode.data.trim().replace(/\\s+/g, " "));
    return found;
}"""


@dataclass(frozen=True)
class Seen:
    """What a phone showed of a page."""

    where: str
    language: str
    beside: int
    cut: tuple[str, ...]
    moved: float
    texts: frozenset[str]
    broken: tuple[str, ...]  # rules of axe


@pytest.fixture(scope="module")
def pages(demo: Demo) -> list[Seen]:
    """What each of the demo's people sees who reads German."""
    with chromium() as browser:
        return [seen for who in (NOBODY, MEMBER, JOINER, COORDINATOR, STAFF) for seen in _walk(browser, demo, who)]


def _walk(browser: Browser, demo: Demo, who: str) -> Iterator[Seen]:
    context = browser.new_context(viewport=PHONE, locale="de-DE")  # type: ignore[arg-type]
    context.add_init_script(WATCH)
    page = context.new_page()
    if who != NOBODY:
        log_in(page, demo, who)
    slug = demo.facts["on_site"]["join_url"].rstrip("/").rsplit("/", 1)[1]
    app = demo.facts["oauth2"]["client_id"]
    public = () if who == NOBODY else STARTS[NOBODY]
    for address in [*STARTS[who], *MORE.get(who, [])]:
        if address in public:
            continue
        path = address.replace("/study/", f"/{slug}/")
        page.goto(demo.url + (path + app if path.endswith("client_id=") else path))
        yield _look(page, f"{path}, seen by {who}")
    context.close()


def _look(page: Page, where: str) -> Seen:
    moved, language = page.evaluate(MOVED), page.evaluate("document.documentElement.lang")
    page.evaluate(OPENED)
    texts = frozenset(page.evaluate(TEXTS, OTHERS))
    page.evaluate(axe())
    rules = tuple(broken(page, "390 pixels", ALL_BUT_CONTRAST))
    return Seen(where, language, page.evaluate(BESIDE), tuple(page.evaluate(CUT, SCROLLED)), moved, texts, rules)


def test_every_page_is_german(pages: list[Seen]) -> None:
    assert [page.where for page in pages if page.language != "de"] == []


def test_no_german_page_breaks_a_rule_of_axe(pages: list[Seen]) -> None:
    assert [f"{page.where}: {said}" for page in pages for said in page.broken] == []


def test_nothing_lies_beside_a_phone_or_is_cut(pages: list[Seen]) -> None:
    assert [(page.where, page.beside, page.cut) for page in pages if page.beside > 0 or page.cut] == []


def test_nothing_moves_while_a_german_page_loads(pages: list[Seen]) -> None:
    assert [(page.where, page.moved) for page in pages if page.moved >= MOVES_AT_MOST] == []


def test_no_words_are_left_in_english(pages: list[Seen]) -> None:
    known = [message for message in words.known("de") if isinstance(message.id, str) and message.id]
    german = {message.string for message in known}
    english = {message.id for message in known if message.id != message.string and message.id not in german}

    assert {page.where: page.texts & english for page in pages if page.texts & english} == {}
