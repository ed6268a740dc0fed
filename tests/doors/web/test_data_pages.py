"""A member's own files: by source, each on a page of its own, and who may see them."""

import json
import re

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.files import actions as files
from consentry_server.files.models import DataFile
from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project
from tests.doors.web.person import Person, seen
from tests.world import THEN, World, authorize, give, leave, make_datatype, make_project

DATA = "/member/me/data/"
LEDGER = "/member/me/access-log/"


def of(source: Project) -> str:
    return f"{DATA}{source.pk}/"


def page_of(file_id: int) -> str:
    return f"{DATA}file/{file_id}/"


def links(page: httpx.Response) -> list[str]:
    return re.findall(r'href="(/data-management/datafile-download/[^"]+)"', page.text)


def deposit(member: Member, source: Project, name: str, metadata: dict[str, object], content: bytes = b"1") -> int:
    said = json.dumps({"tags": [], "description": ""} | metadata)
    who = {"member_id": member.pk, "source_id": source.pk, "now": THEN}
    return files.deposit(name=name, metadata=said, chunks=[content], **who)


def test_a_member_sees_where_files_came_from_how_many_and_how_large(
    world: World, alice: Person, joiner: Person
) -> None:
    give(world.alice, world.source, "more.csv", b"x" * 2000)
    page = seen(alice.get(DATA)).replace("\xa0", " ")

    assert "Source 2 2.0 KB you and 1 project" in page
    assert "Private 1 7 bytes only you" in page
    assert "Private" not in seen(joiner.get(DATA))
    assert "direct-sharing-" not in alice.get(DATA).text


def test_somebody_without_files_is_told_what_to_do(coordinator: Person) -> None:
    page = seen(coordinator.get(DATA))

    assert "Nothing here yet" in page
    assert "Add files" in page


def test_each_source_has_a_page_with_the_files_of_the_member_alone(world: World, alice: Person, bob: Person) -> None:
    of_alice, of_bob = seen(alice.get(of(world.source))), seen(bob.get(of(world.source)))

    assert "alice.csv" in of_alice
    assert "Runkeeper GPS maps" in of_alice
    assert "CSV" in of_alice
    assert not {"bob.csv", "secret.csv"} & set(of_alice.split())
    assert "alice.csv" not in of_bob


def test_a_source_that_brought_nothing_looks_like_one_that_there_is_not(world: World, bob: Person) -> None:
    nothing, unknown = bob.get(of(world.private)), bob.get(f"{DATA}999999/")

    assert (nothing.status_code, unknown.status_code) == (404, 404)
    assert seen(nothing) == seen(unknown)


def test_a_file_has_a_page_with_all_that_is_known_of_it(world: World, alice: Person) -> None:
    steps = make_datatype("steps")
    DataFile.objects.filter(id=world.file_id).update(datatypes=str(steps))
    page = seen(alice.get(page_of(world.file_id)))

    for words in (
        "alice.csv",
        "Runkeeper GPS maps",
        "Source",
        "11 April 2016, 19:50",
        "8",
        "steps",
        "GPS, åäö",
        "2016",
    ):
        assert words in page
    assert DataFile.objects.get(id=world.file_id).sha256 in page


def test_029_nobody_else_learns_that_a_file_is_there(
    world: World, bob: Person, joiner: Person, coordinator: Person, anybody: Person
) -> None:
    for address in (page_of(world.file_id), f"{page_of(world.file_id)}picture/", f"{page_of(world.file_id)}delete/"):
        for person in (bob, joiner, coordinator):
            foreign, unknown = person.get(address), person.get(address.replace(str(world.file_id), "999999"))
            assert (foreign.status_code, unknown.status_code) == (404, 404)
            assert seen(foreign) == seen(unknown)
        assert anybody.get(address).headers["Location"] == f"/account/login/?next={address}"


def test_a_file_says_who_may_see_it_at_this_moment(world: World, alice: Person) -> None:
    page, source = page_of(world.file_id), of(world.source)
    assert "Who may see this file You, and: Study since 11 Apr 2016" in seen(alice.get(page))
    assert "Who may see these files You, and: Study since 11 Apr 2016" in seen(alice.get(source))
    assert "Only you." in seen(alice.get(of(world.private)))
    own = authorize(world.alice, world.source)
    assert "Source since 11 Apr 2016, which brought it" in seen(alice.get(page))
    leave(own)
    leave(world.of_alice)

    assert "Only you." in seen(alice.get(page))
    assert "Only you." in seen(alice.get(source))


