"""`files/archive/`: all that is shared in one zip, made while it is sent, and stopped where consent ends."""

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import DatabaseError
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from consentry_server.api import archive, urls
from consentry_server.files import queries
from consentry_server.files.actions import archiving
from consentry_server.files.models import Access, DataFile
from tests.doors.api.calls import INVALID_MEMBER, PROJECT, bearer, exchange, get, upload
from tests.world import METADATA, World, authorize, give, leave, make_datatype

ARCHIVE = f"{PROJECT}files/archive/"
BIG = bytes(range(256)) * 2048  # four pieces


def unpacked(data: bytes) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the files of a zip that is whole, and its manifest."""
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        assert {info.compress_type for info in found.infolist()} == {zipfile.ZIP_STORED}
        files = {info.filename: found.read(info) for info in found.infolist()}
    assert len(files) == len(found.infolist())
    return files, json.loads(files.pop("manifest.json"))


def begun(world: World, **query: str) -> StreamingHttpResponse:
    """Ask for an archive and let the caller take it piece by piece."""
    request = RequestFactory().get(ARCHIVE, query, headers=bearer(world.token))
    answer = urls.respond(request)
    assert isinstance(answer, StreamingHttpResponse)
    return answer


def test_the_zip_holds_what_is_shared_in_a_folder_for_each_member(world: World, client: httpx.Client) -> None:
    answer = get(client, ARCHIVE, world.token)

    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="direct-sharing-{world.study.pk}-all.zip"'
    files, manifest = unpacked(answer.content)
    assert files == {f"{world.alice_number}/alice.csv": b"alice,0\n", f"{world.bob_number}/bob.csv": b"bob,0\n"}
    assert manifest["project"] == f"direct-sharing-{world.study.pk}"
    assert manifest["complete"] is True
    assert [file["name"] for file in manifest["files"]] == list(files)


def test_the_manifest_says_what_a_listing_says(world: World, client: httpx.Client) -> None:
    DataFile.objects.filter(id=world.file_id).update(datatypes=str(make_datatype("Steps")))
    (listed,) = exchange(client, world.token, world.alice_number).json()["data"]

    _, manifest = unpacked(get(client, ARCHIVE, world.token, project_member_id=world.alice_number).content)

    (file,) = manifest["files"]
    for key in ("id", "basename", "created", "modified", "size", "sha256", "source", "metadata", "datatypes"):
        assert file[key] == listed[key], key
    assert (file["project_member_id"], file["state"]) == (world.alice_number, "sent")
    assert file["sha256"] == sha256(b"alice,0\n").hexdigest()


def test_one_members_files_come_alone(world: World, client: httpx.Client) -> None:
    files, _ = unpacked(get(client, ARCHIVE, world.token, project_member_id=world.bob_number).content)
    assert list(files) == [f"{world.bob_number}/bob.csv"]


@pytest.mark.parametrize("number", ["", "x", "12345678", "9" * 40, "-1"])
def test_041_a_number_of_nobody_is_refused(world: World, client: httpx.Client, number: str) -> None:
    answer = get(client, ARCHIVE, world.token, project_member_id=number)
    assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)


def test_034_nobody_who_has_gone_is_in_it(world: World, client: httpx.Client, goes: Callable[[World], None]) -> None:
    goes(world)

    files, manifest = unpacked(get(client, ARCHIVE, world.token).content)

    assert list(files) == [f"{world.bob_number}/bob.csv"]
    assert world.alice_number not in json.dumps(manifest)
    assert get(client, ARCHIVE, world.token, project_member_id=world.alice_number).json() == INVALID_MEMBER


def test_an_empty_archive_is_a_whole_zip(world: World, client: httpx.Client) -> None:
    files, manifest = unpacked(get(client, ARCHIVE, world.other_token).content)
    assert (files, manifest["files"], manifest["complete"]) == ({}, [], True)


def test_160_a_name_twice_is_two_files(world: World, client: httpx.Client) -> None:
    more = [give(world.alice, world.source, name, name.encode()) for name in ("Alice.csv", "alice.csv", "CON")]

    files, manifest = unpacked(get(client, ARCHIVE, world.token, project_member_id=world.alice_number).content)

    folder = world.alice_number
    names = ["alice.csv", f"Alice-{more[0]}.csv", f"alice-{more[1]}.csv", "_CON"]
    assert list(files) == [f"{folder}/{name}" for name in names]
    assert [file["basename"] for file in manifest["files"]] == ["alice.csv", "Alice.csv", "alice.csv", "CON"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\r\nb", "..\\x", "C:\\x", "\u202egpj.exe"])
def test_160_a_name_that_was_kept_badly_stays_in_its_folder(world: World, client: httpx.Client, name: str) -> None:
    DataFile.objects.filter(id=world.file_id).update(basename=name)

    files, _ = unpacked(get(client, ARCHIVE, world.token, project_member_id=world.alice_number).content)

    (path,) = files
    folder, _, base = path.partition("/")
    assert folder == world.alice_number
    assert base.isprintable()
    assert not set(base) & set("/\\:")
    assert base not in ("", ".", "..")


def test_unzip_finds_a_thousand_files_in_order(world: World, client: httpx.Client, tmp_path: Path) -> None:
    (row,) = DataFile.objects.filter(id=world.file_id)
    rows = [DataFile(**{**plain(row), "key": row.key, "basename": f"{n:04}.csv"}) for n in range(998)]
    for nth, each in enumerate(rows):
        each.key = give_blob(row.key, nth)
    DataFile.objects.bulk_create(rows)
    path = tmp_path / "all.zip"
    path.write_bytes(get(client, ARCHIVE, world.token).content)

    files, manifest = unpacked(path.read_bytes())

    assert len(files) == len(manifest["files"]) == 1000
    lines = Access.objects.filter(kind="archive", first_member=world.of_alice.project_member_id)
    assert [(line.first_file, line.files) for line in lines.order_by("id")] == [(100 * n, 100) for n in range(9)] + [
        (900, 99)
    ]
    if unzip := shutil.which("unzip"):
        done = subprocess.run([unzip, "-t", "-q", path], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout.count("No errors")) == (0, 1)


def plain(row: DataFile) -> dict[str, Any]:
    names = ("member_id", "source_id", "size", "sha256", "metadata", "created_at", "completed_at")
    return {name: getattr(row, name) for name in names}


def give_blob(key: str, nth: int) -> str:
    """Return a key of its own under which the same bytes are."""
    from django.conf import settings

    new = f"{nth:032x}"
    folder = Path(settings.STORAGE) / new[:2] / new[2:4]
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(settings.STORAGE) / key[:2] / key[2:4] / key, folder / new)
    return new


def test_the_first_piece_comes_before_the_second_file_is_opened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    true = queries.readable
    monkeypatch.setattr(archiving.queries, "readable", lambda **what: asked.append(what["file_id"]) or true(**what))
    answer = begun(world)
    pieces = iter(answer)

    assert asked == []
    assert next(pieces)[:4] == b"PK\x03\x04"
    assert asked == [world.file_id]
    answer.close()


def test_221_who_leaves_during_it_sends_no_further_file(world: World) -> None:
    for name in ("big.csv", "late.csv"):
        give(world.alice, world.source, name, BIG)
    answer = begun(world)
    pieces = iter(answer)
    got = [next(pieces), next(pieces)]  # in the midst of the large file

    leave(world.of_alice)
    data = b"".join([*got, *pieces])
    answer.close()

    files, manifest = unpacked(data)
    number = world.alice_number
    assert list(files) == [f"{number}/alice.csv", f"{number}/big.csv", f"{world.bob_number}/bob.csv"]
    assert files[f"{number}/big.csv"] == BIG
    states = {file["basename"]: file["state"] for file in manifest["files"]}
    assert states == {"alice.csv": "sent", "big.csv": "sent", "late.csv": "withdrawn", "bob.csv": "sent"}
    assert manifest["complete"] is False
    gone = [file for file in manifest["files"] if file["project_member_id"] == number]
    assert {file["metadata"] for file in gone} == {None}
    assert gone[2]["name"] is None


def test_who_leaves_before_their_turn_is_not_in_it(world: World) -> None:
    answer = begun(world)
    pieces = iter(answer)
    got = next(pieces)

    leave(world.of_bob)

    files, manifest = unpacked(b"".join([got, *pieces]))
    answer.close()
    assert list(files) == [f"{world.alice_number}/alice.csv"]
    assert world.bob_number not in json.dumps(manifest)
    assert not Access.objects.filter(first_member=world.of_bob.project_member_id).exists()


def test_bytes_that_are_gone_or_changed_are_told(world: World, client: httpx.Client, settings: Settings) -> None:
    ids = [give(world.alice, world.source, name) for name in ("gone.csv", "torn.csv")]
    gone, torn = (
        Path(settings.STORAGE) / key[:2] / key[2:4] / key for key in (DataFile.objects.get(id=each).key for each in ids)
    )
    gone.unlink()
    torn.chmod(0o600)
    torn.write_bytes(b"1,")

    files, manifest = unpacked(get(client, ARCHIVE, world.token, project_member_id=world.alice_number).content)

    states = {file["basename"]: file["state"] for file in manifest["files"]}
    assert states == {"alice.csv": "sent", "gone.csv": "missing", "torn.csv": "damaged"}
    assert f"{world.alice_number}/gone.csv" not in files
    assert manifest["complete"] is False


def test_302_nothing_goes_where_the_ledger_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_lines: object) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(archiving, "write_ledger", fail)
    answer = begun(world)

    with pytest.raises(DatabaseError):
        next(iter(answer))
    answer.close()


def test_each_member_reads_of_it_in_their_own_ledger(world: World, client: httpx.Client) -> None:
    authorize(world.joiner, world.other)
    get(client, ARCHIVE, world.token)

    (line,) = queries.ledger(world.alice.pk, limit=9, offset=0)
    assert (line.kind, line.files, line.first_file, line.size) == ("archive", 1, 0, 8)
    assert queries.ledger(world.joiner.pk, limit=9, offset=0) == []


def test_asking_for_the_head_only_sends_and_notes_nothing(world: World, client: httpx.Client) -> None:
    answer = client.head(ARCHIVE, headers=bearer(world.token))

    assert (answer.status_code, answer.content) == (200, b"")
    assert not Access.objects.exists()


def test_205_only_so_many_are_made_at_once(world: World, client: httpx.Client) -> None:
    under_way = [begun(world) for _ in range(archive.AT_ONCE)]
    refused = get(client, ARCHIVE, world.token)
    for one in under_way:
        one.close()
        one.close()

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    assert all(get(client, ARCHIVE, world.token).status_code == 200 for _ in range(archive.AT_ONCE + 1))


def test_a_client_may_ask_for_a_zip_and_for_nothing_else(world: World, client: httpx.Client) -> None:
    asked = [
        client.get(ARCHIVE, headers=bearer(world.token) | {"Accept": accept}).status_code
        for accept in ("application/zip", "*/*", "image/png")
    ]
    assert asked == [200, 200, 406]


def test_metadata_of_any_kind_stays_json(world: World, client: httpx.Client) -> None:
    metadata = '{"description":"\\u2028 \\"q\\" 🧬","tags":[],"n":1e999,"z":{"a":[null]}}'
    assert upload(client, world.token, world.alice_number, metadata=metadata).status_code == 201

    _, manifest = unpacked(get(client, ARCHIVE, world.token, project_member_id=world.alice_number).content)

    assert manifest["files"][0]["metadata"] == json.loads(METADATA)
    assert manifest["files"][1]["metadata"]["z"] == {"a": [None]}
