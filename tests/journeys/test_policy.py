"""131, 145: what got into a page all the same does nothing there, and a browser says so."""

from playwright.sync_api import Browser, Request

from tests.servers import Demo

EVIL = """document.querySelector("main").insertAdjacentHTML("beforeend",
    '<img src="/static/x.png" onerror="window.ran = 1"><iframe src="https://evil.example/"></iframe>');
const script = document.createElement("script");
script.textContent = "window.ran = 1";
document.body.append(script);
const style = document.createElement("style");
style.textContent = "main { display: none }";
document.body.append(style);"""


def test_145_what_was_smuggled_into_a_page_does_nothing_and_is_reported(demo: Demo, browser: Browser) -> None:
    page = browser.new_context().new_page()
    reports: list[Request] = []
    page.on("request", lambda request: reports.append(request) if "/policy-reports/" in request.url else None)
    page.goto(demo.url)
    page.evaluate(EVIL)
    page.wait_for_timeout(500)

    assert page.evaluate("window.ran") is None
    assert page.locator("main").is_visible()
    refused = [request.post_data_json["csp-report"]["effective-directive"] for request in reports]
    assert {"script-src-attr", "script-src-elem", "style-src-elem", "frame-src"} <= set(refused)
    answers = [answer.status for report in reports if (answer := report.response()) is not None]
    assert set(answers) == {204}
    page.context.close()
