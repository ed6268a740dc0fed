"""Names of uploaded files: only the last part counts, and the disk never sees it."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from consentry_server.files.models import DataFile
from tests.doors.api.calls import METADATA, exchange, multipart, upload, upload_raw
from tests.doors.api.conftest import BOTH_STORES
from tests.world import World


def stored(client: httpx.Client, world: World, name: str) -> str:
    answer = upload(client, world.token, world.alice_number, name=name)
    assert answer.status_code == 201, answer.text
    return DataFile.objects.get(id=answer.json()["id"]).basename


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a b (1)é+%.txt", "a_b_1é.txt"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x", "x"),
        ("/etc/shadow", "shadow"),
        ("C:\\x.csv", "x.csv"),
        ("//host/share", "share"),
        ("-rf", "-rf"),
        (".bashrc", ".bashrc"),
        (" a ", "a"),
        ("a;b'c.csv", "abc.csv"),
        ("日本.csv", "日本.csv"),
        ("e\u0301.csv", "é.csv"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\u2066b\u200bc", "abc"),
        ("a\uff0fb", "ab"),
        ("a\u2215b", "ab"),
        ("x&#x2f;y", "y"),
        ("{{x}}", "x"),
        ("csm_a-b.c", "csm_a-b.c"),
    ],
)
def test_150_151_a_name_is_cleaned(world: World, client: httpx.Client, sent: str, kept: str) -> None:
    assert stored(client, world, sent) == kept


@pytest.mark.parametrize("name", ["%2e%2e%2fx", "%2e%2e", "..%2f..%2fx", "..;/x", "\t", "a\rb", "%00"])
def test_151_encodings_of_separators_separate_nothing(world: World, name: str) -> None:
    parts = (
        ("name=project_member_id", world.alice_number.encode()),
        ("name=metadata", METADATA.encode()),
    )
    answer = upload_raw(world.token, multipart(*parts, (f'name=data_file; filename="{name}"', b"1")))
    assert answer.status in (201, 400)
    for basename in DataFile.objects.values_list("basename", flat=True):
        assert not set("/\\\x00\r\n%") & set(basename)
        assert basename not in ("", ".", "..")


@pytest.mark.parametrize("name", [".", "..", "/", "a/", "a/..", "\\", "%%%", "()", "\u202e", "   ", "+"])
def test_150_a_name_without_anything_in_it_is_refused(
    world: World, client: httpx.Client, name: str, staged: Callable[[], list[Path]]
) -> None:
    answer = upload(client, world.token, world.alice_number, name=name)
    assert answer.status_code == 400
    assert list(answer.json()) == ["data_file"]
    assert staged() == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("x" * 251 + ".csv", "x" * 251 + ".csv"),
        ("x" * 252 + ".csv", "x" * 251 + ".csv"),
        ("é" * 130, "é" * 127),
        ("é" * 130 + ".csv", "é" * 125 + ".csv"),
        ("𠀀" * 64, "𠀀" * 63),
        ("x" * 900 + ".csv", "x" * 251 + ".csv"),
        ("a." + "b" * 300, "a." + "b" * 253),
    ],
)
def test_152_188_a_long_name_is_cut_between_characters(
    world: World, client: httpx.Client, sent: str, kept: str
) -> None:
    found = stored(client, world, sent)
    assert found == kept
    assert len(found.encode()) <= 255


@BOTH_STORES
def test_150_157_a_name_is_nowhere_in_the_store(
    world: World, client: httpx.Client, blobs: Callable[[], list[Path]]
) -> None:
    stored(client, world, "passwd")
    for path in blobs():
        assert len(path.name) >= 32
        assert set(path.name) <= set("0123456789abcdef")


def test_152_a_name_of_5000_characters_is_refused(world: World, client: httpx.Client) -> None:
    assert upload(client, world.token, world.alice_number, name="x" * 5000).status_code == 400


def test_a_name_in_another_encoding_is_refused(world: World) -> None:
    parts = (
        ("name=project_member_id", world.alice_number.encode()),
        ("name=metadata", METADATA.encode()),
    )
    body = multipart(*parts, ('name=data_file; filename="X.csv"', b"1")).replace(b"X.csv", b"caf\xe9.csv")
    before = DataFile.objects.count()
    assert upload_raw(world.token, body).status == 400
    assert DataFile.objects.count() == before


def test_a_name_may_be_sent_as_in_rfc_5987(world: World) -> None:
    parts = (
        ("name=project_member_id", world.alice_number.encode()),
        ("name=metadata", METADATA.encode()),
    )
    body = multipart(*parts, ("name=data_file; filename*=UTF-8''caf%C3%A9%2Fa.csv", b"1"))
    assert upload_raw(world.token, body).status == 201
    assert DataFile.objects.latest("id").basename == "a.csv"


def test_026_a_token_as_a_name_opens_nothing_more(world: World, client: httpx.Client) -> None:
    assert stored(client, world, f"{world.other_token}.csv")
    assert len(exchange(client, world.token, world.alice_number).json()["data"]) == 2
