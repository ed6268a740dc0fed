"""What an object store can do wrong: be down, slow or full, or lie. Against the strict store, broken on purpose."""

import hashlib
import os
import threading
from collections.abc import Callable

import pytest

from consentry_server.storage import StoreDown, StoreFull, _s3
from consentry_server.storage._object import ObjectStore
from tests.contract.objects import keep, read
from tests.contract.sigv4 import Refusal
from tests.contract.stores import LOCATION, Place, variables
from tests.contract.strict_s3 import Handler, Strict


def broken(code: str, status: int, times: int = 10**9) -> Callable[[Handler, str], None]:
    left = [times]

    def fault(_: Handler, line: str) -> None:
        if left[0] and line.startswith(("PUT", "POST", "GET")):
            left[0] -= 1
            raise Refusal(status, code)

    return fault


@pytest.mark.parametrize("size", [10, 9 << 20])
@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("InternalError", 500, StoreDown),
        ("SlowDown", 503, StoreDown),
        ("AccessDenied", 403, StoreDown),
        ("NoSuchBucket", 404, StoreDown),
        ("InsufficientStorage", 507, StoreFull),
        ("XMinioStorageFull", 507, StoreFull),
        ("QuotaExceeded", 403, StoreFull),
    ],
)
def test_277_a_refusal_is_said_and_leaves_nothing(
    impatient: ObjectStore, server: Strict, code: str, status: int, error: type[Exception], size: int
) -> None:
    server.fault = broken(code, status)
    with pytest.raises(error):
        keep(impatient, b"x" * size)
    server.fault = None
    assert (server.objects, server.uploads) == ({}, {})


def test_a_hiccup_is_tried_again(objects: ObjectStore, server: Strict) -> None:
    server.fault = broken("InternalError", 500, times=2)
    assert read(objects, keep(objects, b"in the end")) == b"in the end"


def test_277_a_store_that_is_gone_is_said(strict: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_s3, "TRIES", 1)
    with variables(strict.environment | {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}):
        store = ObjectStore(LOCATION)
    for call in (lambda: keep(store), lambda: store.open("a" * 32), lambda: store.delete("a" * 32)):
        with pytest.raises(StoreDown):
            call()
    with pytest.raises(StoreDown):
        list(store.keys())


def test_277_a_store_that_hangs_is_given_up(impatient: ObjectStore, server: Strict) -> None:
    over = threading.Event()
    server.fault = lambda *_: over.wait(20) and None  # type: ignore[func-returns-value]
    try:
        with pytest.raises(StoreDown):
            keep(impatient)
    finally:
        over.set()
    assert len([line for line in server.asked if line.startswith("PUT")]) == 2


def test_an_answer_that_is_lost_is_no_loss(impatient: ObjectStore, server: Strict) -> None:
    for size in (10, 9 << 20):
        lose_answers(server)
        key = keep(impatient, b"y" * size)
        server.fault = None
        assert len(read(impatient, key)) == size
    assert server.uploads == {}


def lose_answers(server: Strict) -> None:
    """Do what is asked the first time, and close the connection instead of saying so."""
    lost = []

    def fault(request: Handler, line: str) -> None:
        finishes = line.startswith("POST") and "uploadId" in line
        if (finishes or (line.startswith("PUT") and "partNumber" not in line)) and not lost:
            lost.append(line)
            request.mute = True

    server.fault = fault


def test_a_short_body_is_taken_up_where_it_broke(objects: ObjectStore, server: Strict) -> None:
    content = os.urandom(3 << 20)
    key = keep(objects, content)
    cuts = [1, 1 << 20]

    def cut(request: Handler, _: str) -> None:
        request.cut = cuts.pop() if cuts else 0

    server.fault = cut
    assert read(objects, key) == content
    assert cuts == []


def test_a_body_that_always_ends_early_is_no_file(objects: ObjectStore, server: Strict) -> None:
    key = keep(objects, b"0123456789")

    def cut(request: Handler, _: str) -> None:
        request.cut = 10**9

    with objects.open(key) as good:
        assert good.read(4) == b"0123"
    server.fault = cut
    with objects.open(key) as blob, pytest.raises(StoreDown):
        blob.read()


def test_another_object_in_the_place_of_one_that_is_being_read_is_not_mixed_in(
    objects: ObjectStore, server: Strict
) -> None:
    key, other = keep(objects, b"a" * 1000), keep(objects, b"b" * 1000)
    place = "/bucket/some/prefix/blobs/"
    with objects.open(key) as blob:
        assert blob.read(10) == b"a" * 10
        server.objects[place + key] = server.objects[place + other]
        blob.seek(500)
        with pytest.raises((StoreDown, FileExistsError)):
            blob.read(10)


def test_a_part_whose_sum_is_a_lie_is_not_kept(objects: ObjectStore, server: Strict) -> None:
    def lie(request: Handler, line: str) -> None:
        if "partNumber" in line:
            request.lie = True

    server.fault = lie
    with pytest.raises(StoreDown):
        keep(objects, b"z" * (9 << 20))
    server.fault = None
    assert (server.objects, server.uploads) == ({}, {})


def test_bytes_that_change_on_the_way_are_refused(objects: ObjectStore, server: Strict) -> None:
    def flip(request: Handler, line: str) -> None:
        if line.startswith("PUT"):
            request.sha256 = hashlib.sha256(b"another body").hexdigest()

    server.fault = flip
    with pytest.raises(StoreDown):
        keep(objects)
    server.fault = None
    assert server.objects == {}


def test_a_store_that_says_yes_and_keeps_nothing_is_not_believed(objects: ObjectStore, server: Strict) -> None:
    def pretend(request: Handler, line: str) -> None:
        if line.startswith("PUT"):
            request.pretend = True

    server.fault = pretend
    with pytest.raises(StoreDown):
        keep(objects)


def test_a_store_without_conditions_is_asked_without(strict: Place, server: Strict) -> None:
    with variables(strict.environment):
        store = ObjectStore(LOCATION)
    server.conditions = False
    assert read(store, keep(store, b"small")) == b"small"
    assert len(read(store, keep(store, b"l" * (9 << 20)))) == 9 << 20


@pytest.mark.usefixtures("_small_parts")
def test_208_an_upload_that_is_given_up_leaves_no_part(objects: ObjectStore, server: Strict) -> None:
    staged = objects.stage()
    staged.write(os.urandom(11 << 20))
    assert len(server.uploads) == 1
    staged.discard()
    assert (server.objects, server.uploads) == ({}, {})


def test_wrong_credentials_are_refused(strict: Place) -> None:
    with variables(strict.environment | {"AWS_SECRET_ACCESS_KEY": "guess"}):
        store = ObjectStore(LOCATION)
    with pytest.raises(StoreDown):
        keep(store)
