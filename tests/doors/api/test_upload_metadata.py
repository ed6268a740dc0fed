"""The rules of an upload's metadata, in the order of the wire."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from consentry_server.files.models import DataFile
from tests.doors.api.calls import MEMBERS, METADATA, exchange, get, multipart, upload, upload_raw
from tests.doors.api.conftest import BOTH_STORES
from tests.world import World

PARSE = "could not parse the uploaded metadata"
DATES = "Dates must be in ISO 8601 format"


def check(client: httpx.Client, world: World, metadata: str | None, reason: str | None) -> None:
    before = DataFile.objects.count()
    answer = upload(client, world.token, world.alice_number, metadata=metadata)
    if reason is None:
        assert answer.status_code == 201, answer.text
    else:
        assert (answer.status_code, answer.json()) == (400, {"metadata": [reason]})
        assert DataFile.objects.count() == before


def having(**more: Any) -> str:
    return json.dumps({"description": "d", "tags": []} | more)


@pytest.mark.parametrize("text", [None, "", " ", "\r\n\t"])
def test_blank_metadata_are_required(world: World, client: httpx.Client, text: str | None) -> None:
    check(client, world, text, "This field is required.")


@pytest.mark.parametrize("text", ["{", "x", "{'description':'','tags':[]}", METADATA + "x", METADATA[:-1] + ",}"])
def test_what_is_no_json_cannot_be_parsed(world: World, client: httpx.Client, text: str) -> None:
    check(client, world, text, PARSE)


@pytest.mark.parametrize(
    "text",
    [
        "1",
        '"description tags"',
        "null",
        "[]",
        '["description","tags"]',
        "true",
        "1.5",
        "NaN",
        "[{}]",
    ],
)
def test_163_json_that_is_no_object_cannot_be_parsed(world: World, client: httpx.Client, text: str) -> None:
    check(client, world, text, PARSE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", '"description" is a required field of the metadata'),
        ('{"tags":5}', '"description" is a required field of the metadata'),
        ('{"description":5}', '"description" must be a string'),
        ('{"description":null,"tags":[]}', '"description" must be a string'),
        ('{"description":["d"],"tags":[]}', '"description" must be a string'),
        ('{"description":"d"}', '"tags" is a required field of the metadata'),
        ('{"description":"d","tags":"a"}', '"tags" must be an array of strings'),
        ('{"description":"d","tags":null}', '"tags" must be an array of strings'),
        ('{"description":"d","tags":{}}', '"tags" must be an array of strings'),
        ('{"description":"d","tags":[],"start_date":"x","md5":"x"}', DATES),
        ('{"description":"d","tags":[],"md5":"x"}', "Invalid MD5 specified"),
    ],
)
def test_164_the_first_failure_is_told(world: World, client: httpx.Client, text: str, reason: str) -> None:
    check(client, world, text, reason)


@pytest.mark.parametrize(
    "text",
    [
        '{"description":"","tags":[]}',
        '{"description":"","tags":[1,null,{"a":[]}]}',
        having(tags=["x"] * 1000),
    ],
)
def test_164_empty_and_odd_but_valid_metadata_are_kept(world: World, client: httpx.Client, text: str) -> None:
    check(client, world, text, None)


def test_164_a_long_description_is_kept_and_one_beyond_all_measure_refused(world: World, client: httpx.Client) -> None:
    check(client, world, having(description="é" * 100_000), None)
    for metadata in (having(description="x" * 1_000_000), having(description="x" * 10_000_000)):
        answer = upload(client, world.token, world.alice_number, metadata=metadata)
        assert answer.status_code in (400, 413)
    assert upload(client, world.token, world.alice_number, metadata=having(tags=["x"] * 10**5)).status_code == 400


@pytest.mark.parametrize(
    "date",
    [
        "2016",
        "2016-01",
        "2016-01-01",
        "20160101",
        "2016-W01-1",
        "2016-01-01T10:00",
        "2016-01-01T10:00:00Z",
        "2016-01-01 10:00:00.5+02:00",
        "1467284379",
        1467284379,
        1467284379.5,
        "2016-02-29",
    ],
)
@pytest.mark.parametrize("field", ["creation_date", "start_date", "end_date"])
def test_these_dates_are_taken_and_kept(world: World, client: httpx.Client, field: str, date: object) -> None:
    check(client, world, having(**{field: date}), None)
    listed = exchange(client, world.token, world.alice_number).json()["data"]
    assert date in [file["metadata"].get(field) for file in listed]


@pytest.mark.parametrize(
    "date",
    [
        "",
        " ",
        None,
        [],
        {},
        True,
        "2016-13-41",
        "2015-02-29",
        "2016-02-30",
        "0000",
        "-0001",
        "10000",
        "10000-01-01",
        "2016-01-01T24:01",
        "2016-01-01T25:00",
        "9999-12-31T23:59:60Z",
        1e30,
        -1e30,
        10**400,
        "Fri, 01 Jan 2016 00:00:00 GMT",
        "now",
        "٢٠١٦",
        "2" * 100_000,
        "2016-W60-1",
    ],
)
def test_173_these_dates_are_refused(world: World, client: httpx.Client, date: object) -> None:
    check(client, world, having(end_date=date), DATES)


@pytest.mark.parametrize("md5", [None, 5, [], "", "abc", "é" * 32, "!" * 32, "0" * 31 + " "])
def test_what_is_no_md5_is_invalid(world: World, client: httpx.Client, md5: object) -> None:
    check(client, world, having(md5=md5), "Invalid MD5 specified")


@pytest.mark.parametrize("sha256", [None, 5, "abc", "g" * 64, "0" * 63, "0" * 65])
def test_what_is_no_sha_256_is_invalid(world: World, client: httpx.Client, sha256: object) -> None:
    check(client, world, having(sha256=sha256), "Invalid SHA-256 specified")


CONTENT = b"1,2\n"
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize(
    "sums",
    [
        {"md5": MD5},
        {"md5": MD5.upper()},
        {"md5": f"{MD5} tail"},
        {"sha256": SHA256.upper()},
        {"md5": MD5, "sha256": SHA256},
    ],
)
def test_175_checksums_of_these_bytes_are_taken(world: World, client: httpx.Client, sums: dict[str, str]) -> None:
    check(client, world, having(**sums), None)


@BOTH_STORES
@pytest.mark.parametrize(
    "sums",
    [{"md5": "0" * 32}, {"md5": "z" * 32}, {"sha256": "0" * 64}, {"md5": MD5, "sha256": MD5 * 2}],
)
def test_175_checksums_of_other_bytes_are_refused_and_nothing_stays(
    world: World,
    client: httpx.Client,
    sums: dict[str, str],
    staged: Callable[[], list[Path]],
    blobs: Callable[[], list[Path]],
) -> None:
    before = blobs()
    answer = upload(client, world.token, world.alice_number, metadata=having(**sums))
    assert answer.status_code == 400
    assert list(answer.json()) == ["metadata"]
    assert (staged(), blobs()) == ([], before)


@pytest.mark.parametrize(
    "part",
    [
        '"\\u0000"',
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\uffff"',
        '"\\ufffe"',
        '"\\ufdd0"',
        '"\U0001ffff"',
        '"\uffff"',
        '"\ufdef"',
        '1, "\\u0000": 1',
        '1, "\\ud800": 1',
        '"\x00"',
        '"\x01"',
        '"\n"',
    ],
)
def test_166_167_what_cannot_be_stored_is_refused_and_poisons_nothing(
    world: World, client: httpx.Client, part: str
) -> None:
    metadata = f'{{"description":"d","tags":[],"x":{part}}}'
    answer = upload(client, world.token, world.alice_number, metadata=metadata)
    assert answer.status_code == 400
    assert get(client, MEMBERS, world.token).json()["results"][0]["file_count"] == 1


@pytest.mark.parametrize(
    "text",
    ['{"description":"a","description":"b","tags":[]}', having()[:-1] + ',"x":{"y":1,"y":1}}'],
)
def test_169_a_key_that_appears_twice_is_refused(world: World, client: httpx.Client, text: str) -> None:
    check(client, world, text, PARSE)


@pytest.mark.parametrize("extra", ["/**/", "// x\n"])
def test_169_comments_are_refused(world: World, client: httpx.Client, extra: str) -> None:
    check(client, world, extra + METADATA, PARSE)


def test_169_a_byte_order_mark_is_refused(world: World, client: httpx.Client) -> None:
    check(client, world, "\ufeff" + METADATA, PARSE)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-32"])
def test_169_metadata_in_another_encoding_are_refused(world: World, encoding: str) -> None:
    body = multipart(
        ("name=project_member_id", world.alice_number.encode()),
        ("name=metadata", '{"description":"é","tags":[]}'.encode(encoding)),
        ('name=data_file; filename="a.csv"', b"1"),
    )
    before = DataFile.objects.count()
    assert upload_raw(world.token, body).status == 400
    assert DataFile.objects.count() == before


@pytest.mark.parametrize("depth", [65, 500, 1_100, 5_000, 100_000])
@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_168_what_is_nested_deeper_than_64_is_refused(
    world: World, client: httpx.Client, depth: int, pair: str
) -> None:
    opening = pair[0] if pair == "[]" else '{"a":'
    metadata = f'{{"description":"","tags":[],"x":{opening * depth}1{pair[1] * depth}}}'
    check(client, world, metadata, PARSE)


def test_168_sixty_deep_is_fine(world: World, client: httpx.Client) -> None:
    check(client, world, f'{{"description":"[[[[","tags":[],"x":{"[" * 63}{"]" * 63}}}', None)
    check(client, world, f'{{"description":"{"[" * 200}","tags":[]}}', None)


@pytest.mark.parametrize("text", ['"' * 999_999, '{"' + '\\"' * 499_000, '"\\' * 499_000, "{" + '"' * 999_000])
def test_168_a_text_of_quotes_is_refused(world: World, client: httpx.Client, text: str) -> None:
    check(client, world, text, PARSE)


@pytest.mark.parametrize(
    "value",
    ["' OR 1=1", ";--", "\\\\", "%", "_", "{{ settings }}", "${x}", "<script>", "%s", "%(a)s"],
)
def test_185_other_languages_are_only_text(world: World, client: httpx.Client, value: str) -> None:
    check(client, world, f'{{"description":"{value}","tags":["{value}"],"{value}":1}}', None)
    listed = exchange(client, world.token, world.alice_number).json()["data"]
    assert json.loads(f'"{value}"') in [file["metadata"]["description"] for file in listed]
