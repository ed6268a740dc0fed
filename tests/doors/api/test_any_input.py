"""Whatever is sent, nothing fails, and the listing works on."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doors.api.calls import (
    DELETE,
    ENDPOINTS,
    MEMBERS,
    bearer,
    exchange,
    get,
    multipart,
    raw,
    upload,
    upload_raw,
)
from tests.doors.api.files import COMPLETE, DIRECT, RESUMABLE
from tests.world import World

pytestmark = pytest.mark.django_db

# the world is built once for all examples of a test: they may add to it, none may break it
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
text = st.text(max_size=20)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
fields = st.fixed_dictionaries(
    {"description": text | anything, "tags": st.lists(anything, max_size=3) | anything},
    optional=dict.fromkeys(("md5", "sha256", "start_date", "end_date", "creation_date", "x"), anything),
)


def works(world: World, client: httpx.Client) -> None:
    for answer in (
        get(client, MEMBERS, world.token),
        exchange(client, world.token, world.alice_number),
    ):
        assert answer.status_code == 200
        answer.json()


@many
@given(metadata=fields | anything, ascii_only=st.booleans())
def test_any_metadata_is_stored_or_refused(
    world: World, client: httpx.Client, metadata: Any, ascii_only: object
) -> None:
    written = json.dumps(metadata, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    body = multipart(
        ("name=project_member_id", world.alice_number.encode()),
        ("name=metadata", written),
        ('name=data_file; filename="a"', b"x"),
    )
    answer = upload_raw(world.token, body)
    assert answer.status in (201, 400)
    if answer.status == 201:
        kept = [
            file["metadata"] for file in exchange(client, world.token, world.alice_number, limit=1000).json()["data"]
        ]
        assert any(found == metadata and list(found) == list(metadata) for found in kept)
    works(world, client)


@many
@given(body=st.text(alphabet='{}[]":,\\u0dtrueflsn123.eE+- \n', max_size=80))
def test_any_text_as_metadata_is_stored_or_refused(world: World, client: httpx.Client, body: str) -> None:
    metadata = body if body.startswith("{") else f'{{"description":"d","tags":[],"x":{body}}}'
    assert upload(client, world.token, world.alice_number, metadata=metadata).status_code in (
        201,
        400,
    )
    works(world, client)


@many
@given(
    query=st.dictionaries(
        st.sampled_from(["limit", "offset", "project_member_id", "format", "x", ""]) | text,
        text,
        max_size=5,
    )
)
def test_any_query_is_answered(world: World, query: dict[str, str]) -> None:
    written = urlencode(query, errors="surrogatepass")
    for address in ENDPOINTS[:3]:
        answer = raw("GET", f"{address}?{written}", environ={"HTTP_AUTHORIZATION": f"Bearer {world.token}"})
        assert answer.status in (200, 400, 401, 404)
        if answer.status == 200 and answer.headers["Content-Type"] == "application/json":
            json.loads(answer.body)


@many
@given(query=st.binary(max_size=60))
def test_any_bytes_as_a_query_are_answered(world: World, query: bytes) -> None:
    full = {"HTTP_AUTHORIZATION": f"Bearer {world.token}", "QUERY_STRING": query.decode("latin-1")}
    for address in ENDPOINTS[:3]:
        assert raw("GET", address, environ=full).status < 500


@many
@given(header=st.binary(max_size=60))
@pytest.mark.usefixtures("world")
def test_any_bytes_as_authorization_are_refused(header: bytes) -> None:
    for given_header in (header, b"Bearer " + header):
        environ = {"HTTP_AUTHORIZATION": given_header.decode("latin-1")}
        assert raw("GET", MEMBERS, environ=environ).status == 401


@many
@given(path=st.text(max_size=30))
def test_any_path_is_answered(path: str) -> None:
    for start in ("/api/direct-sharing/project", "/api/", "/data-management/datafile"):
        encoded = quote(path, safe="/?", errors="replace")
        raw_path = path.encode(errors="replace").decode("latin-1").replace("?", "").replace("#", "")
        assert raw("GET", start + encoded).status < 500
        assert raw("GET", start, environ={"PATH_INFO": start + raw_path}).status < 500


@many
@given(
    body=anything
    | st.dictionaries(st.sampled_from(["file_id", "file_basename", "all_files", "project_member_id"]), anything)
)
def test_any_json_body_is_answered(world: World, client: httpx.Client, body: Any) -> None:
    if isinstance(body, dict):
        body = {"project_member_id": world.bob_number} | body
    headers = bearer(world.token) | {"Content-Type": "application/json"}
    for address in (*ENDPOINTS[3:], DIRECT, COMPLETE):
        answer = client.post(address, headers=headers, content=json.dumps(body).encode())
        assert answer.status_code in (200, 400)
    works(world, client)


@many
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=edge",
            "application/json",
        ]
    ),
)
def test_any_bytes_as_a_body_are_answered(world: World, body: bytes, kind: str) -> None:
    environ = {
        "HTTP_AUTHORIZATION": f"Bearer {world.token}",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
    }
    for address in (*ENDPOINTS[3:], DIRECT, COMPLETE):
        assert raw("POST", address, body, environ).status in (200, 400)
    wrapped = b"--edge\r\n" + body + b"\r\n--edge--\r\n"
    assert raw("POST", DELETE, wrapped, environ | {"CONTENT_LENGTH": str(len(wrapped))}).status in (
        200,
        400,
    )


@many
@given(name=st.text(max_size=40))
def test_any_file_name_is_cleaned_or_refused(world: World, client: httpx.Client, name: str) -> None:
    clean = name.encode(errors="replace").decode()
    assert upload(client, world.token, world.bob_number, name=clean).status_code in (201, 400)
    files = exchange(client, world.token, world.bob_number, limit=1000).json()["data"]
    assert all(file["basename"] not in ("", ".", "..") and "/" not in file["basename"] for file in files)


@many
@given(header=st.binary(max_size=60), name=st.sampled_from(["LENGTH", "METADATA", "OFFSET", "CHECKSUM"]))
def test_any_bytes_in_the_headers_of_an_upload_are_answered(world: World, header: bytes, name: str) -> None:
    said = {
        "HTTP_AUTHORIZATION": f"Bearer {world.token}",
        "HTTP_TUS_RESUMABLE": "1.0.0",
        "HTTP_UPLOAD_LENGTH": "5",
        "CONTENT_TYPE": "application/offset+octet-stream",
        f"HTTP_UPLOAD_{name}": header.decode("latin-1"),
    }
    assert raw("POST", RESUMABLE, b"12", said).status in (400, 413)
    assert raw("PATCH", "/api/direct-sharing/resumable/1/", b"12", said).status in (400, 404)
