"""`Idempotency-Key`: a client that did not hear the answer tries again, and there is no second file."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.db import IntegrityError, transaction

from consentry_server.audit.models import Event
from consentry_server.files import actions
from consentry_server.files.models import DataFile, FileTotal, Pending
from consentry_server.tokens.rules import Right
from tests.doors.api.calls import DELETE, INVALID_MEMBER, METADATA, UPLOAD, bearer, exchange, multipart, raw, upload
from tests.doors.api.conftest import Clock
from tests.doors.api.files import RESUMABLE, announce, announced, ask, begin, complete, encoded, send, tus
from tests.world import World, authorize, leave, make_named_token

Folder = Callable[[], list[Path]]
both = pytest.mark.parametrize("_storage", ["disk", "objects"], indirect=True)
KEY = "Idempotency-Key"
OTHER_FILE = (
    "This Idempotency-Key came with another file. Send another key with this one; to try the first again, send exactly "
    "what you sent with it."
)
GONE = (
    "The file of this Idempotency-Key is gone: it was deleted, or its upload is over. To bring it again, send another "
    "key."
)
UNFIT = {"detail": "An Idempotency-Key has 1 to 255 visible ASCII characters, without spaces."}


@pytest.fixture
def keyed(client: httpx.Client) -> httpx.Client:
    """A client that marks all that it sends as the same."""
    client.headers[KEY] = "week-3"
    return client


def stored(client: httpx.Client, world: World, **more: str | bytes) -> int:
    answer = upload(client, world.token, world.alice_number, **more)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    found: int = answer.json()["id"]
    return found


def listed(client: httpx.Client, world: World) -> list[int]:
    return [file["id"] for file in exchange(client, world.token, world.alice_number, limit=1000).json()["data"]]


def refused(answer: httpx.Response, sentence: str) -> bool:
    return (answer.status_code, answer.json()) == (409, {"detail": sentence})


def test_215_the_same_upload_again_is_the_same_file(world: World, keyed: httpx.Client, blobs: Folder) -> None:
    before = len(blobs())
    ids = {stored(keyed, world) for _ in range(3)}
    assert len(ids) == 1
    assert len(blobs()) == before + 1
    assert [*ids] == [pk for pk in listed(keyed, world) if pk in ids]
    total = FileTotal.objects.get(member=world.alice, source=world.study)
    assert (total.files, total.size) == (1, 4)
    assert Event.objects.filter(name="file.store").count() == 1


def test_215_a_key_holds_for_one_member_of_one_project(world: World, keyed: httpx.Client) -> None:
    elsewhere = authorize(world.alice, world.other).project_member.number
    ids = {
        stored(keyed, world),
        upload(keyed, world.token, world.bob_number).json()["id"],
        upload(keyed, world.other_token, elsewhere).json()["id"],
    }
    assert len(ids) == 3


def test_215_a_key_holds_for_all_tokens_of_a_project(world: World, keyed: httpx.Client) -> None:
    first = stored(keyed, world)
    world.token = make_named_token(world.study, "second", Right.ADD)
    assert stored(keyed, world) == first


@pytest.mark.parametrize(
    "changed",
    [
        {"content": b"1,3\n"},
        {"content": b"1,2\n\n"},
        {"name": "other.csv"},
        {"metadata": '{"description":"Steps by day","tags":["step"]}'},
    ],
)
def test_215_another_file_with_the_same_key_is_refused(
    world: World, keyed: httpx.Client, blobs: Folder, changed: dict[str, str]
) -> None:
    first, before = stored(keyed, world), len(blobs())
    assert refused(upload(keyed, world.token, world.alice_number, **changed), OTHER_FILE)
    assert len(blobs()) == before
    assert stored(keyed, world) == first


def test_215_after_a_day_a_key_is_free_again(world: World, keyed: httpx.Client, clock: Clock) -> None:
    month = timedelta(days=30)  # of the token, so that it outlives the key
    world.token = make_named_token(world.study, "month", Right.ADD, Right.READ, lifetime=month)
    first = stored(keyed, world)
    clock.move(hours=23, minutes=59)
    assert stored(keyed, world) == first
    clock.move(minutes=1)
    again = stored(keyed, world, content=b"other bytes")
    assert again != first
    assert {first, again} <= set(listed(keyed, world))


def test_215_what_was_deleted_does_not_come_back_by_itself(world: World, keyed: httpx.Client) -> None:
    first = stored(keyed, world)
    fields = {"project_member_id": world.alice_number, "file_id": first}
    assert keyed.post(DELETE, headers=bearer(world.token), data=fields).status_code == 200
    assert refused(upload(keyed, world.token, world.alice_number), GONE)
    keyed.headers[KEY] = "another"
    assert stored(keyed, world) != first


def test_215_what_was_refused_holds_no_key(world: World, keyed: httpx.Client) -> None:
    assert upload(keyed, world.token, world.alice_number, metadata="{").status_code == 400
    assert upload(keyed, world.token, "00000000").status_code == 400
    stored(keyed, world)


def test_215_who_may_not_add_learns_nothing_by_a_key(world: World, keyed: httpx.Client) -> None:
    stored(keyed, world)
    leave(world.of_alice)
    assert upload(keyed, world.token, world.alice_number).json() == INVALID_MEMBER


@pytest.mark.parametrize("key", ["", " ", "two words", "a" * 256, "k\xe4se", "a\tb", "a\x7fb", "a\n"])
def test_215_a_key_that_is_none_is_refused_before_anything_is_read(world: World, staged: Folder, key: str) -> None:
    body = multipart(('name="data_file"; filename="a"', b"1"))
    environ = {"HTTP_AUTHORIZATION": f"Bearer {world.token}", "CONTENT_TYPE": "multipart/form-data; boundary=edge"}
    answer = raw("POST", UPLOAD, body, environ | {"HTTP_IDEMPOTENCY_KEY": key})
    assert (answer.status, answer.body) == (400, httpx.Response(400, json=UNFIT).content)
    assert not staged()


@pytest.mark.parametrize("key", ["!", "~" * 255, "'; DROP TABLE files_datafile; --".replace(" ", "/")])
def test_215_any_visible_characters_are_a_key(world: World, client: httpx.Client, key: str) -> None:
    client.headers[KEY] = key
    assert stored(client, world) == stored(client, world)


@both
def test_215_an_announcement_again_is_the_same_upload(world: World, keyed: httpx.Client, clock: Clock) -> None:
    first, url = announced(keyed, world)
    clock.move(hours=1)
    again, same = announced(keyed, world)
    assert (again, same.partition("?")[0]) == (first, url.partition("?")[0])
    assert Pending.objects.get().file_id == first
    assert refused(announce(keyed, world, filename="other.csv"), OTHER_FILE)
    assert refused(begin(keyed, world, 10), OTHER_FILE)


def test_215_the_whole_of_a_direct_upload_again_ends_with_the_same_file(world: World, keyed: httpx.Client) -> None:
    before = len(listed(keyed, world))
    file_id, url = announced(keyed, world)
    keyed.put(url, content=b"1,2")
    done = complete(keyed, world, file_id).json()
    again, url = announced(keyed, world)
    assert again == file_id
    put = keyed.put(url, content=b"1,2")
    assert (put.status_code, "it is complete" in put.json()["detail"]) == (403, True)
    assert complete(keyed, world, again).json() == done == {"status": "ok", "size": 3}
    assert len(listed(keyed, world)) == before + 1


def test_215_an_upload_that_is_over_is_told_so(world: World, keyed: httpx.Client, clock: Clock) -> None:
    announced(keyed, world)
    clock.move(hours=6)
    assert refused(announce(keyed, world), GONE)


def test_215_an_upload_of_before_the_member_left_is_over(world: World, keyed: httpx.Client) -> None:
    announced(keyed, world)
    leave(world.of_alice)
    world.of_alice = authorize(world.alice, world.study)
    assert refused(announce(keyed, world), GONE)


def test_215_an_upload_in_parts_goes_on_where_it_was(world: World, keyed: httpx.Client) -> None:
    url = begin(keyed, world, 10).headers["Location"]
    send(keyed, world, url, 0, b"0123")
    assert begin(keyed, world, 10).headers["Location"] == url
    assert ask(keyed, world, url).headers["Upload-Offset"] == "4"
    assert refused(begin(keyed, world, 11), OTHER_FILE)
    assert refused(announce(keyed, world), OTHER_FILE)
    send(keyed, world, url, 4, b"456789")
    assert begin(keyed, world, 10).headers["Location"] == url
    assert ask(keyed, world, url).headers["Upload-Offset"] == "10"
    assert refused(begin(keyed, world, 11), OTHER_FILE)


def test_215_parts_that_come_with_the_announcement_count_once(world: World, keyed: httpx.Client) -> None:
    said = encoded({"project_member_id": world.alice_number, "metadata": METADATA, "filename": "steps.csv"})
    head = tus(world, Upload_Length=8, Upload_Metadata=said, Content_Type="application/offset+octet-stream")
    first, again = (keyed.post(RESUMABLE, headers=head, content=b"0123") for _ in range(2))
    for answer in (first, again):
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "4")
        assert answer.headers["Location"] == first.headers["Location"]
    assert send(keyed, world, first.headers["Location"], 4, b"4567").headers["Upload-Offset"] == "8"


def test_a_day_later_reconcile_forgets_keys(world: World, keyed: httpx.Client, clock: Clock) -> None:
    stored(keyed, world)
    actions.forget_keys(now=clock.now)
    assert DataFile.objects.filter(once="week-3").exists()
    clock.move(days=1, seconds=1)
    actions.forget_keys(now=clock.now)
    assert not DataFile.objects.exclude(once=None).exists()


def test_the_database_holds_one_file_for_a_key(world: World, keyed: httpx.Client) -> None:
    first, other = stored(keyed, world), world.file_id
    DataFile.objects.filter(id=other).update(source=world.study)
    with pytest.raises(IntegrityError), transaction.atomic():
        DataFile.objects.filter(id=other).update(once=DataFile.objects.get(id=first).once)