def test_a_project_that_reads_every_source_is_named_as_such(world: World, alice: Person) -> None:
    wide = make_project(world.coordinator, "Wide", all_sources_access=True)
    authorize(world.alice, wide)

    assert "Wide since 11 Apr 2016, which reads all your sources" in seen(alice.get(of(world.private)))


def test_a_crowd_of_readers_does_not_fill_the_page(world: World, alice: Person) -> None:
    for nth in range(21):
        authorize(world.alice, make_project(world.coordinator, f"Asks {nth:02}", requested_sources=[world.source]))
    page = seen(alice.get(page_of(world.file_id)))

    assert page.count("Asks ") == 20
    assert "And more projects: all stand under Sharing" in page


def test_a_download_link_gives_the_bytes(world: World, alice: Person) -> None:
    contents = []
    for page in (of(world.source), of(world.private), page_of(world.file_id)):
        (link,) = links(alice.get(page))
        leads = alice.browser.get(link)
        contents.append(alice.browser.get(leads.headers["Location"]).content)

    assert contents == [b"alice,0\n", b"secret\n", b"alice,0\n"]


def test_looking_at_ones_own_files_is_no_line_of_the_ledger(world: World, alice: Person) -> None:
    for page in (of(world.source), page_of(world.file_id)):
        for link in links(alice.get(page)):
            alice.browser.get(alice.browser.get(link).headers["Location"])

    assert "No project has read anything of yours" in seen(alice.get(LEDGER))


WRONG = ["x", "-1", "999999", "1e3", "9" * 30, "٣", "' OR 1=1"]


@pytest.mark.parametrize("wrong", WRONG)
def test_176_a_strange_page_is_no_error(world: World, alice: Person, wrong: str) -> None:
    for page in (DATA, of(world.source), page_of(world.file_id), "/activity/source/"):
        assert alice.get(page, page=wrong).status_code == 200


@pytest.mark.parametrize("wrong", ["9" * 19, "9" * 30, "x", "-1"])
def test_176_a_strange_source_or_file_is_none(alice: Person, wrong: str) -> None:
    for page in (
        f"{DATA}{wrong}/",
        f"{DATA}file/{wrong}/",
        f"{DATA}{wrong}/delete-all/",
        f"{DATA}file/{wrong}/picture/",
    ):
        assert alice.get(page).status_code == 404


def test_many_files_come_in_pages(world: World, alice: Person) -> None:
    for nth in range(55):
        give(world.alice, world.source, f"more-{nth:03}.csv")
    first, second = alice.get(of(world.source)), alice.get(of(world.source), page="2")

    assert (len(links(first)), len(links(second))) == (50, 6)
    assert "Page 2 →" in seen(first)
    assert "No files on this page" in seen(alice.get(of(world.source), page="9"))


def test_no_page_of_own_data_is_heavy_whatever_the_files_are_called(world: World, alice: Person) -> None:
    for nth in range(50):
        deposit(world.alice, world.private, f"{nth}{'ä' * 120}.csv", {"description": "ö" * 5000, "notes": "x" * 50_000})
    (newest,) = DataFile.objects.filter(source=world.private).order_by("-id")[:1]
    for page in (DATA, of(world.private), page_of(newest.pk)):
        assert len(alice.get(page).content) < 100 * 1024


def test_deleting_a_file_asks_first(world: World, alice: Person) -> None:
    address = f"{page_of(world.file_id)}delete/"
    looked = alice.get(address)
    assert "Delete this file?" in seen(looked)
    assert DataFile.objects.get(id=world.file_id).deleted_at is None
    answer = alice.press(address)

    assert answer.headers["Location"] == of(world.source)
    assert "alice.csv" not in seen(alice.get(of(world.source)))
    assert alice.get(page_of(world.file_id)).status_code == 404


def test_029_a_file_of_another_member_cannot_be_deleted(world: World, bob: Person, anybody: Person) -> None:
    address = f"{page_of(world.file_id)}delete/"
    foreign, unknown = bob.post(address), bob.post(f"{page_of(999999)}delete/")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert seen(foreign) == seen(unknown)
    assert anybody.post(address).status_code == 302
    assert DataFile.objects.get(id=world.file_id).deleted_at is None


def test_all_files_of_a_source_are_deleted_once_the_member_says_so_twice(
    world: World, alice: Person, bob: Person
) -> None:
    give(world.alice, world.source, "more.csv")
    address = f"{of(world.source)}delete-all/"
    assert "2 files, 12" in seen(alice.get(address)).replace("\xa0", " ")
    assert bob.post(f"{of(world.private)}delete-all/").status_code == 404
    answer = alice.press(address)

    assert answer.headers["Location"] == DATA
    assert "2 files are deleted" in seen(alice.get(DATA))
    assert sorted(DataFile.objects.filter(deleted_at=None).values_list("basename", flat=True)) == [
        "bob.csv", "joiner.csv", "secret.csv",
    ]  # fmt: skip


