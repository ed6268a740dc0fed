"""A file on the wire: the original's eight keys and three of ours, metadata kept to the letter."""

import hashlib
import json
import re
from datetime import datetime, timedelta

import httpx
import pytest

from consentry_server.files.models import DataFile
from tests.doors.api.calls import MEMBERS, exchange, fetch, get, upload
from tests.doors.api.conftest import Clock
from tests.world import METADATA, World, give


def test_a_file_is_this_byte_for_byte_but_for_its_key(world: World, client: httpx.Client) -> None:
    text = exchange(client, world.token, world.alice_number).text
    written = re.sub(r"key=[0-9a-z-]+", "key=KEY", text[text.index('"data":') :])
    site, sha256 = "http://testserver", hashlib.sha256(b"alice,0\n").hexdigest()
    assert written == (
        f'"data":[{{"id":{world.file_id},"basename":"alice.csv","created":"2016-04-11T19:50:49.041825Z",'
        f'"datatypes":[],"download_url":"{site}/data-management/datafile-download/{world.file_id}/?key=KEY",'
        f'"metadata":{METADATA},"source":"direct-sharing-{world.source.pk}",'
        f'"source_project":"{site}/api/public/project/{world.source.pk}/","size":8,'
        f'"sha256":"{sha256}","modified":"2016-04-11T19:50:49.041825Z"}}]}}'
    )


def test_size_and_sha256_are_those_of_what_is_downloaded(world: World, client: httpx.Client) -> None:
    content = bytes(range(256)) * 100
    assert upload(client, world.token, world.alice_number, content=content).status_code == 201
    listed = exchange(client, world.token, world.alice_number).json()["data"]

    contents = [fetch(client, file["download_url"]).content for file in listed]
    found = [(len(content), hashlib.sha256(content).hexdigest()) for content in contents]

    assert found == [(file["size"], file["sha256"]) for file in listed]


def test_a_file_is_modified_when_it_is_complete(world: World, client: httpx.Client, clock: Clock) -> None:
    clock.move(hours=1)
    file_id = upload(client, world.token, world.alice_number).json()["id"]
    DataFile.objects.filter(id=file_id).update(completed_at=clock.now + timedelta(seconds=90))

    listed = exchange(client, world.token, world.alice_number).json()["data"]
    (file,) = [file for file in listed if file["id"] == file_id]

    assert datetime.fromisoformat(file["created"]) == clock.now
    assert datetime.fromisoformat(file["modified"]) == clock.now + timedelta(seconds=90)


def test_both_listings_write_a_file_alike(world: World, client: httpx.Client) -> None:
    listed = get(client, MEMBERS, world.token).json()["results"][0]["data"][0]
    single = exchange(client, world.token, world.alice_number).json()["data"][0]
    assert listed | {"download_url": ""} == single | {"download_url": ""}


def test_a_download_link_fits_where_old_clients_keep_it(world: World, client: httpx.Client) -> None:
    assert len(exchange(client, world.token, world.alice_number).json()["data"][0]["download_url"]) <= 512


EXACT = [
    '"z":1,"a":2,"10":3,"9":4',
    '"n":[1.0,1e5,123456789012345678901234567890,-0,0.1,1E+2,1e-7,100]',
    '"t":[true,false,null],"e":{},"f":[],"g":""',
    '"å":"ünïcode 日本 🧬","__proto__":{"constructor":1}',
    '"q":"a \\"quote\\" and \\\\ and \\n and \\u001f"',
    '"s":"{ not : [ json ] , }"',
    '"deep":{"a":{"b":{"c":[[[[]]]]}}}',
]


@pytest.mark.parametrize("extra", EXACT)
def test_metadata_comes_back_exactly_as_it_was_sent(world: World, client: httpx.Client, extra: str) -> None:
    metadata = f'{{"tags":[],{extra},"description":"d"}}'
    number = world.alice_number
    assert upload(client, world.token, number, metadata=metadata).status_code == 201
    text = exchange(client, world.token, number).text
    assert f'"metadata":{metadata},"source"' in text


def test_white_space_between_and_escapes_within_are_written_plainly(world: World, client: httpx.Client) -> None:
    metadata = ' {\n "description" : "\\u00e9\\/\\ud83e\\uddec a  b" ,\t"tags" : [ 1.50 , "x" ] } '
    upload(client, world.token, world.alice_number, metadata=metadata)
    text = exchange(client, world.token, world.alice_number).text
    assert '"metadata":{"description":"é/🧬 a  b","tags":[1.50,"x"]},' in text


def test_one_strange_number_does_not_break_the_page_for_people(world: World, client: httpx.Client) -> None:
    metadata = '{"tags":[],"description":"","n":1e999,"m":' + "9" * 4000 + "}"
    assert upload(client, world.token, world.alice_number, metadata=metadata).status_code == 201
    assert get(client, MEMBERS, world.token, format="api").status_code == 200
    assert get(client, MEMBERS, world.token).status_code == 200


def test_a_quote_in_a_name_cannot_break_the_answer(world: World, client: httpx.Client) -> None:
    give(world.alice, world.source, 'a"b\\c{}.csv')
    names = [file["basename"] for file in exchange(client, world.token, world.alice_number).json()["data"]]
    assert names[0] == "alice.csv"
    assert json.dumps(names[1]).strip('"') == names[1]
