"""`files/upload/resumable/`: the tus protocol, version 1.0 (https://tus.io/protocols/resumable-upload)."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from consentry_server.files.actions import resuming
from consentry_server.files.models import DataFile, Pending
from consentry_server.storage import current
from consentry_server.tokens.rules import Right
from tests.doors.api.calls import INVALID_MEMBER, METADATA, bearer, exchange, fetch, raw, upload
from tests.doors.api.conftest import Clock
from tests.doors.api.files import RESUMABLE, ask, begin, begun, complete, encoded, send, tus
from tests.world import World, authorize, leave, make_named_token

Folder = Callable[[], list[Path]]
Drain = Callable[..., int]


both = pytest.mark.parametrize("_storage", ["disk", "objects"], indirect=True)


def inbox() -> list[str]:
    """Return what lies in the store for uploads under way."""
    return [key for key, _ in current().inbox.keys()]  # noqa: SIM118 - not a dictionary


def number_of(url: str) -> int:
    return int(url.rstrip("/").rpartition("/")[2])


def content_of(client: httpx.Client, world: World, url: str) -> bytes:
    page = exchange(client, world.token, world.alice_number, limit=1000).json()["data"]
    links = {file["id"]: file["download_url"] for file in page}
    return fetch(client, links[number_of(url)]).content


@both
def test_a_file_comes_in_parts(world: World, client: httpx.Client) -> None:
    answer = begin(client, world, 10)
    url = answer.headers["Location"]
    assert (answer.status_code, answer.json()) == (201, {"id": number_of(url)})
    for offset, part in ((0, b"012"), (3, b"3456"), (7, b"789")):
        looked = ask(client, world, url)
        assert (looked.status_code, looked.headers["Upload-Offset"], looked.headers["Upload-Length"]) == (
            200, str(offset), "10",
        )  # fmt: skip
        assert "no-store" in looked.headers["Cache-Control"]
        sent = send(client, world, url, offset, part)
        assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(offset + len(part)))
        assert sent.headers["Tus-Resumable"] == "1.0.0"
    assert content_of(client, world, url) == b"0123456789"
    assert ask(client, world, url).headers["Upload-Offset"] == "10"
    assert complete(client, world, number_of(url)).json() == {"status": "ok", "size": 10}
    assert not Pending.objects.exists()


def test_what_is_possible_is_said_without_a_token(client: httpx.Client, settings: Settings, db: None) -> None:
    answer = client.options(RESUMABLE)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    wanted = {"creation", "creation-with-upload", "expiration", "checksum", "termination"}
    assert set(answer.headers["Tus-Extension"].split(",")) == wanted
    assert answer.headers["Tus-Max-Size"] == str(settings.UPLOAD_LIMIT)
    assert answer.headers["Tus-Checksum-Algorithm"].split(",")[0] == "sha1"


def test_a_page_of_another_site_may_call(world: World, client: httpx.Client) -> None:
    for url in (RESUMABLE, begun(client, world, 1)):
        answer = client.options(url, headers={"Access-Control-Request-Method": "PATCH"})
        assert answer.status_code == 200
        assert {"upload-offset", "tus-resumable"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
        assert "HEAD" in answer.headers["Access-Control-Allow-Methods"]
    assert "Upload-Offset" in ask(client, world, url).headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0", "2.0.0", ""])
def test_another_version_of_the_protocol_is_refused(world: World, client: httpx.Client, version: str | None) -> None:
    url = begun(client, world, 1)
    for answer in (
        begin(client, world, 1, Tus_Resumable=version),
        send(client, world, url, 0, b"1", Tus_Resumable=version),
        client.head(url, headers=tus(world, Tus_Resumable=version)),
    ):
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    assert ask(client, world, url).headers["Upload-Offset"] == "0"


def test_a_token_with_the_right_is_needed(world: World, client: httpx.Client) -> None:
    url = begun(client, world, 1)
    headers = tus(world, Upload_Offset="0", Content_Type="application/offset+octet-stream")
    reading = make_named_token(world.study, "reading", Right.READ)
    for token, status in (("nonsense", 401), (reading, 403)):
        for method, address in (("POST", RESUMABLE), ("HEAD", url), ("PATCH", url), ("DELETE", url)):
            answer = client.request(method, address, headers=headers | bearer(token))
            assert answer.status_code == status
    assert client.head(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 401


def test_028_the_address_has_the_token_only_if_the_callers_had_it(world: World, client: httpx.Client) -> None:
    fields = encoded({"project_member_id": world.alice_number, "metadata": METADATA, "filename": "a"})
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": fields}
    url = client.post(f"{RESUMABLE}?access_token={world.token}", headers=headers).headers["Location"]
    assert url.startswith("/api/")
    assert url.endswith(f"?access_token={world.token}")
    assert client.head(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 200
    assert world.token not in begun(client, world, 1)


# --- beginning


@pytest.mark.parametrize("length", [None, "", "x", "-1", "1.5", "+1", "1e3", "0x1", str(10**40)])
def test_176_a_length_that_is_none_is_refused(world: World, client: httpx.Client, length: str | None) -> None:
    headers = tus(world, Upload_Length=length) | {"Upload-Metadata": "a"}
    raw_headers = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = client.post(RESUMABLE, headers=raw_headers)
    assert answer.status_code == 400


def test_218_nothing_the_limit_and_more(world: World, client: httpx.Client, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 10
    nothing = begin(client, world, 0)
    assert (nothing.status_code, nothing.json()) == (400, {"data_file": ["The submitted file is empty."]})
    assert begin(client, world, 11).status_code == 413
    assert send(client, world, begun(client, world, 10), 0, b"x" * 10).status_code == 204


@pytest.mark.parametrize("metadata", [None, "1", "{}", '{"description":"d","tags":[],"md5":"x"}'])
def test_163_164_metadata_are_held_to_the_same_rules(world: World, client: httpx.Client, metadata: str | None) -> None:
    simple = upload(client, world.token, world.alice_number, metadata=metadata)
    answer = begin(client, world, 1, fields={"metadata": metadata})
    assert (answer.status_code, answer.json()) == (400, simple.json())


def test_fields_and_member_are_held_to_the_same_rules(world: World, client: httpx.Client) -> None:
    required = ["This field is required."]
    nothing = client.post(RESUMABLE, headers=tus(world, Upload_Length=1))
    assert nothing.json() == dict.fromkeys(("project_member_id", "metadata", "filename"), required)
    assert begin(client, world, 1, fields={"project_member_id": "12345678"}).json() == INVALID_MEMBER
    assert list(begin(client, world, 1, fields={"filename": ".."}).json()) == ["filename"]
    assert not Pending.objects.exists()


@pytest.mark.parametrize(
    "header", ["metadata ???", "a YQ==,a YQ==", ",", "metadata //79", "metadata AA==", "metadata 7aCA", "a  b"]
)
def test_166_167_upload_metadata_that_cannot_be_read(world: World, client: httpx.Client, header: str) -> None:
    answer = client.post(RESUMABLE, headers=tus(world, Upload_Length=1, Upload_Metadata=header))
    assert answer.status_code == 400


def test_the_first_bytes_may_come_along(world: World, client: httpx.Client) -> None:
    fields = encoded({"project_member_id": world.alice_number, "metadata": METADATA, "filename": "a"})
    headers = tus(world, Upload_Length=4, Upload_Metadata=fields, Content_Type="application/offset+octet-stream")
    answer = client.post(RESUMABLE, headers=headers, content=b"12")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "2")
    url = answer.headers["Location"]
    assert send(client, world, url, 2, b"34").status_code == 204
    assert content_of(client, world, url) == b"1234"


# --- going on


@pytest.mark.parametrize("offset", [0, 2, 4, 9, 10])
def test_bytes_for_another_offset_are_refused(world: World, client: httpx.Client, offset: int) -> None:
    url = begun(client, world, 10)
    send(client, world, url, 0, b"012")
    answer = send(client, world, url, offset, b"x"[: 10 - offset])
    assert answer.status_code == 409
    assert ask(client, world, url).headers["Upload-Offset"] == "3"


def test_more_bytes_than_announced_are_refused(world: World, client: httpx.Client) -> None:
    url = begun(client, world, 4)
    assert send(client, world, url, 0, b"12345").status_code == 413
    assert ask(client, world, url).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("kind", [None, "application/octet-stream", "application/json"])
def test_181_bytes_of_another_type_are_refused(world: World, client: httpx.Client, kind: str | None) -> None:
    assert send(client, world, begun(client, world, 4), 0, b"1", Content_Type=kind).status_code == 415


def cut(world: World, url: str, offset: int, content: bytes, *, length: int, **more: str) -> int:
    """Send fewer bytes than were said, as a cut connection does."""
    environ = {
        "HTTP_AUTHORIZATION": f"Bearer {world.token}",
        "HTTP_TUS_RESUMABLE": "1.0.0",
        "HTTP_UPLOAD_OFFSET": str(offset),
        "CONTENT_TYPE": "application/offset+octet-stream",
        "CONTENT_LENGTH": str(length),
    }
    return raw("PATCH", url, content, environ | more).status


@both
def test_208_217_what_came_before_a_cut_counts(world: World, client: httpx.Client) -> None:
    url = begun(client, world, 10_000)
    content = bytes(range(250)) * 40
    for at, until in ((0, 1), (1, 5000), (5000, 9999)):
        assert cut(world, url, at, content[at:until], length=10_000 - at) == 400
        assert ask(client, world, url).headers["Upload-Offset"] == str(until)
    assert send(client, world, url, 9999, content[9999:]).status_code == 204
    assert content_of(client, world, url) == content


def test_a_long_part_counts_while_it_comes(world: World, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "STRIDE", 2 << 20)
    url, seen = begun(client, world, 5 << 20), []

    kept = resuming._keep

    def keep(pending: Any, *rest: Any, **more: Any) -> None:
        kept(pending, *rest, **more)
        seen.append(Pending.objects.get(file_id=pending.file_id).received)

    monkeypatch.setattr(resuming, "_keep", keep)
    assert send(client, world, url, 0, b"x" * (5 << 20)).status_code == 204
    assert seen == [2 << 20, 4 << 20, 5 << 20]


@both
@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_175_bytes_with_another_checksum_do_not_count(world: World, client: httpx.Client, algorithm: str) -> None:
    url = begun(client, world, 6)

    def said(content: bytes) -> str:
        return f"{algorithm} {b64encode(hashlib.new(algorithm, content).digest()).decode()}"

    wrong = send(client, world, url, 0, b"wrong", Upload_Checksum=said(b"right"))
    assert wrong.status_code == 460
    assert ask(client, world, url).headers["Upload-Offset"] == "0"
    assert cut(world, url, 0, b"ri", length=5, HTTP_UPLOAD_CHECKSUM=said(b"right")) == 400
    assert ask(client, world, url).headers["Upload-Offset"] == "0"
    assert send(client, world, url, 0, b"right", Upload_Checksum=said(b"right")).status_code == 204
    assert send(client, world, url, 5, b"!", Upload_Checksum=said(b"!")).status_code == 204
    assert content_of(client, world, url) == b"right!"


@pytest.mark.parametrize("header", ["crc32 AAAA", "sha1 ???", "", "sha1"])
def test_a_checksum_that_is_none_is_refused(world: World, client: httpx.Client, header: str) -> None:
    url = begun(client, world, 6)
    assert send(client, world, url, 0, b"1", Upload_Checksum=header).status_code in (400, 460)
    assert ask(client, world, url).headers["Upload-Offset"] == "0"


def test_175_a_file_other_than_declared_is_refused_and_gone(world: World, client: httpx.Client, blobs: Folder) -> None:
    before = blobs()
    metadata = f'{{"description":"","tags":[],"sha256":"{hashlib.sha256(b"right").hexdigest()}"}}'
    url = begun(client, world, 5, metadata=metadata)
    answer = send(client, world, url, 0, b"wrong")
    assert (answer.status_code, list(answer.json())) == (400, ["metadata"])
    assert ask(client, world, url).status_code == 404
    assert (inbox(), blobs()) == ([], before)


def test_a_file_that_was_not_completed_is_completed_when_it_is_asked_for(
    world: World, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = begun(client, world, 4)
    with monkeypatch.context() as patch:
        patch.setattr(resuming, "progress", lambda *_, **__: resuming.Progress(4, 4))
        assert send(client, world, url, 0, b"last").status_code == 204
    assert Pending.objects.get().received == 4
    assert ask(client, world, url).headers["Upload-Offset"] == "4"
    assert content_of(client, world, url) == b"last"


# --- ending


@both
def test_an_upload_is_ended(world: World, client: httpx.Client) -> None:
    url = begun(client, world, 6)
    send(client, world, url, 0, b"123")
    assert client.delete(url, headers=tus(world)).status_code == 204
    assert inbox() == []
    for answer in (
        ask(client, world, url),
        send(client, world, url, 3, b"456"),
        client.delete(url, headers=tus(world)),
    ):
        assert answer.status_code == 404


def test_a_file_is_not_ended(world: World, client: httpx.Client) -> None:
    url = begun(client, world, 3)
    send(client, world, url, 0, b"123")
    assert client.delete(url, headers=tus(world)).status_code == 409
    assert send(client, world, url, 0, b"456").status_code == 409
    assert content_of(client, world, url) == b"123"


def test_032_an_upload_of_another_project_is_not_there(world: World, client: httpx.Client) -> None:
    authorize(world.alice, world.other)
    url = begun(client, world, 6)
    send(client, world, url, 0, b"123")
    other = bearer(world.other_token)
    kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "3"}
    for method in ("HEAD", "PATCH", "DELETE"):
        answer = client.request(method, url, headers=tus(world) | kind | other, content=b"456")
        assert answer.status_code == 404
    assert ask(client, world, url).headers["Upload-Offset"] == "3"


@pytest.mark.parametrize("name", ["999999", "0", "x", "1/2", str(10**18)])
def test_an_upload_that_never_was(world: World, client: httpx.Client, name: str) -> None:
    assert ask(client, world, f"/api/direct-sharing/resumable/{name}/").status_code == 404


def test_a_file_of_one_request_is_not_resumable(world: World, client: httpx.Client) -> None:
    assert ask(client, world, f"/api/direct-sharing/resumable/{world.file_id}/").status_code == 404


def test_an_upload_expires_six_hours_after_its_last_bytes(
    world: World, client: httpx.Client, clock: Clock, drain: Drain
) -> None:
    url = begun(client, world, 6)
    clock.move(hours=5)
    expires = parsedate_to_datetime(send(client, world, url, 0, b"123").headers["Upload-Expires"])
    assert (expires - clock.now).total_seconds() == 6 * 3600
    clock.move(hours=5)
    drain(clock.now)
    assert ask(client, world, url).headers["Upload-Offset"] == "3"
    clock.move(hours=1)
    assert ask(client, world, url).status_code == 404
    drain(clock.now)
    assert (inbox(), Pending.objects.count()) == ([], 0)


@both
def test_128_221_a_member_who_leaves_gets_nothing_and_the_bytes_are_gone(
    world: World, client: httpx.Client, drain: Drain
) -> None:
    url = begun(client, world, 6)
    send(client, world, url, 0, b"123")
    leave(world.of_alice)
    assert ask(client, world, url).status_code == 404
    assert send(client, world, url, 3, b"456").status_code == 404
    drain()
    assert inbox() == []
    authorize(world.alice, world.study)
    assert ask(client, world, url).status_code == 404


@both
def test_221_a_member_who_leaves_while_a_part_comes_gets_nothing(
    world: World, client: httpx.Client, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, kept = begun(client, world, 6), resuming._keep

    def keep(*args: Any, **more: Any) -> None:
        leave(world.of_alice)
        drain()
        kept(*args, **more)

    monkeypatch.setattr(resuming, "_keep", keep)
    assert send(client, world, url, 0, b"123456").status_code in (404, 409)
    assert inbox() == []
    assert not DataFile.objects.filter(source=world.study).exclude(completed_at=None).exists()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "TRACE"])
def test_053_other_methods_do_nothing(world: World, client: httpx.Client, method: str) -> None:
    url = begun(client, world, 6)
    answer = client.request(method, url, headers=tus(world) | {"X-HTTP-Method-Override": "DELETE"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "HEAD, PATCH, DELETE, OPTIONS")
    assert ask(client, world, url).status_code == 200
