"""Addresses, formats, media types and methods: what every endpoint has in common."""

import json

import httpx
import pytest

from tests.doors.api.calls import (
    DELETE,
    ENDPOINTS,
    MEMBERS,
    PROJECT,
    READS,
    UPLOAD,
    WRITES,
    bearer,
    get,
    raw,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ENDPOINTS)
def test_an_address_without_its_slash_leads_to_the_one_with_it(
    world: World, client: httpx.Client, address: str
) -> None:
    answer = client.get(f"{address[:-1]}?limit=5&access_token={world.token}")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{address}?limit=5&access_token={world.token}"


def test_028_the_slash_redirect_stays_here_and_is_kept_by_nobody(world: World, client: httpx.Client) -> None:
    answer = client.get(f"{MEMBERS[:-1]}?access_token={world.token}")
    assert answer.headers["Location"].startswith("/api/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("address", ENDPOINTS)
def test_a_suffix_stands_in_the_place_of_the_last_slash(world: World, client: httpx.Client, address: str) -> None:
    method = "POST" if address in WRITES else "GET"
    plain = client.request(method, address, headers=bearer(world.token))
    with_suffix = client.request(method, f"{address[:-1]}.json", headers=bearer(world.token))
    assert with_suffix.status_code == plain.status_code != 404
    assert with_suffix.headers["Content-Type"] == "application/json"


def test_the_suffix_api_gives_a_page(world: World, client: httpx.Client) -> None:
    answer = get(client, f"{PROJECT[:-1]}.api", world.token)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("ending", [".xml", ".", ".JSON", ".json/x", "/.json", "/x/", "//"])
def test_an_ending_that_means_nothing_is_not_found(world: World, client: httpx.Client, ending: str) -> None:
    answer = get(client, f"{PROJECT[:-1]}{ending}", world.token)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize(("wanted", "kind"), [("json", "application/json"), ("api", "text/html; charset=utf-8")])
@pytest.mark.parametrize("address", READS[:2])
def test_format_chooses_json_or_a_page(
    world: World, client: httpx.Client, address: str, wanted: str, kind: str
) -> None:
    answer = get(client, address, world.token, format=wanted)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)


def test_any_other_format_is_not_found_even_without_a_token(client: httpx.Client) -> None:
    answer = client.get(PROJECT, params={"format": "xml"})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "application/*",
        "text/html;q=0.1, application/json",
        "text/plain, */*;q=0.1",
        "",
    ],
)
def test_json_is_what_everybody_gets(world: World, client: httpx.Client, accept: str) -> None:
    answer = client.get(PROJECT, headers=bearer(world.token) | {"Accept": accept})
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_a_browser_gets_a_page(world: World, client: httpx.Client, accept: str) -> None:
    answer = client.get(PROJECT, headers=bearer(world.token) | {"Accept": accept})
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_page_shows_coordinators_text_as_text(world: World, client: httpx.Client) -> None:
    world.study.name = "<script>alert(1)</script>"
    world.study.save()
    shown = get(client, PROJECT, world.token, format="api").text
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("accept", ["image/png", "text/plain", "application/xml, image/*"])
def test_what_cannot_be_sent_is_not_acceptable(client: httpx.Client, accept: str) -> None:
    answer = client.get(PROJECT, headers={"Accept": accept})
    assert answer.status_code == 406
    assert answer.json() == {"detail": "Could not satisfy the request Accept header."}


@pytest.mark.parametrize("accept", ["a/b;q=x, */*", "*/*;;;", ",,,*/*", "é, */*", "*/*," + "x" * 10_000])
def test_190_strange_accept_headers_are_ignored(world: World, accept: str) -> None:
    environ = {
        "HTTP_AUTHORIZATION": f"Bearer {world.token}",
        "HTTP_ACCEPT": accept,
        "HTTP_ACCEPT_LANGUAGE": "xx-" * 4_000,
        "HTTP_TIME_ZONE": "Nowhere/None",
    }
    answer = raw("GET", PROJECT, environ=environ)
    assert answer.status == 200
    assert json.loads(answer.body)["name"] == "Study"


@pytest.mark.parametrize("address", WRITES)
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "application/json; charset=nope",
        "application/json; charset=utf-16",
    ],
)
def test_181_a_body_of_another_type_is_unsupported(world: World, client: httpx.Client, address: str, kind: str) -> None:
    headers = bearer(world.token) | {"Content-Type": kind}
    answer = client.post(address, headers=headers, content=b"{}")
    assert answer.status_code == 415
    assert answer.json() == {"detail": f'Unsupported media type "{kind}" in request.'}


