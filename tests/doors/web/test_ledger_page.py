"""The page of the access ledger: filters, pages, and the whole of it to take along."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.database import stamp
from consentry_server.files.actions import Line, write_ledger
from consentry_server.files.models import DataFile
from consentry_server.files.queries import accesses
from consentry_server.projects import actions as projects
from consentry_server.web.ledger import harmless
from tests.doors.web.person import Person, seen
from tests.world import THEN, World, authorize

LEDGER = "/member/me/access-log/"
CSV, JSON = "/member/me/access-log.csv", "/member/me/access-log.json"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(world: World, anybody: Person, path: str, **query: str) -> httpx.Response:
    """Call the API as the study does."""
    bearer = {"Authorization": f"Bearer {world.token}"}
    address = f"/api/direct-sharing/project/{path}"
    return anybody.browser.get(address, params=query, headers=bearer)


def note(world: World, kind: str = "member", *, at: datetime = NOON, times: int = 1, **more: object) -> None:
    """Write lines into alice's ledger, as reads of the study do."""
    seat = world.of_alice.project_member_id
    line = {"at": stamp(at), "kind": kind, "project_id": world.study.pk, "first_member": seat, "last_member": seat}
    said: dict[str, Any] = line | {"address": "203.0.113.9", "fingerprint": "ab"} | more
    write_ledger([Line(**said)] * times)


def test_the_ledger_says_who_read_what_when_and_from_where(
    world: World, alice: Person, bob: Person, joiner: Person, anybody: Person
) -> None:
    listed = read(world, anybody, "members/").json()
    number = {"project_member_id": world.alice_number}
    read(world, anybody, "exchange-member/", **number)
    rows = [row for row in listed["results"] if row["project_member_id"] == world.alice_number]
    url = rows[0]["data"][0]["download_url"].removeprefix("http://testserver")
    anybody.browser.get(anybody.browser.get(url).headers["Location"])
    page = seen(alice.get(LEDGER))

    assert "Study downloaded alice.csv , 8" in page.replace("\xa0", " ")
    assert "Study listed your files: 1 of them" in page
    assert "Study listed its members, you among them" in page
    assert "127.0.0.1" in page
    assert "Study downloaded" not in seen(bob.get(LEDGER))
    assert "Study listed its members" in seen(bob.get(LEDGER))
    assert "No project has read anything of yours" in seen(joiner.get(LEDGER))
    assert anybody.get(LEDGER).status_code == 302


def test_lines_are_found_by_project_by_what_it_did_and_by_day(world: World, alice: Person) -> None:
    other = authorize(world.alice, world.other)
    note(world, "download", file_id=world.file_id, files=1, size=8)
    note(world, "links", at=NOON + timedelta(days=1), files=7)
    seat = other.project_member_id
    note(world, "archive", project_id=world.other.pk, first_member=seat, last_member=seat, files=3, size=9)

    def found(**query: str) -> set[str]:
        page = seen(alice.get(LEDGER, **query))
        return {what for what in ("downloaded alice.csv", "links to 7", "archive with 3") if what in page}

    assert found() == {"downloaded alice.csv", "links to 7", "archive with 3"}
    assert found(project=str(world.other.pk)) == {"archive with 3"}
    assert found(kind="links") == {"links to 7"}
    assert found(since="2026-03-02") == {"links to 7"}
    assert found(until="2026-03-01") == {"downloaded alice.csv", "archive with 3"}
    assert found(since="2026-03-01", until="2026-03-01", kind="download", project=str(world.study.pk)) == {
        "downloaded alice.csv"
    }
    assert "No line is like that." in seen(alice.get(LEDGER, kind="members"))


def test_a_day_is_a_whole_one_to_its_last_moment(world: World, alice: Person) -> None:
    note(world, "links", at=datetime(2026, 3, 1, tzinfo=UTC), files=1)
    note(world, "links", at=datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC), files=2)
    note(world, "links", at=datetime(2026, 3, 2, tzinfo=UTC), files=3)
    page = seen(alice.get(LEDGER, since="2026-03-01", until="2026-03-01"))

    assert [f"links to {nth} of" in page for nth in (1, 2, 3)] == [True, True, False]


def test_pages_keep_the_filter(world: World, alice: Person) -> None:
    note(world, "links", times=60, files=7)
    note(world, "member", times=60)
    first = alice.get(LEDGER, kind="links")

    assert 'href="?kind=links&amp;page=2"' in first.text
    assert 'href="/member/me/access-log.csv?kind=links&amp;"' in first.text
    assert seen(alice.get(LEDGER, kind="links", page="2")).count("links to 7 of") == 10


@pytest.mark.parametrize("name", ["project", "kind", "since", "until", "page"])
@pytest.mark.parametrize(
    "wrong",
    ["x", "-1", "999999", "1e3", "9" * 40, "٣", "' OR 1=1", "2026-02-30", "2026-3-1", "0000-01-01", "%", "a" * 5000],
)
def test_176_184_a_strange_filter_is_said_so_and_exports_nothing(
    world: World, alice: Person, name: str, wrong: str
) -> None:
    note(world, "links", files=7)
    page, exported = alice.get(LEDGER, **{name: wrong}), alice.get(CSV, **{name: wrong})
    if name == "page" or (name, wrong) in (("since", "2026-3-1"), ("until", "2026-3-1")):
        assert (page.status_code, exported.status_code) == (200, 200)
    else:
        assert (page.status_code, exported.status_code) == (400, 400)
        assert "Correct the filter" in seen(page)
        assert "links to 7" not in page.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_173_the_ends_of_the_calendar_are_days_like_others(world: World, alice: Person, day: str) -> None:
    note(world, "links", files=7)
    for query in ({"since": day}, {"until": day}, {"since": day, "until": day}):
        assert alice.get(LEDGER, **query).status_code == 200
    assert "links to 7" in seen(alice.get(LEDGER, since="0001-01-01", until="9999-12-31"))


