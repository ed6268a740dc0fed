"""Looks at a page as axe-core does, on a phone and on a desk, in light and in dark."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

AXE = Path(__file__).parents[2] / "requirements/node_modules/axe-core/axe.min.js"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = {"runOnly": ["color-contrast"]}
ALL = {"runOnly": RULES, "rules": {"target-size": {"enabled": True}}}
ALL_BUT_CONTRAST = {"runOnly": RULES, "rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}}}
MOVES_AT_MOST = 0.01
# colours that fade into those of the dark have done so
SETTLED = "() => document.getAnimations().forEach(each => each.finish())"
# a new page is watched from its first moment on
WATCH = """
window.moves = [];
new PerformanceObserver(list => window.moves.push(...list.getEntries()))
    .observe({type: "layout-shift", buffered: true});
"""
MOVED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() =>
    done(window.moves.reduce((sum, move) => sum + move.value, 0))))))"""
BESIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPENED = "() => document.querySelectorAll('details').forEach(each => each.open = true)"
LINKS = "links => links.filter(link => link.origin === location.origin).map(link => link.pathname + link.search)"


@dataclass(frozen=True)
class Look:
    """What was seen of a page."""

    who: str
    address: str
    broken: tuple[str, ...]  # rules of axe, where, and why
    beside: int  # pixels that lie beside a phone's screen
    moved: float  # the sum of what moved while it loaded

    def __str__(self) -> str:
        return f"{self.address}, seen by {self.who}"


def axe() -> str:
    """Return axe-core, as `.ci/axe` fetched it."""
    if not AXE.exists():
        assert os.environ.get("CI") != "true", "axe-core is missing, and CI must look at every page: run .ci/axe"
        pytest.skip("NOT LOOKED AT: axe-core is missing; .ci/axe fetches it")
    return AXE.read_text("utf-8")


def eyes(browser: Browser) -> BrowserContext:
    """Open a phone that notes what moves."""
    context = browser.new_context(viewport=PHONE, color_scheme="light")  # type: ignore[arg-type]
    context.add_init_script(WATCH)
    return context


def look(page: Page, who: str, address: str) -> Look:
    """Look at the page that was just loaded on a phone, with all that can be folded out."""
    moved = page.evaluate(MOVED)
    beside = page.evaluate(BESIDE)
    page.evaluate(OPENED)
    beside = max(beside, page.evaluate(BESIDE))
    page.evaluate(axe())
    found = broken(page, "390 pixels", ALL_BUT_CONTRAST)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    found += broken(page, "1280 pixels", ALL)
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    found += broken(page, "dark", CONTRAST)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return Look(who, address, tuple(found), beside, moved)


def broken(page: Page, at: str, options: dict[str, Any]) -> list[str]:
    """Return the rules that a page breaks, where axe-core is loaded already."""
    found = page.evaluate(
        f"() => axe.run(document, {json.dumps(options | {'resultTypes': ['violations']})}).then(all => all.violations)"
    )
    return [
        f"{rule['id']} at {at}: {node['target']} {' '.join(node['failureSummary'].split())[:300]}"
        for rule in found
        for node in rule["nodes"]
    ]
