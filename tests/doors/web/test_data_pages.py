"""A member's own files, and the ledger of who read them."""

import json
import re

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.files import actions as files
from consentry_server.files.models import DataFile
from consentry_server.projects import actions as projects
from tests.doors.web.person import Person, seen
from tests.world import THEN, World, authorize, give, make_project

DATA = "/member/me/data/"
LEDGER = "/member/me/access-log/"


def links(page: httpx.Response) -> list[str]:
    return re.findall(r'href="(/data-management/datafile-download/[^"]+)"', page.text)


def read(world: World, anybody: Person, path: str, **query: str) -> httpx.Response:
    """Call the API as the study does."""
    bearer = {"Authorization": f"Bearer {world.token}"}
    address = f"/api/direct-sharing/project/{path}"
    return anybody.browser.get(address, params=query, headers=bearer)


def test_each_member_sees_own_files_by_source_and_nobody_elses(alice: Person, bob: Person, anybody: Person) -> None:
    of_alice, of_bob = seen(alice.get(DATA)), seen(bob.get(DATA))

    assert all(word in of_alice for word in ("alice.csv", "secret.csv", "Source", "Private"))
    assert "Runkeeper GPS maps" in of_alice
    assert "bob.csv" not in of_alice
    assert "alice.csv" not in of_bob
    assert "direct-sharing-" not in of_alice
    assert anybody.get(DATA).headers["Location"] == f"/account/login/?next={DATA}"


def test_a_download_link_gives_the_bytes(alice: Person) -> None:
    contents = []
    for link in links(alice.get(DATA)):
        leads = alice.browser.get(link)
        contents.append(alice.browser.get(leads.headers["Location"]).content)

    assert sorted(contents) == [b"alice,0\n", b"secret\n"]


def test_looking_at_ones_own_files_is_no_line_of_the_ledger(alice: Person) -> None:
    for link in links(alice.get(DATA)):
        alice.browser.get(alice.browser.get(link).headers["Location"])

    assert "No project has read anything of yours" in seen(alice.get(LEDGER))


def test_the_files_of_one_source_can_be_shown_alone(world: World, alice: Person) -> None:
    page = seen(alice.get(DATA, source=str(world.private.pk)))

    assert "secret.csv" in page
    assert "alice.csv" not in page


@pytest.mark.parametrize("wrong", ["x", "-1", "999999", "1e3", "9" * 30, "٣", "' OR 1=1"])
def test_176_a_strange_page_or_source_is_no_error(alice: Person, wrong: str) -> None:
    assert alice.get(DATA, source=wrong, page=wrong).status_code == 200
    assert alice.get(LEDGER, page=wrong).status_code == 200


def test_many_files_come_in_pages(world: World, alice: Person) -> None:
    for nth in range(105):
        give(world.alice, world.source, f"more-{nth:03}.csv")
    first, second = alice.get(DATA), alice.get(DATA, page="2")

    assert len(links(first)) == 100
    assert len(links(second)) == 7
    assert "Page 2 →" in seen(first)


def test_deleting_a_file_asks_first(world: World, alice: Person) -> None:
    address = f"/member/me/data/{world.file_id}/delete/"
    looked = alice.get(address)
    assert "Delete this file?" in seen(looked)
    assert DataFile.objects.get(id=world.file_id).deleted_at is None
    answer = alice.press(address)

    assert answer.headers["Location"] == DATA
    assert "alice.csv" not in seen(alice.get(DATA))


def test_a_file_of_another_member_cannot_be_deleted(world: World, bob: Person, anybody: Person) -> None:
    address = f"/member/me/data/{world.file_id}/delete/"
    foreign, unknown = bob.post(address), bob.post("/member/me/data/999999/delete/")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert seen(foreign) == seen(unknown)
    assert bob.get(address).status_code == 404
    assert bob.get(f"/member/me/data/{'9' * 30}/delete/").status_code == 404
    assert anybody.post(address).status_code == 302
    assert DataFile.objects.get(id=world.file_id).deleted_at is None


def test_134_descriptions_and_source_names_are_text_never_markup(world: World, alice: Person) -> None:
    projects.edit(project=world.source, actor="test", fields={"name": "<b>S</b>"}, now=THEN)
    evil = '<script>alert(1)</script>" onclick=x'
    metadata = json.dumps({"tags": [], "description": evil})
    files.deposit(
        member_id=world.alice.pk,
        source_id=world.source.pk,
        name="<img src=x>.csv",
        metadata=metadata,
        chunks=[b"1"],
        now=THEN,
    )
    page = alice.get(DATA).text

    assert "<script>" not in page
    assert "<b>S" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onclick=x" in page


def test_047_a_file_that_is_not_complete_is_shown_nowhere(world: World, alice: Person) -> None:
    DataFile.objects.filter(id=world.file_id).update(completed_at=None)

    assert "alice.csv" not in seen(alice.get(DATA))
    assert "alice.csv" not in seen(alice.get("/activity/source/"))
    assert alice.get(f"/member/me/data/{world.file_id}/delete/").status_code == 404


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
    assert "downloaded" not in seen(bob.get(LEDGER))
    assert "listed its members" in seen(bob.get(LEDGER))
    assert "No project has read anything of yours" in seen(joiner.get(LEDGER))
    assert anybody.get(LEDGER).status_code == 302


def test_pages_take_as_many_statements_for_many_rows_as_for_few(
    world: World, alice: Person, anybody: Person, coordinator: Person
) -> None:
    def statements() -> list[int]:
        pages = [(alice, DATA), (alice, LEDGER), (alice, "/activity/source/")]
        pages += [(coordinator, "/direct-sharing/projects/manage/"), (alice, "/")]
        counts = []
        for person, path in pages:
            with CaptureQueriesContext(connection) as found:
                person.get(path)
            counts.append(len(found))
        return counts

    read(world, anybody, "members/")
    few = statements()
    for nth in range(12):
        source = make_project(world.coordinator, f"Source {nth}")
        give(world.alice, source, "one.csv")
        give(world.alice, world.source, f"more-{nth}.csv")
        authorize(world.alice, source)
        read(world, anybody, "members/")

    assert statements() == few
