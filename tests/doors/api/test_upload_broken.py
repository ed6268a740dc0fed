"""Uploads that end too early, bodies that are no form, and a disk without room."""

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from consentry_server.files.models import DataFile, FileTotal
from tests.doors.api.calls import METADATA, exchange, multipart, upload, upload_raw
from tests.doors.api.conftest import BOTH_STORES
from tests.world import World

Folder = Callable[[], list[Path]]


def whole(world: World, *, end: bool = True) -> bytes:
    return multipart(
        ("name=project_member_id", world.alice_number.encode()),
        ("name=metadata", METADATA.encode()),
        ('name=data_file; filename="a.csv"', b"0123456789" * 1000),
        end=end,
    )


@BOTH_STORES
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9999])
def test_208_a_body_shorter_than_it_said_stores_nothing(
    world: World, share: float, staged: Folder, blobs: Folder
) -> None:
    body, before, files = whole(world), blobs(), DataFile.objects.count()
    answer = upload_raw(world.token, body[: int(len(body) * share)], length=len(body))
    assert answer.status == 400
    assert list(json.loads(answer.body)) == ["detail"]
    assert (staged(), blobs(), DataFile.objects.count()) == ([], before, files)


@BOTH_STORES
def test_208_every_cut_near_the_end_stores_nothing(world: World, blobs: Folder) -> None:
    body, before = whole(world), blobs()
    for missing in range(1, 20):
        assert upload_raw(world.token, body[:-missing], length=len(body)).status == 400
    assert blobs() == before


@BOTH_STORES
def test_208_a_body_without_its_last_boundary_stores_nothing(world: World, staged: Folder, blobs: Folder) -> None:
    before = blobs()
    assert upload_raw(world.token, whole(world, end=False)).status == 400
    assert (staged(), blobs()) == ([], before)


@BOTH_STORES
def test_a_length_shorter_than_the_body_stores_nothing(world: World, blobs: Folder) -> None:
    body, before = whole(world), blobs()
    assert upload_raw(world.token, body, length=len(body) - 10).status == 400
    assert blobs() == before


@BOTH_STORES
def test_a_whole_body_is_stored(world: World) -> None:
    assert upload_raw(world.token, whole(world)).status == 201
    assert upload_raw(world.token, whole(world).removesuffix(b"\r\n")).status == 201


@pytest.mark.parametrize("boundary", ["edge", '"edge"'])
def test_a_boundary_may_be_quoted(world: World, boundary: str) -> None:
    assert upload_raw(world.token, whole(world), boundary=boundary).status == 201


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"--edge",
        b"--edge--",
        b"--edge\r\n\r\n--edge--\r\n",
        b"\x00" * 100,
        b"--other\r\n",
        b"--edge\r\n" * 2000,
    ],
)
def test_a_body_that_is_no_form_is_refused(world: World, body: bytes) -> None:
    assert upload_raw(world.token, body).status == 400


@BOTH_STORES
def test_2000_fields_are_too_many(world: World, staged: Folder) -> None:
    fields = [(f"name=f{n}", b"1") for n in range(2000)]
    body = multipart(('name=data_file; filename="a"', b"1"), *fields)
    assert upload_raw(world.token, body).status == 400
    assert staged() == []


@BOTH_STORES
def test_a_form_of_three_megabytes_is_refused(world: World, staged: Folder) -> None:
    body = multipart(('name=data_file; filename="a"', b"1"), ("name=x", b"x" * 2_700_000))
    assert upload_raw(world.token, body).status == 400
    assert staged() == []


@BOTH_STORES
def test_base64_that_is_cut_is_refused(world: World, staged: Folder) -> None:
    head = 'name=data_file; filename="a.csv"\r\nContent-Transfer-Encoding: base64'
    assert upload_raw(world.token, multipart((head, b"QUJ"))).status == 400
    assert staged() == []


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """Let no file grow beyond this: the disk says so as it does when it is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_says_so_and_keeps_nothing(
    world: World, client: httpx.Client, staged: Folder, blobs: Folder
) -> None:
    before, files = blobs(), DataFile.objects.count()
    with no_room_beyond(2 << 20):
        answer = upload(client, world.token, world.alice_number, content=b"x" * (5 << 20))
    assert answer.status_code == 507
    assert answer.headers["Retry-After"].isdecimal()
    assert list(answer.json()) == ["detail"]
    assert (staged(), blobs(), DataFile.objects.count()) == ([], before, files)
    assert not FileTotal.objects.filter(member=world.alice, source=world.study, files__gt=0).exists()
    assert upload(client, world.token, world.alice_number).status_code == 201
    assert exchange(client, world.token, world.alice_number).json()["count"] == 2


@BOTH_STORES
@pytest.mark.parametrize("fault", ["cut", "member", "metadata", "sum"])
def test_a_large_upload_that_is_refused_leaves_nothing(world: World, fault: str, staged: Folder, blobs: Folder) -> None:
    """Large: an object store has got some of it in parts by then."""
    number = "12345678" if fault == "member" else world.alice_number
    wrong = {"metadata": "{", "sum": METADATA[:-1] + f',"md5":"{"0" * 32}"}}'}
    body = multipart(
        ('name=data_file; filename="a.csv"', b"0123456789abcdef" * (9 << 16)),
        ("name=project_member_id", number.encode()),
        ("name=metadata", wrong.get(fault, METADATA).encode()),
    )
    before, files = set(blobs()), DataFile.objects.count()
    sent = body[:-300] if fault == "cut" else body
    assert upload_raw(world.token, sent, length=len(body)).status == 400
    assert (staged(), set(blobs()), DataFile.objects.count()) == ([], before, files)
