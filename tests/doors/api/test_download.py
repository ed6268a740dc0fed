"""Download links: no credentials, one file, one hour, and dead with the consent."""

import hashlib
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from consentry_server.common.ids import new_secret
from consentry_server.common.keys import derive
from consentry_server.files.rules import Link, sign_link
from tests.doors.api.calls import DELETE, METADATA, UPLOAD, bearer, exchange, fetch, raw, upload
from tests.doors.api.conftest import BOTH_STORES, Clock
from tests.doors.api.files import announced, put
from tests.world import World, authorize, give, leave

pytestmark = pytest.mark.django_db

REFUSED = "<h1>You are not authorized to view this file.</h1>"
MISSING = "<h1>This file is unavailable.</h1>"
CONTENT = bytes(range(256)) * 4


def link_of(client: httpx.Client, world: World) -> str:
    return str(exchange(client, world.token, world.alice_number).json()["data"][0]["download_url"])


@pytest.fixture
def link(world: World, client: httpx.Client) -> str:
    """A link to alice's file of 1,024 bytes."""
    pk = give(world.alice, world.source, "genome é.csv", CONTENT)
    files = exchange(client, world.token, world.alice_number).json()["data"]
    return str(next(file["download_url"] for file in files if file["id"] == pk))


def target_of(client: httpx.Client, link: str) -> str:
    return f"http://testserver{client.get(link).headers['Location']}"


def refused(answer: httpx.Response, page: str = REFUSED) -> None:
    assert (answer.status_code, answer.text) == (403, page)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_link_leads_to_an_address_that_ends_in_the_name(client: httpx.Client, link: str) -> None:
    answer = client.get(link)
    assert answer.status_code == 302
    assert unquote(urlsplit(answer.headers["Location"]).path.rpartition("/")[2]) == "genome_é.csv"
    assert answer.headers["Location"].startswith("/data-management/")


@BOTH_STORES
def test_the_bytes_come_whole_with_their_length(client: httpx.Client, link: str) -> None:
    answer = fetch(client, link)
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["Content-Length"] == "1024"
    assert "Transfer-Encoding" not in answer.headers


@BOTH_STORES
def test_a_link_works_again_and_again_without_any_credentials(client: httpx.Client, link: str) -> None:
    for _ in range(3):
        assert fetch(client, link).content == CONTENT


def test_each_listing_makes_a_link_of_its_own_without_a_row(world: World, client: httpx.Client, clock: Clock) -> None:
    first = link_of(client, world)
    clock.move(seconds=5)
    assert link_of(client, world) != first


EVIL = b"<script>alert(1)</script>"
POLYGLOTS = (
    b"GIF89a/*" + EVIL + b"*/=1;",
    b"%PDF-1.7 PK\x03\x04" + EVIL,
    b"##fileformat=VCFv4.2\n" + EVIL,
    b'{"a": "' + EVIL,
)
NAMES = ("x.html", "x.svg", "x.xml", "x.js", "x.pdf", "x.swf", "x.wasm", "x.gif", "x.zip", "x.vcf", "x.json", "x.csv")


@pytest.mark.parametrize("content", [EVIL, *POLYGLOTS], ids=["html", "gif", "pdf", "vcf", "json"])
def test_136_137_138_what_is_downloaded_can_never_run(world: World, client: httpx.Client, content: bytes) -> None:
    fields = {"project_member_id": world.alice_number, "metadata": METADATA}
    for name in NAMES:
        part = {"data_file": (name, content, "text/html; charset=utf-7")}
        assert client.post(UPLOAD, headers=bearer(world.token), data=fields, files=part).status_code == 201
    assert len(exchange(client, world.token, world.alice_number).json()["data"]) >= len(NAMES)
    for file in exchange(client, world.token, world.alice_number).json()["data"]:
        headers = fetch(client, file["download_url"]).headers
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote(file['basename'])}"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"


def test_140_a_name_cannot_break_the_header(client: httpx.Client, link: str) -> None:
    assert fetch(client, link).headers["Content-Disposition"] == "attachment; filename*=UTF-8''genome_%C3%A9.csv"


def test_no_page_of_another_site_reads_a_download(client: httpx.Client, link: str) -> None:
    for address in (
        link,
        target_of(client, link),
        link[:-1],
        f"{link[:-5]}x",
        link.replace("download/", "download//"),
    ):
        assert "Access-Control-Allow-Origin" not in client.get(address).headers