def test_181_a_body_without_a_type_is_unsupported(world: World, client: httpx.Client) -> None:
    answer = client.post(DELETE, headers=bearer(world.token), content=b"all_files=true")
    assert answer.status_code == 415


@pytest.mark.parametrize("address", WRITES)
def test_an_empty_post_without_a_type_is_an_empty_form(world: World, client: httpx.Client, address: str) -> None:
    answer = client.post(address, headers=bearer(world.token))
    assert answer.status_code == 400
    assert "This field is required." in answer.text or "You must provide a list" in answer.text


@pytest.mark.parametrize(
    "kind",
    [
        "\xff",
        "application/json; charset=\xff",
        "application/json; charset=hex",
        "application/json; charset*=nope''utf-8",
        "application/json" + "; a=b" * 5_000,
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\xff",
        ";;;",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_181_a_strange_content_type_is_refused_or_ignored(world: World, kind: str, method: str) -> None:
    environ = {"HTTP_AUTHORIZATION": f"Bearer {world.token}", "CONTENT_TYPE": kind}
    address = f"{PROJECT}?x=%C3%A9" if method == "GET" else f"{UPLOAD}?x=%C3%A9"
    assert raw(method, address, b"{}", environ).status in ((200, 400) if method == "GET" else (400, 415))


@pytest.mark.parametrize("body", [b"{", b"", b"{'a': 1}", b"{} x", b'{"a": 1,}', b"/**/{}", b"[1", b"NaN"])
def test_169_malformed_json_is_a_parse_error(world: World, client: httpx.Client, body: bytes) -> None:
    headers = bearer(world.token) | {"Content-Type": "application/json"}
    answer = client.post(DELETE, headers=headers, content=body)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("JSON parse error - ")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"5", b"true", b'["description", "tags"]'])
@pytest.mark.parametrize("address", WRITES)
def test_170_json_that_is_no_object_is_refused(world: World, client: httpx.Client, address: str, body: bytes) -> None:
    headers = bearer(world.token) | {"Content-Type": "application/json"}
    answer = client.post(address, headers=headers, content=body)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("JSON parse error - ")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1", "utf-8-sig"])
def test_169_json_in_another_encoding_is_refused(world: World, client: httpx.Client, encoding: str) -> None:
    headers = bearer(world.token) | {"Content-Type": "application/json"}
    body = f'{{"project_member_id": "{world.alice_number}", "file_basename": "é"}}'.encode(encoding)
    answer = client.post(DELETE, headers=headers, content=body)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("JSON parse error - ")


@pytest.mark.parametrize("address", ENDPOINTS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "HEAD"])
def test_053_another_method_is_not_allowed(world: World, client: httpx.Client, address: str, method: str) -> None:
    allowed = "POST, OPTIONS" if address in WRITES else "GET, HEAD, OPTIONS"
    answer = client.request(method, address, headers=bearer(world.token))
    assert answer.headers["Allow"] == allowed
    if method in allowed:
        assert answer.status_code in (200, 400)
    else:
        assert answer.status_code == 405
        assert answer.json() == {"detail": f'Method "{method}" not allowed.'}


def test_053_no_header_changes_the_method(world: World, client: httpx.Client) -> None:
    headers = bearer(world.token) | {"X-HTTP-Method-Override": "GET", "X-Method-Override": "GET"}
    assert client.post(MEMBERS, headers=headers).status_code == 405


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "GET"])
def test_whoever_has_no_good_token_does_not_learn_which_methods_there_are(client: httpx.Client, method: str) -> None:
    assert client.request(method, UPLOAD, headers=bearer("bad")).status_code == 401


def test_options_describes_the_endpoint(world: World, client: httpx.Client) -> None:
    answer = client.options(PROJECT, headers=bearer(world.token))
    assert answer.status_code == 200
    assert list(answer.json()) == ["name", "description", "renders", "parses"]
    assert answer.json()["renders"] == ["application/json", "text/html"]
    kinds = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
    assert answer.json()["parses"] == kinds


def test_options_reads_nothing_of_anybody(world: World, client: httpx.Client) -> None:
    assert world.alice_number not in client.options(MEMBERS, headers=bearer(world.token)).text
