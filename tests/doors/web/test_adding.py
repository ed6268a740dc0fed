"""Adding own files: a form that streams, keeps what is right, and says what is wrong with the rest."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from consentry_server.files import actions as files
from consentry_server.files.models import DataFile
from consentry_server.projects import queries as projects
from consentry_server.storage import StoreFull
from tests.doors.web.person import AUTHORIZE, JOIN, Person, hidden, seen
from tests.world import THEN, World, make_project

ADD = "/member/me/data/add/"
CSV = ("steps.csv", b"date,steps\n2016-04-11,8000\n")


def own(world: World) -> list[DataFile]:
    return list(DataFile.objects.filter(source__kind="own", deleted_at=None).order_by("id"))


def staged(settings: Settings) -> list[Path]:
    folder = Path(settings.STORAGE) / "staging"
    return list(folder.iterdir()) if folder.exists() else []


def test_a_member_without_any_project_adds_a_file_and_finds_it(world: World, joiner: Person, alice: Person) -> None:
    answer = joiner.send(ADD, CSV, description="My steps")
    (file,) = own(world)
    page = seen(joiner.get(answer.headers["Location"]))

    assert (file.member, file.basename, file.size) == (world.joiner, "steps.csv", 27)
    assert answer.headers["Location"] == f"/member/me/data/{projects.own_source_id()}/"
    assert "The file is added." in page
    assert "steps.csv My steps CSV" in page
    assert "Only you." in page
    assert "Your uploads" in seen(joiner.get("/member/me/data/"))
    assert alice.get(f"/member/me/data/file/{file.pk}/").status_code == 404
    assert alice.get(answer.headers["Location"]).status_code == 404


def test_several_files_come_at_once(world: World, joiner: Person) -> None:
    answer = joiner.send(ADD, *((f"{nth}.txt", b"%d" % nth) for nth in range(50)))

    assert "50 files are added." in seen(joiner.get(answer.headers["Location"]))
    assert len(own(world)) == 50


def test_what_is_wrong_with_one_file_keeps_none_of_the_others_out(
    world: World, joiner: Person, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 100
    parts = [("empty.csv", b""), ("large.bin", b"x" * 101), CSV, ("last.txt", b"y" * 100)]
    page = seen(joiner.get(joiner.send(ADD, *parts).headers["Location"])).replace("\xa0", " ")

    assert [file.basename for file in own(world)] == ["steps.csv", "last.txt"]
    assert "2 files are added." in page
    assert "empty.csv was not added. This file is empty." in page
    assert "large.bin was not added. A file may have 100 bytes at most." in page
    assert staged(settings) == []


def test_where_nothing_could_be_added_the_form_comes_back_as_it_was(world: World, joiner: Person) -> None:
    answer = joiner.send(ADD, ("empty.csv", b""), description="My steps")

    assert answer.status_code == 400
    assert "empty.csv was not added. This file is empty." in seen(answer)
    assert 'value="My steps"' in answer.text
    assert own(world) == []


def test_a_form_without_a_file_asks_for_one(joiner: Person) -> None:
    answer = joiner.send(ADD, description="My steps")

    assert answer.status_code == 400
    assert "Choose at least one file." in seen(answer)


def test_too_many_files_at_once_are_said_so_and_a_crowd_is_refused(
    world: World, joiner: Person, settings: Settings
) -> None:
    answer = joiner.send(ADD, *((f"{nth}.txt", b"%d" % nth) for nth in range(52)))
    page = seen(joiner.get(answer.headers["Location"]))
    crowd = joiner.send(ADD, *((f"more {nth}.txt", b"%d" % nth) for nth in range(101)))

    assert "50 files are added." in page
    assert "51.txt was not added. It is more than the 50 files that can be added at once." in page
    assert crowd.status_code == 400
    assert "Add at most 50 files at once. Nothing was stored." in seen(crowd)
    assert len(own(world)) == 50
    assert staged(settings) == []


def test_218_a_body_beyond_all_room_is_refused_before_it_is_read(
    world: World, joiner: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OWN_FILES_LIMIT = 10
    monkeypatch.setattr(files, "stage", lambda: pytest.fail("it was read"))
    answer = joiner.send(ADD, ("a.txt", b"x" * 3_000_100))

    assert answer.status_code == 413
    assert "Nothing was stored." in seen(answer)


def test_own_files_end_where_the_operator_says(world: World, joiner: Person, settings: Settings) -> None:
    settings.OWN_FILES_LIMIT = 10
    page = seen(joiner.get(joiner.send(ADD, ("a.txt", b"123456"), ("b.txt", b"12345")).headers["Location"]))

    assert "b.txt was not added. There is not enough room left for this file." in page
    assert [file.basename for file in own(world)] == ["a.txt"]


def test_122_without_its_proof_nothing_is_kept(world: World, joiner: Person, settings: Settings) -> None:
    joiner.get(ADD)
    answer = joiner.browser.post(ADD, data={"ticket": "x"}, files={"file": CSV})

    assert answer.status_code == 403
    assert "This form is too old" in seen(answer)
    assert own(world) == []
    assert staged(settings) == []


def test_nobody_adds_nothing(world: World, anybody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "stage", lambda: pytest.fail("it was read"))
    answer = anybody.browser.post(ADD, files={"file": CSV})

    assert answer.headers["Location"] == f"/account/login/?next={ADD}"


def test_215_the_same_form_sent_twice_adds_one_file(world: World, joiner: Person) -> None:
    held = hidden(joiner.get(ADD).text)
    for _ in range(2):
        proof = {"csrfmiddlewaretoken": joiner.browser.cookies["csrf"]}
        assert joiner.browser.post(ADD, data=held | proof, files={"file": CSV}).status_code == 302

    assert len(own(world)) == 1
    assert joiner.send(ADD, CSV).status_code == 302
    assert len(own(world)) == 2


def test_215_a_deleted_file_does_not_come_back_by_an_old_form(world: World, joiner: Person) -> None:
    held = hidden(joiner.get(ADD).text) | {"csrfmiddlewaretoken": joiner.browser.cookies["csrf"]}
    joiner.browser.post(ADD, data=held, files={"file": CSV})
    files.delete_own(member_id=world.joiner.pk, file_id=own(world)[0].pk, now=THEN)
    again = joiner.browser.post(ADD, data=held, files={"file": CSV})

    assert again.status_code == 400
    assert "You have deleted this file since you sent this form." in seen(again)
    assert own(world) == []


def raw(person: Person, body: bytes, kind: str = "multipart/form-data; boundary=x") -> httpx.Response:
    person.get(ADD)
    headers = {"Content-Type": kind, "X-CSRFToken": person.browser.cookies["csrf"]}
    return person.browser.post(ADD, content=body, headers=headers)


def part(name: bytes, content: bytes, more: bytes = b"") -> bytes:
    return b"--x\r\nContent-Disposition: form-data; name=" + name + more + b"\r\n\r\n" + content + b"\r\n"


FILE = part(b'"file"; filename="a.csv"', b"1,2\n", b"\r\nContent-Type: text/html; charset=utf-7")
TICKET = part(b'"ticket"', b"t")


def test_138_what_the_sender_calls_the_type_of_a_file_is_not_kept(world: World, joiner: Person) -> None:
    assert raw(joiner, TICKET + FILE + b"--x--\r\n").status_code == 302
    (file,) = own(world)

    assert "utf-7" not in joiner.get(f"/member/me/data/file/{file.pk}/").text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"not multipart", "multipart/form-data; boundary=x"),
        (TICKET, "multipart/form-data; boundary=x"),
        (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
        (b"ticket=t&description=%00", "application/x-www-form-urlencoded"),
        (b"ticket=t", "text/plain"),
        (b'{"ticket": "t"}', "application/json"),
        (FILE + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (TICKET + part(b'"description"', b"a\x00b") + FILE + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (TICKET + part(b'"description"', b"x" * 1001) + FILE + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (part(b'"ticket"', b"t" * 65) + FILE + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (part(b'"ticket"', b"a\x00b") + FILE + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (TICKET + part(b'"other"; filename="a.csv"', b"1") + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (part(b'"a"', b"1") * 2000 + FILE + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (part(b'"a"', b"1" * 2_700_000) + FILE + b"--x--\r\n", "multipart/form-data; boundary=x"),
    ],
)  # fmt: skip
def test_167_a_body_that_is_not_what_the_form_sends_is_refused(
    world: World, joiner: Person, settings: Settings, body: bytes, kind: str
) -> None:
    answer = raw(joiner, body, kind)

    assert answer.status_code == 400
    assert own(world) == []
    assert staged(settings) == []


@pytest.mark.parametrize("charset", ["nope", "utf-7", "hex", "utf-16"])
def test_167_a_charset_is_not_believed(world: World, joiner: Person, charset: str) -> None:
    body = TICKET + part(b'"description"', "åäö".encode()) + FILE + b"--x--\r\n"
    answer = raw(joiner, body, f"multipart/form-data; boundary=x; charset={charset}")

    assert answer.status_code == 302
    assert "åäö" in own(world)[0].metadata


def test_a_full_store_is_said_so_and_nothing_is_left(
    world: World, joiner: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise StoreFull

    blob = files.stage()
    blob.discard()
    monkeypatch.setattr(type(blob), "write", full)
    answer = joiner.send(ADD, CSV)

    assert (answer.status_code, "Retry-After" in answer.headers) == (507, True)
    assert "no room left" in seen(answer)
    assert own(world) == []


def test_whoever_was_shut_out_meanwhile_adds_nothing(
    world: World, joiner: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = files.stage

    def stage_and_shut() -> Any:
        files.suspend(member_id=world.joiner.pk, suspended=True, actor="test", now=THEN)
        return stage()

    monkeypatch.setattr(files, "stage", stage_and_shut)
    answer = joiner.send(ADD, CSV)

    assert answer.status_code == 403
    assert own(world) == []
    assert staged(settings) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_053_the_form_takes_no_other_method(joiner: Person, method: str) -> None:
    joiner.get(ADD)
    joiner.browser.headers["X-CSRFToken"] = joiner.browser.cookies["csrf"]
    answer = joiner.browser.request(method, ADD, content=b"x")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_project_can_ask_for_own_uploads_and_the_page_before_yes_names_them(
    world: World, joiner: Person, coordinator: Person
) -> None:
    joiner.send(ADD, CSV)
    assert "Your uploads: Whatever members add themselves" in seen(
        coordinator.get("/direct-sharing/projects/on-site/create/")
    )
    make_project(world.coordinator, "Asking", requested_sources=[projects.own_source_id()])
    joiner.press(f"{JOIN}/asking/", accept="accept")

    assert "can read your files from: Your uploads : 1 file now" in seen(joiner.get(f"{AUTHORIZE}/asking/"))


def test_the_source_of_own_uploads_has_no_page_for_others(world: World, joiner: Person, anybody: Person) -> None:
    joiner.send(ADD, CSV)
    for path in (
        "/activity/your-uploads/",
        "/activity/your-uploads/delete-files/",
        "/activity/your-uploads/send-message/",
        "/direct-sharing/projects/on-site/join/your-uploads/",
        "/direct-sharing/projects/on-site/authorize/your-uploads/",
        "/direct-sharing/projects/on-site/your-uploads/",
    ):
        assert joiner.get(path).status_code == 404
    assert "Your uploads" not in seen(anybody.get("/"))