def test_a_download_is_kept_by_no_cache(client: httpx.Client, link: str) -> None:
    for answer in (client.get(link), fetch(client, link)):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-0", 206, 0, 0),
        ("bytes=0-", 200, 0, 1023),
        ("bytes=1-", 206, 1, 1023),
        ("bytes=100-199", 206, 100, 199),
        ("bytes=1000-5000", 206, 1000, 1023),
        ("bytes=-1", 206, 1023, 1023),
        ("bytes=-100", 206, 924, 1023),
        ("bytes=-5000", 200, 0, 1023),
        ("bytes=1023-", 206, 1023, 1023),
        ("bytes=5-2", 200, 0, 1023),
        ("bytes=-", 200, 0, 1023),
        ("bytes=0-0,2-3", 200, 0, 1023),
        ("bytes=a-b", 200, 0, 1023),
        ("rows=0-1", 200, 0, 1023),
        ("bytes=٣-", 200, 0, 1023),
        ("bytes=" + "9" * 50 + "-", 200, 0, 1023),
        ("", 200, 0, 1023),
    ],
)
def test_a_part_of_the_bytes_may_be_asked_for(
    client: httpx.Client, link: str, asked: str, status: int, first: int, last: int
) -> None:
    address = urlsplit(target_of(client, link)).path
    answer = raw("GET", address, environ={"HTTP_RANGE": asked})
    assert answer.status in (status, 206 if last - first < 1023 else 200)
    assert answer.body == CONTENT[first : last + 1]
    assert answer.headers["Content-Length"] == str(last - first + 1)
    if answer.status == 206:
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1024"
    else:
        assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0", "bytes=999999999999999999-"])