EVIL = '<script>alert(1)</script>" onclick=x'


def test_134_what_is_said_about_a_file_is_text_never_markup(world: World, alice: Person) -> None:
    projects.edit(project=world.source, actor="test", fields={"name": "<b>S</b>"}, now=THEN)
    said = {"description": EVIL, "tags": [EVIL], EVIL: {EVIL: [EVIL]}, "__proto__": {"constructor": EVIL}}
    file_id = deposit(world.alice, world.source, "<img src=x>.csv", said, f"date,{EVIL}\n2016-01-01,1\n".encode())
    for page in (DATA, of(world.source), page_of(file_id), f"{page_of(file_id)}delete/"):
        text = alice.get(page).text
        assert "<script" not in text
        assert "<b>S" not in text
        assert "<img" not in text
    text = alice.get(page_of(file_id)).text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onclick=x" in text


def test_146_names_that_mean_something_to_programs_are_plain_data(world: World, alice: Person) -> None:
    file_id = deposit(world.alice, world.source, "a.csv", {"__proto__": {"constructor": 1}, "toString": "x"})

    assert '__proto__ {"constructor": 1} toString x' in seen(alice.get(page_of(file_id)))


def test_140_signs_that_hide_or_turn_text_are_not_shown(world: World, alice: Person) -> None:
    file_id = deposit(world.alice, world.source, "a.csv", {"note": "evil\u202egpj.exe\u0007"})

    assert "evil\ufffdgpj.exe\ufffd" in seen(alice.get(page_of(file_id)))


def test_metadata_without_end_is_cut(world: World, alice: Person) -> None:
    file_id = deposit(world.alice, world.source, "a.csv", {f"key {nth}": "x" * 5000 for nth in range(100)})
    page = seen(alice.get(page_of(file_id)))

    assert "key 38" in page
    assert "key 39" not in page
    assert "And 61 more" in page
    assert "x" * 501 not in page


def test_047_a_file_that_is_not_complete_is_shown_nowhere(world: World, alice: Person) -> None:
    DataFile.objects.filter(id=world.file_id).update(completed_at=None)

    assert "alice.csv" not in seen(alice.get(of(world.source)))
    assert "alice.csv" not in seen(alice.get("/activity/source/"))
    for more in ("", "delete/", "picture/"):
        assert alice.get(f"{page_of(world.file_id)}{more}").status_code == 404


def test_pages_take_as_many_statements_for_many_rows_as_for_few(
    world: World, alice: Person, coordinator: Person
) -> None:
    def statements() -> list[int]:
        pages = [
            (alice, DATA),
            (alice, of(world.source)),
            (alice, page_of(world.file_id)),
            (alice, "/activity/source/"),
        ]
        pages += [(coordinator, "/direct-sharing/projects/manage/"), (alice, "/")]
        counts = []
        for person, path in pages:
            with CaptureQueriesContext(connection) as found:
                person.get(path)
            counts.append(len(found))
        return counts

    few = statements()
    for nth in range(12):
        source = make_project(world.coordinator, f"Source {nth}", requested_sources=[world.source])
        give(world.alice, source, "one.csv")
        give(world.alice, world.source, f"more-{nth}.csv")
        authorize(world.alice, source)

    assert statements() == few
    assert max(few[:3]) <= 6


def test_005_145_pages_of_own_data_carry_the_headers_of_all_and_hold_no_script(world: World, alice: Person) -> None:
    for page in (DATA, of(world.source), page_of(world.file_id), f"{page_of(world.file_id)}delete/", f"{DATA}add/"):
        answer = alice.get(page)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert not any(evil in answer.text for evil in ("<script", "style=", " onclick"))


def test_053_122_pages_of_own_data_take_no_other_method_and_no_form_without_proof(world: World, alice: Person) -> None:
    alice.get(f"{page_of(world.file_id)}delete/")
    for page in (f"{page_of(world.file_id)}delete/", f"{of(world.source)}delete-all/"):
        assert alice.browser.post(page).status_code == 403
    alice.browser.headers["X-CSRFToken"] = alice.browser.cookies["csrf"]
    for page in (DATA, of(world.source), page_of(world.file_id), f"{page_of(world.file_id)}picture/"):
        for method in ("POST", "PUT", "DELETE"):
            assert alice.browser.request(method, page).status_code == 405
    assert DataFile.objects.get(id=world.file_id).deleted_at is None
