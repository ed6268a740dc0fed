"""Keys, and what an object store's own addresses open: against the strict store."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from consentry_server.common import ids
from consentry_server.storage import StoreDown, _bucket, _object_inbox
from consentry_server.storage._object import ObjectStore
from tests.contract import sigv4
from tests.contract.objects import keep, read
from tests.contract.stores import LOCATION, Place, variables
from tests.contract.strict_s3 import Handler, Strict

TEN_MINUTES, SIX_HOURS = timedelta(minutes=10), timedelta(hours=6)
LARGE = 10**9


def address(store: ObjectStore, key: str, name: str = "alice.csv") -> str:
    found = store.address(key, name=name, lifetime=TEN_MINUTES)
    assert found is not None
    return found


def put_address(store: ObjectStore, key: str) -> str:
    found = store.inbox.address(key, lifetime=SIX_HOURS)
    assert found is not None
    return found


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    monkeypatch.setattr(sigv4, "now", lambda: datetime.now(UTC) + by)


# --- keys


def test_150_nothing_of_a_name_is_in_a_key(objects: ObjectStore, server: Strict) -> None:
    key = keep(objects)
    assert list(server.objects) == [f"/bucket/some/prefix/blobs/{key}"]
    assert urlsplit(address(objects, key, "alice_genome.vcf")).path == f"/bucket/some/prefix/blobs/{key}"


def test_139_what_lies_in_the_bucket_is_inert_whoever_serves_it(objects: ObjectStore, server: Strict) -> None:
    keep(objects)
    keep(objects, os.urandom(9 << 20))
    put = ids.new_key()
    page = {"Content-Type": "text/html"}
    httpx.put(put_address(objects, put), content=b"<script>", headers=page).raise_for_status()
    objects.inbox.pin(put, largest=LARGE)
    kept = [found for key, found in server.objects.items() if "/blobs/" in key]
    assert len(kept) == 3
    for found in kept:
        headers = {name.lower(): value for name, value in found.headers.items()}
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"] == "attachment"


def test_foreign_objects_are_told_and_not_taken_for_blobs(objects: ObjectStore, server: Strict) -> None:
    key = keep(objects)
    mine = server.objects[f"/bucket/some/prefix/blobs/{key}"]
    for name in ("notes.txt", "blobs/notes", "inbox/notes", "blobs/" + "a" * 31 + "G"):
        server.objects[f"/bucket/some/prefix/{name}"] = mine
    server.objects["/bucket/elsewhere"] = mine
    assert [found for found, _ in objects.keys()] == [key]  # noqa: SIM118 - not a dictionary
    assert len(list(objects.strays())) == 4


# --- addresses to download from


def test_139_an_address_forces_an_attachment_of_no_type(objects: ObjectStore) -> None:
    found = httpx.get(address(objects, keep(objects, b"<script>"), "é.html"))
    assert (found.status_code, found.content) == (200, b"<script>")
    assert found.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%A9.html"
    assert found.headers["Content-Type"] == "application/octet-stream"
    assert found.headers["Content-Length"] == "8"


@pytest.mark.parametrize("name", ["alice.csv", "é.csv", "日本.txt", "-a_b.c", "a" * 255])
def test_clients_find_the_name_behind_the_last_slash(objects: ObjectStore, name: str) -> None:
    key = keep(objects)
    found = httpx.get(address(objects, key, name))
    assert found.status_code == 200
    # as ohpub-download does it
    assert unquote(str(found.url).split("/")[-1].split("?")[0]) == name


def test_139_no_part_of_an_address_can_be_changed(objects: ObjectStore) -> None:
    key, other = keep(objects), keep(objects, b"other")
    good = address(objects, key)
    assert httpx.get(good).status_code == 200
    inline = good.replace("attachment", "inline")
    html = good.replace("application%2Foctet-stream", "text%2Fhtml")
    for bad in (inline, html, good.replace(key, other), good.replace("Expires=600", "Expires=900"), good + "x"):
        assert bad != good
        assert httpx.get(bad).status_code == 403
    assert httpx.put(good, content=b"mine").status_code == 403
    assert httpx.get(good.partition("?")[0]).status_code == 403


def test_an_address_ends_after_ten_minutes(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    found = address(objects, keep(objects))
    assert parse_qs(urlsplit(found).query)["X-Amz-Expires"] == ["600"]
    later(monkeypatch, timedelta(seconds=590))
    assert httpx.get(found).status_code == 200
    later(monkeypatch, timedelta(seconds=601))
    assert httpx.get(found).status_code == 403


def test_the_tag_is_the_one_with_which_the_bytes_come(objects: ObjectStore) -> None:
    key = keep(objects)
    found = httpx.get(address(objects, key), headers={"Range": "bytes=1-2", "If-Range": str(objects.tag(key))})
    assert (found.status_code, found.content) == (206, b",2")


def test_clients_may_know_the_store_by_another_name(strict: Place, server: Strict) -> None:
    with variables(strict.environment | {"AWS_ENDPOINT_URL_S3": server.url.replace("127.0.0.1", "localhost")}):
        store = ObjectStore(LOCATION, reached_at=server.url)
    key = keep(store)
    assert address(store, key).startswith(f"{server.url}/bucket/")
    assert httpx.get(address(store, key)).status_code == 200
    assert httpx.put(put_address(store, ids.new_key()), content=b"1").status_code == 200


def test_a_store_that_clients_cannot_reach_has_no_addresses(strict: Place) -> None:
    with variables(strict.environment):
        store = ObjectStore(LOCATION, reached_at="none")
    assert store.address(ids.new_key(), name="x", lifetime=TEN_MINUTES) is None
    assert store.inbox.address(ids.new_key(), lifetime=SIX_HOURS) is None


# --- addresses to upload to


def test_a_put_without_a_type_answers_200_and_is_pinned(objects: ObjectStore) -> None:
    key = ids.new_key()
    found = httpx.put(put_address(objects, key), content=b"direct")
    assert found.status_code == 200
    pinned = objects.inbox.pin(key, largest=LARGE)
    assert read(objects, pinned.key) == b"direct"
    assert (pinned.size, pinned.sha256) == (6, hashlib.sha256(b"direct").hexdigest())


def test_211_a_put_after_the_pin_changes_nothing(objects: ObjectStore) -> None:
    key = ids.new_key()
    httpx.put(put_address(objects, key), content=b"pinned")
    pinned = objects.inbox.pin(key, largest=LARGE)
    assert httpx.put(put_address(objects, key), content=b"later!").status_code == 200
    assert read(objects, pinned.key) == b"pinned"
    assert hashlib.sha256(read(objects, pinned.key)).hexdigest() == pinned.sha256


def test_212_a_put_while_it_is_pinned_never_splits_sum_and_bytes(objects: ObjectStore, server: Strict) -> None:
    key = ids.new_key()
    asked = put_address(objects, key)
    httpx.put(asked, content=b"first")

    def race(_: Handler, line: str) -> None:
        # a client puts other bytes before each step of the pin
        if "/inbox/" not in line or not line.startswith("PUT"):
            server.fault = None
            httpx.put(asked, content=os.urandom(9))
            server.fault = race

    server.fault = race
    try:
        pinned = objects.inbox.pin(key, largest=LARGE)
    except (StoreDown, FileExistsError):
        pinned = None
    server.fault = None
    blobs = [found for found, _ in objects.keys()]  # noqa: SIM118 - not a dictionary
    if pinned is None:
        assert blobs == []
    else:
        assert hashlib.sha256(read(objects, pinned.key)).hexdigest() == pinned.sha256


def test_an_address_to_upload_to_is_for_one_key_and_six_hours(
    objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other = ids.new_key(), keep(objects, b"kept")
    found = put_address(objects, key)
    assert httpx.put(found.replace(f"inbox/{key}", f"blobs/{other}"), content=b"mine").status_code == 403
    assert httpx.get(found).status_code == 403
    later(monkeypatch, timedelta(hours=6, seconds=-5))
    assert httpx.put(found, content=b"1").status_code == 200
    later(monkeypatch, timedelta(hours=6, seconds=1))
    assert httpx.put(found, content=b"1").status_code == 403
    monkeypatch.undo()
    assert read(objects, other) == b"kept"


def test_a_large_object_is_copied_in_parts(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bucket, "COPIED", 5 << 20)
    key, content = ids.new_key(), os.urandom(12 << 20)
    httpx.put(put_address(objects, key), content=content)
    pinned = objects.inbox.pin(key, largest=LARGE)
    assert pinned.sha256 == hashlib.sha256(content).hexdigest()
    assert read(objects, pinned.key) == content


def test_217_what_grows_over_many_parts_is_whole(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_object_inbox, "GROWN", 1000)
    key, content, size = ids.new_key(), os.urandom(7777), 0
    for step in (1, 998, 1, 1, 2999, 1000, 500, 700, 1577):
        growing = objects.inbox.grow(key, size=size)
        growing.write(content[size : size + step])
        size = growing.flush()
        growing.close()
    wrong = objects.inbox.grow(key, size=7000)
    wrong.write(b"x" * 700)
    wrong.close()
    assert objects.inbox.pin(key, largest=LARGE).sha256 == hashlib.sha256(content).hexdigest()
    objects.inbox.forget(key)
    assert list(objects.inbox.keys()) == []
