"""145: what browsers report is written down, with nothing in it that could be a secret, and not without end."""

import json
from typing import Any

import pytest

from consentry_server.web.reports import LONGEST, PATH
from consentry_server.web.tries import REPORTS
from tests.doors.web.person import Person

REPORT = {
    "document-uri": "http://testserver/account/password/reset/key/2-abcsecret/?token=secret#secret",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://me:secret@evil.example:8443/secret?secret",
}


def send(person: Person, report: Any) -> int:
    content = report if isinstance(report, bytes) else json.dumps({"csp-report": report}).encode()
    headers = {"Content-Type": "application/csp-report"}
    return person.browser.post(PATH, content=content, headers=headers).status_code


def test_145_every_page_says_where_to_report(anybody: Person) -> None:
    assert f"report-uri {PATH}" in anybody.get("/").headers["Content-Security-Policy"]


def test_145_a_report_is_written_down_without_what_may_be_secret(
    anybody: Person, caplog: pytest.LogCaptureFixture
) -> None:
    assert send(anybody, REPORT) == 204
    assert "script-src-elem from evil.example:8443 on" in caplog.text
    assert "account/password/reset/key/" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("source", ["inline", "eval", "data"])
def test_145_what_has_no_address_is_named(anybody: Person, caplog: pytest.LogCaptureFixture, source: str) -> None:
    assert send(anybody, REPORT | {"blocked-uri": source}) == 204
    assert f"from {source} on" in caplog.text


@pytest.mark.parametrize("name", list(REPORT))
@pytest.mark.parametrize("odd", ["", "a\nb", "\x1b[31m", "http://[", "é" * 400, "http://a\nb/", "x" * 5000])
def test_145_a_made_up_report_writes_no_line_of_its_own(
    anybody: Person, caplog: pytest.LogCaptureFixture, name: str, odd: str
) -> None:
    assert send(anybody, REPORT | {name: odd}) in (204, 400)
    for record in caplog.records:
        assert record.getMessage().isascii()
        assert record.getMessage().isprintable()
        assert len(record.getMessage()) < 300


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff", b"[" * 10_000, b'{"csp-report": 1}', b'{"csp-report": {"blocked-uri": 1}}',
             json.dumps({"csp-report": REPORT | {"document-uri": 1}}).encode()],
)  # fmt: skip
def test_145_what_is_no_report_is_refused(anybody: Person, body: bytes) -> None:
    assert send(anybody, body) == 400


def test_145_a_long_report_and_too_many_are_not_read(anybody: Person, caplog: pytest.LogCaptureFixture) -> None:
    assert send(anybody, b"x" * (LONGEST + 1)) == 413
    assert [send(anybody, REPORT) for _ in range(REPORTS)] == [204] * (REPORTS - 1) + [429]
    assert anybody.get(PATH).status_code == 405
