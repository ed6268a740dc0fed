"""Downloads from an object store: its own signed address where that will do, ours where the store falls short."""

import hashlib
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from django.db import DatabaseError
from pytest_django import Settings

from consentry_server.files.actions import reading
from consentry_server.files.models import Access
from consentry_server.storage import _open
from tests.contract.sigv4 import Refusal
from tests.contract.strict_s3 import Handler, Strict
from tests.doors.api.calls import bearer, exchange, fetch, upload
from tests.world import World, give

pytestmark = pytest.mark.django_db

MISSING = "<h1>This file is unavailable.</h1>"
DELETE = "/api/direct-sharing/project/files/delete/"
CONTENT = bytes(range(256)) * 4
SHA256 = f'"{hashlib.sha256(CONTENT).hexdigest()}"'


@pytest.fixture
def link(world: World, client: httpx.Client) -> str:
    pk = give(world.alice, world.source, "genome é.csv", CONTENT)
    files = exchange(client, world.token, world.alice_number).json()["data"]
    return str(next(file["download_url"] for file in files if file["id"] == pk))


@pytest.fixture
def through(settings: Settings) -> None:
    """Clients cannot reach the store."""
    settings.STORAGE_ADDRESS = "none"
    _open.cache_clear()


def location(client: httpx.Client, link: str, **headers: str) -> str:
    answer = client.get(link, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def ours(address: str) -> str:
    assert address.startswith("/data-management/datafile/")
    return f"http://testserver{address}"


def test_139_a_link_leads_to_an_address_of_the_store_for_ten_minutes(
    client: httpx.Client, link: str, server: Strict
) -> None:
    found = location(client, link)
    asked = parse_qs(urlsplit(found).query)
    assert found.startswith(f"{server.url}/bucket/")
    assert asked["X-Amz-Expires"] == ["600"]
    assert asked["response-content-disposition"] == ["attachment; filename*=UTF-8''genome_%C3%A9.csv"]
    assert asked["response-content-type"] == ["application/octet-stream"]
    answer = httpx.get(found)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["Content-Length"] == "1024"
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_the_address_ends_in_the_name_and_150_its_key_does_not_hold_it(client: httpx.Client, link: str) -> None:
    found = location(client, link)
    assert unquote(found.split("/")[-1]) == "genome_é.csv"
    assert "genome" not in urlsplit(found).path


def test_028_no_secret_of_ours_is_in_an_address_of_the_store(client: httpx.Client, link: str) -> None:
    assert link.partition("key=")[2] not in location(client, link)


def test_the_line_of_the_ledger_stands_before_the_address_is_given(client: httpx.Client, link: str) -> None:
    before = Access.objects.filter(kind="download").count()
    location(client, link)
    line = Access.objects.filter(kind="download").latest("id")
    assert Access.objects.filter(kind="download").count() == before + 1
    assert line.size == 1024
    location(client, link, Range="bytes=0-9")
    assert Access.objects.filter(kind="download").latest("id").size == 10


def test_302_without_the_ledger_no_address_is_given(
    client: httpx.Client, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(reading, "write_ledger", fail)
    answer = client.get(link)
    assert answer.status_code == 503
    assert "Location" not in answer.headers


def test_a_part_comes_from_the_store_itself(client: httpx.Client, link: str) -> None:
    answer = fetch(client, link, Range="bytes=100-199")
    assert (answer.status_code, answer.content) == (206, CONTENT[100:200])
    assert answer.headers["Content-Range"] == "bytes 100-199/1024"


def test_head_is_answered_by_us_as_a_signed_address_is_for_get_alone(client: httpx.Client, link: str) -> None:
    first = client.head(link)
    answer = client.head(ours(first.headers["Location"]))
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "1024", b"")
    assert answer.headers["ETag"] == SHA256
    assert urlsplit(first.headers["Location"]).path.endswith("/genome_%C3%A9.csv")
    assert client.get(ours(first.headers["Location"])).content == CONTENT


def test_223_a_download_goes_on_with_the_tag_of_the_store_or_with_ours(client: httpx.Client, link: str) -> None:
    of_the_store = fetch(client, link).headers["ETag"]
    assert of_the_store != SHA256
    for tag in (of_the_store, SHA256):
        answer = fetch(client, link, **{"Range": "bytes=1000-", "If-Range": tag})
        assert (answer.status_code, answer.content) == (206, CONTENT[1000:])
    for other in (f'"{"0" * 32}"', "W/" + SHA256, "Wed, 21 Oct 2015 07:28:00 GMT"):
        answer = fetch(client, link, **{"Range": "bytes=1000-", "If-Range": other})
        assert (answer.status_code, answer.content) == (200, CONTENT)


def test_what_the_caller_has_already_is_not_sent_again(client: httpx.Client, link: str) -> None:
    for tag in (fetch(client, link).headers["ETag"], SHA256, "*"):
        assert fetch(client, link, **{"If-None-Match": tag}).status_code == 304
    assert fetch(client, link, **{"If-None-Match": '"x"'}).content == CONTENT


def test_050_a_link_dies_with_the_consent(
    world: World, client: httpx.Client, link: str, goes: Callable[[World], None]
) -> None:
    target = ours(client.head(link).headers["Location"])
    goes(world)
    for address in (link, target):
        assert client.get(address).status_code == 403


def test_a_deleted_file_is_gone_from_the_store(world: World, client: httpx.Client, server: Strict) -> None:
    before = set(server.objects)
    stored = upload(client, world.token, world.alice_number, content=CONTENT).json()["id"]
    link = next(
        file["download_url"]
        for file in exchange(client, world.token, world.alice_number).json()["data"]
        if file["id"] == stored
    )
    address = location(client, link)
    assert httpx.get(address).status_code == 200
    form = {"project_member_id": world.alice_number, "file_id": stored}
    assert client.post(DELETE, headers=bearer(world.token), data=form).json() == {"ids": [stored]}
    assert set(server.objects) == before
    assert client.get(link).status_code == 403
    assert httpx.get(address).status_code == 404


@pytest.mark.usefixtures("through")
def test_through_this_server_the_path_itself_ends_in_the_name(client: httpx.Client, link: str) -> None:
    found = ours(location(client, link))
    assert unquote(urlsplit(found).path.rpartition("/")[2]) == "genome_é.csv"
    answer = client.get(found)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    part = client.get(found, headers={"Range": "bytes=1000-"})
    assert (part.status_code, part.content) == (206, CONTENT[1000:])


@pytest.mark.usefixtures("through")
def test_no_proxy_is_sent_for_bytes_that_lie_in_no_folder(client: httpx.Client, link: str, settings: Settings) -> None:
    settings.INTERNAL_REDIRECT = "/stored/"
    answer = fetch(client, link)
    assert answer.content == CONTENT
    assert "X-Accel-Redirect" not in answer.headers


@pytest.mark.usefixtures("through")
def test_bytes_that_are_gone_are_said(client: httpx.Client, link: str, server: Strict) -> None:
    target = ours(location(client, link))
    server.objects.clear()
    for answer in (client.get(target), client.get(target, headers={"If-None-Match": '"x"'})):
        assert (answer.status_code, answer.text) == (403, MISSING)


@pytest.mark.usefixtures("through")
def test_277_while_the_store_is_down_downloads_and_uploads_say_so_and_the_rest_works(
    world: World, client: httpx.Client, link: str, server: Strict
) -> None:
    def down(_: Handler, line: str) -> None:
        raise Refusal(403, "ServiceUnavailable")

    target = ours(location(client, link))
    server.fault = down
    for answer in (client.get(target), upload(client, world.token, world.alice_number)):
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
    assert exchange(client, world.token, world.alice_number).status_code == 200


def test_507_a_full_store_is_said_and_leaves_no_file(world: World, client: httpx.Client, server: Strict) -> None:
    def full(_: Handler, line: str) -> None:
        if line.startswith("PUT"):
            raise Refusal(507, "XMinioStorageFull")

    count = exchange(client, world.token, world.alice_number).json()["count"]
    server.fault = full
    assert upload(client, world.token, world.alice_number).status_code == 507
    assert exchange(client, world.token, world.alice_number).json()["count"] == count