def test_a_last_day_before_the_first_is_said_so(alice: Person) -> None:
    page = alice.get(LEDGER, since="2026-03-02", until="2026-03-01")

    assert page.status_code == 400
    assert "This is before the first day." in seen(page)


def test_184_other_parameters_filter_nothing(world: World, alice: Person) -> None:
    note(world, "links", files=7)
    page = alice.get(LEDGER, project__coordinator__password__startswith="a", member_id="2", at__gt="x")

    assert "links to 7" in seen(page)


def test_a_project_that_knows_somebody_else_only_is_no_choice(world: World, bob: Person, alice: Person) -> None:
    authorize(world.alice, world.other)

    assert "Other" in alice.get(LEDGER).text
    assert ">Other<" not in bob.get(LEDGER).text
    assert bob.get(LEDGER, project=str(world.other.pk)).status_code == 400


def test_the_whole_ledger_is_taken_along_as_a_table(world: World, alice: Person, bob: Person) -> None:
    note(world, "download", file_id=world.file_id, files=1, size=8)
    note(world, "links", files=7, at=NOON + timedelta(days=1))
    answer = alice.get(CSV)
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert [row["kind"] for row in rows] == ["links", "download"]
    assert rows[1] == {
        "at": "2026-03-01T12:00:00+00:00", "project_id": str(world.study.pk), "project": "Study", "kind": "download",
        "file": "alice.csv", "first_file": "0", "files": "1", "bytes": "8", "address": "203.0.113.9",
    }  # fmt: skip
    assert answer.headers["Content-Disposition"] == 'attachment; filename="access-log.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert len(bob.get(CSV).text.splitlines()) == 1


def test_the_whole_ledger_is_taken_along_as_json(world: World, alice: Person, joiner: Person) -> None:
    note(world, "links", files=7, times=2)
    answer = alice.get(JSON)

    assert [line["files"] for line in answer.json()] == [7, 7]
    assert answer.json()[0]["at"] == "2026-03-01T12:00:00+00:00"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="access-log.json"'
    assert joiner.get(JSON).json() == []


def test_what_is_taken_along_is_what_was_filtered(world: World, alice: Person) -> None:
    note(world, "links", files=7)
    note(world, "member", files=2)

    assert [line["kind"] for line in alice.get(JSON, kind="links").json()] == ["links"]


def test_134_no_cell_of_the_table_is_a_formula(world: World, alice: Person) -> None:
    projects.edit(project=world.study, actor="test", fields={"name": '=HYPERLINK("http://evil")'}, now=THEN)
    for name in ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", " =1", "|calc", "%0a=1"):
        DataFile.objects.filter(id=world.file_id).update(basename=name)
        note(world, "download", file_id=world.file_id, files=1)
        row = next(csv.DictReader(io.StringIO(alice.get(CSV).text)))
        assert row["file"] == f"'{name}"
        assert row["project"].startswith("'=")


@pytest.mark.parametrize(
    ("cell", "kept"), [("plain", "plain"), ("a=1", "a=1"), (5, 5), (-5, -5), ("", ""), ("-", "'-")]
)
def test_134_what_is_no_formula_stays_as_it_is(cell: object, kept: object) -> None:
    assert harmless(cell) == kept


def test_a_long_ledger_goes_out_in_batches_each_line_once(
    world: World, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accesses, "BATCH", 10)
    for nth in range(3):
        note(world, "links", files=nth, times=9)
    lines = alice.get(JSON).json()

    assert [line["files"] for line in lines] == [2] * 9 + [1] * 9 + [0] * 9
    assert len(alice.get(CSV).text.splitlines()) == 28


def test_194_lines_that_come_while_it_goes_out_are_left_for_the_next_time(world: World) -> None:
    note(world, "links", files=1, times=accesses.BATCH + 5)
    batches = accesses.whole_ledger(world.alice.pk, accesses.EVERYTHING)
    first = next(batches)
    note(world, "links", files=2, times=7)
    rest = [line for batch in batches for line in batch]

    assert (len(first), len(rest)) == (accesses.BATCH, 5)
    assert {line.files for line in (*first, *rest)} == {1}


def test_nobody_and_no_other_method_gets_an_export(anybody: Person, alice: Person) -> None:
    alice.get(LEDGER)
    alice.browser.headers["X-CSRFToken"] = alice.browser.cookies.get("csrf", "")
    for path in (CSV, JSON):
        assert anybody.get(path).headers["Location"] == f"/account/login/?next={path}"
        assert alice.browser.head(path).status_code == 200
        assert alice.browser.head(path).content == b""
        assert alice.browser.delete(path).status_code in (403, 405)
    assert alice.get("/member/me/access-log.xml").status_code == 404


def test_a_page_of_the_ledger_takes_as_many_statements_for_many_lines_as_for_few(world: World, alice: Person) -> None:
    def statements() -> list[int]:
        counts = []
        for path in (LEDGER, f"{LEDGER}?kind=links&project={world.study.pk}&since=2020-01-01&until=2030-01-01", CSV):
            with CaptureQueriesContext(connection) as found:
                alice.get(path)
            counts.append(len(found))
        return counts

    note(world, "links", files=1)
    few = statements()
    note(world, "links", files=1, times=300)
    for project in (world.other, world.source, world.private):
        authorize(world.alice, project)

    assert statements() == few
    assert max(few) <= 5
