"""Large files by each way: the server's memory does not follow their size."""

import hashlib
import http.client
import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench import server
from bench.place import Place, made
from bench.server import Server

pytestmark = pytest.mark.slow
# LARGE=2048 sends 2 GiB by each way and fetches them again: a minute, and 5 GiB of disk.
MIB = int(os.environ.get("LARGE", "96"))
GROWTH = 64  # MiB
API = "/api/direct-sharing/project/"
METADATA = '{"description":"","tags":[]}'
Way = Callable[[Place, Server, Path], int]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    database = os.environ.get("DATABASE", "")
    with made("postgresql" if database else "sqlite", suffix="_bench_large", url=database) as found:
        found.seed(members=4, files=0, heavy=0)
        yield found


@pytest.fixture(scope="module")
def ours(place: Place) -> Iterator[Server]:
    with server.running(place, workers=1) as found:
        yield found


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of that size, of which no two blocks are the same."""
    path = tmp_path_factory.mktemp("large") / "large.bin"
    with path.open("wb") as file:
        for nth in range(MIB):
            file.seek(nth << 20)
            file.write(nth.to_bytes(8, "big"))
        file.truncate(MIB << 20)
    return path


def ask(ours: Server, method: str, url: str, body: Any = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=300)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        parts = urlsplit(url)
        connection.request(method, f"{parts.path}?{parts.query}".rstrip("?"), body, given)
        answer = connection.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def form(place: Place, **fields: str) -> dict[str, Any]:
    token = place.bearer["Authorization"]
    plain = {"project_member_id": place.facts["heavy"]} | fields
    return {"body": json.dumps(plain), "Authorization": token, "Content_Type": "application/json"}


def as_a_form(place: Place, ours: Server, path: Path) -> int:
    fields = {"project_member_id": place.facts["heavy"], "metadata": METADATA}
    head = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    head += '--cut\r\nContent-Disposition: form-data; name="data_file"; filename="a.bin"\r\n\r\n'
    tail = b"\r\n--cut--\r\n"

    def pieces() -> Iterator[bytes]:
        yield head.encode()
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece
        yield tail

    length = str(len(head) + path.stat().st_size + len(tail))
    kind = {"Content_Type": "multipart/form-data; boundary=cut", "Content_Length": length}
    token = place.bearer["Authorization"]
    status, told, _ = ask(ours, "POST", f"{API}files/upload/", pieces(), Authorization=token, **kind)
    assert status == 201, told
    return int(json.loads(told)["id"])


def to_an_address(place: Place, ours: Server, path: Path) -> int:
    _, told, _ = ask(ours, "POST", f"{API}files/upload/direct/", **form(place, metadata=METADATA, filename="a.bin"))
    begun = json.loads(told)
    with path.open("rb") as file:
        size = str(path.stat().st_size)
        assert ask(ours, "PUT", begun["url"], file, Content_Length=size)[0] == 200
    status, told, _ = ask(ours, "POST", f"{API}files/upload/complete/", **form(place, file_id=str(begun["id"])))
    assert (status, json.loads(told)["size"]) == (200, path.stat().st_size)
    return int(begun["id"])


def in_parts(place: Place, ours: Server, path: Path) -> int:
    """Send it in two parts, each half of it."""
    size, who = path.stat().st_size, {"Authorization": place.bearer["Authorization"], "Tus_Resumable": "1.0.0"}
    fields = {"project_member_id": place.facts["heavy"], "metadata": METADATA, "filename": "a.bin"}
    said = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in fields.items())
    begin = {"Upload_Length": str(size), "Upload_Metadata": said} | who
    _, told, headers = ask(ours, "POST", f"{API}files/upload/resumable/", **begin)
    with path.open("rb") as file:
        for offset in (0, size // 2):
            file.seek(offset)
            part = {"Upload_Offset": str(offset), "Content_Length": str(size // 2)}
            kind = {"Content_Type": "application/offset+octet-stream"}
            status, trouble, _ = ask(
                ours, "PATCH", headers["location"], limited(file, size // 2), **(part | kind | who)
            )
            assert status == 204, trouble
    return int(json.loads(told)["id"])


def limited(file: Any, left: int) -> Iterator[bytes]:
    while left:
        piece = file.read(min(left, 1 << 20))
        left -= len(piece)
        yield piece


def fetched(place: Place, ours: Server, file_id: int) -> str:
    """Download a file and return its SHA-256."""
    page = f"{API}exchange-member/?limit=1000&project_member_id={place.facts['heavy']}"
    _, told, _ = ours.get(page, place.bearer)
    link = next(file["download_url"] for file in json.loads(told)["data"] if file["id"] == file_id)
    connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=300)
    parts, found = urlsplit(link), hashlib.sha256()
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    answer.read()
    connection.request("GET", answer.headers["Location"])
    answer = connection.getresponse()
    while piece := answer.read(1 << 20):
        found.update(piece)
    connection.close()
    return found.hexdigest()


@pytest.mark.parametrize("way", [as_a_form, to_an_address, in_parts])
def test_206_memory_does_not_follow_the_size_of_a_file(place: Place, ours: Server, large: Path, way: Way) -> None:
    with large.open("rb") as file:
        wanted = hashlib.file_digest(file, "sha256").hexdigest()
    way(place, ours, small(large))  # what is imported and kept at first is no growth
    with ours.growth() as up:
        file_id = way(place, ours, large)
    with ours.growth() as down:
        assert fetched(place, ours, file_id) == wanted
    ask(ours, "POST", f"{API}files/delete/", **form(place, all_files="true"))
    print(f"{MIB} MiB {way.__name__}: up {up[0]:.1f}, down {down[0]:.1f} MiB of memory")  # noqa: T201
    assert up[0] < GROWTH
    assert down[0] < GROWTH


def small(large: Path) -> Path:
    path = large.with_name("small.bin")
    path.write_bytes(b"x" * (4 << 20))
    return path