def test_a_part_beyond_the_end_cannot_be_given(client: httpx.Client, link: str, asked: str) -> None:
    answer = client.get(target_of(client, link), headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1024"
    assert answer.content == b""


def test_223_the_tag_is_the_hash_and_a_part_is_given_of_that_version_only(client: httpx.Client, link: str) -> None:
    etag = f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    target = target_of(client, link)
    assert client.get(target).headers["ETag"] == etag
    assert client.get(target).headers["Accept-Ranges"] == "bytes"
    part = {"Range": "bytes=0-9"}
    assert client.get(target, headers=part | {"If-Range": etag}).status_code == 206
    for other in ('"other"', f"W/{etag}", "Wed, 21 Oct 2015 07:28:00 GMT"):
        answer = client.get(target, headers=part | {"If-Range": other})
        assert (answer.status_code, len(answer.content)) == (200, 1024)


def test_what_the_caller_has_already_is_not_sent_again(client: httpx.Client, link: str) -> None:
    target = target_of(client, link)
    etag = client.get(target).headers["ETag"]
    for tags in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = client.get(target, headers={"If-None-Match": tags})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == etag
        assert answer.headers.get("Content-Length", "1024") == "1024"
    assert client.get(target, headers={"If-None-Match": '"x"'}).status_code == 200


def test_head_tells_the_length_without_the_bytes(client: httpx.Client, link: str) -> None:
    first = client.head(link)
    assert first.status_code == 302
    answer = client.head(f"http://testserver{first.headers['Location']}")
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (
        200,
        "1024",
        b"",
    )
    assert answer.headers["ETag"] == client.get(target_of(client, link)).headers["ETag"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_053_another_method_is_not_allowed(client: httpx.Client, link: str, method: str) -> None:
    for address in (link, target_of(client, link)):
        answer = client.request(method, address)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@BOTH_STORES
def test_a_link_ends_after_an_hour(client: httpx.Client, world: World, clock: Clock) -> None:
    link = link_of(client, world)
    clock.move(seconds=3599)
    assert fetch(client, link).status_code == 200
    clock.move(seconds=1)
    refused(client.get(link))


def test_where_it_leads_ends_after_ten_minutes(client: httpx.Client, world: World, clock: Clock) -> None:
    link = link_of(client, world)
    target = target_of(client, link)
    clock.move(seconds=599)
    assert client.get(target).status_code == 200
    clock.move(seconds=1)
    refused(client.get(target))
    assert fetch(client, link).status_code == 200


@BOTH_STORES
def test_052_without_a_key_every_id_looks_alike(world: World, client: httpx.Client) -> None:
    for pk in (world.file_id, world.file_id + 1, 999_999, 0, 10**17):
        address = f"/data-management/datafile-download/{pk}/"
        for query in (
            "",
            "?key=",
            "?key=00000000-0000-4000-8000-000000000000",
            f"?access_token={world.token}",
        ):
            refused(client.get(f"{address}{query}"))


def test_050_a_key_opens_its_own_file_only(world: World, client: httpx.Client, link: str) -> None:
    key = link.partition("key=")[2]
    other = give(world.alice, world.source, "other.csv")
    refused(client.get(f"/data-management/datafile-download/{other}/?key={key}"))
    signed, name = target_of(client, link).rsplit("/", 2)[1:]
    refused(client.get(f"/data-management/datafile/{other}/{signed}/{name}"))


def test_a_key_with_one_character_changed_opens_nothing(client: httpx.Client, link: str) -> None:
    start = link.index("key=") + 4
    for place in range(start, len(link)):
        other = "0" if link[place] != "0" else "1"
        refused(client.get(link[:place] + other + link[place + 1 :]))
    refused(client.get(link + "0"))
    refused(client.get(link[:-1]))


def test_the_two_kinds_of_address_do_not_open_each_other(client: httpx.Client, link: str) -> None:
    key = link.partition("key=")[2]
    target = target_of(client, link)
    signed = target.rsplit("/", 2)[1]
    refused(client.get(target.replace(signed, key)))
    refused(client.get(link.replace(key, signed)))


@pytest.mark.parametrize("key", ["%00", "%ff", "a" * 5000, "a1-1-" + "0" * 32, "../x", "' OR 1=1"])
def test_a_strange_key_opens_nothing(world: World, client: httpx.Client, key: str) -> None:
    refused(client.get(f"/data-management/datafile-download/{world.file_id}/?key={key}"))


@pytest.mark.parametrize("path", ["x/", "-1/", "9999999999999999999/", "1/2/", "", "%00/", "\xd9\xa3/"])
def test_an_address_that_is_no_file_is_not_found(path: str) -> None:
    answer = raw("GET", f"/data-management/datafile-download/{path}?key=x")
    assert answer.status == 404


def test_019_a_token_is_no_key(world: World, client: httpx.Client) -> None:
    for secret in (world.token, new_secret("csm")):
        refused(client.get(f"/data-management/datafile-download/{world.file_id}/?key={secret}"))


def test_050_a_link_dies_with_the_consent(
    world: World, client: httpx.Client, link: str, goes: Callable[[World], None]
) -> None:
    target = target_of(client, link)
    goes(world)
    for address in (link, target):
        assert client.get(address).status_code == 403
        assert client.get(address, headers={"If-None-Match": "*"}).status_code == 403


@BOTH_STORES
def test_050_an_old_link_does_not_come_alive_when_a_member_comes_back(
    world: World, client: httpx.Client, link: str
) -> None:
    leave(world.of_alice)
    authorize(world.alice, world.study)
    refused(client.get(link))


def test_050_another_members_leaving_changes_nothing(world: World, client: httpx.Client, link: str) -> None:
    leave(world.of_bob)
    assert fetch(client, link).status_code == 200


@BOTH_STORES
def test_a_link_survives_the_rotation_of_the_token(world: World, client: httpx.Client, link: str) -> None:
    from consentry_server.tokens.models import MasterToken
    from tests.world import make_token

    old = MasterToken.objects.get(project=world.study)
    make_token(world.study, replacing=old.fingerprint)
    assert fetch(client, link).status_code == 200


@pytest.mark.usefixtures("world")
def test_a_file_whose_bytes_are_gone_is_unavailable(
    client: httpx.Client, link: str, blobs: Callable[[], list[object]]
) -> None:
    for path in blobs():
        path.unlink()  # type: ignore[attr-defined]
    refused(client.get(target_of(client, link)), MISSING)


@pytest.mark.usefixtures("world")
def test_155_a_link_planted_in_the_store_is_not_followed(
    client: httpx.Client, link: str, blobs: Callable[[], list[object]]
) -> None:
    for path in blobs():
        path.unlink()  # type: ignore[attr-defined]
        path.symlink_to("/etc/passwd")  # type: ignore[attr-defined]
    answer = client.get(target_of(client, link))
    assert answer.status_code in (403, 404, 503)
    assert "root:" not in answer.text


@pytest.mark.usefixtures("db")
def test_a_logged_in_owner_needs_a_key_too(world: World, client: httpx.Client) -> None:
    inside = Client()
    inside.force_login(world.alice)
    client.cookies.set("session", inside.cookies["session"].value, domain="testserver.local")
    assert "alice.csv" in client.get(f"/member/me/data/file/{world.file_id}/").text
    refused(client.get(f"/data-management/datafile-download/{world.file_id}/"))


@BOTH_STORES
def test_a_file_that_was_deleted_is_unavailable(world: World, client: httpx.Client) -> None:
    upload(client, world.token, world.alice_number, content=CONTENT)
    file = exchange(client, world.token, world.alice_number).json()["data"][-1]
    form = {"project_member_id": world.alice_number, "all_files": "true"}
    assert client.post(DELETE, headers=bearer(world.token), data=form).json() == {"ids": [file["id"]]}
    refused(client.get(file["download_url"]), MISSING)


@BOTH_STORES
def test_a_file_that_is_not_complete_is_unavailable(world: World, client: httpx.Client) -> None:
    file_id, url = announced(client, world)
    put(client, url, b"1")
    until = Link("a", world.of_alice.pk, int(timezone.now().timestamp()) + 60)
    for known, page in ((file_id, MISSING), (10**17, MISSING), (world.file_id, None)):
        key = sign_link(derive("links"), until, stage="link", file_id=known)
        answer = client.get(f"/data-management/datafile-download/{known}/?key={key}")
        if page is None:
            assert answer.status_code == 302
        else:
            refused(answer, page)
