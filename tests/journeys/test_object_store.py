"""A real server with its bytes in an object store: a large file in and out, in little memory.

`LARGE=2147483648 pytest tests/journeys/test_object_store.py -s` runs it with 2 GiB and prints what it saw.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.stores import LOCATION
from tests.contract.strict_s3 import Strict, strict_s3
from tests.servers import Demo, demo_server

SIZE = int(os.environ.get("LARGE", "41943040"))
PIECE = os.urandom(1 << 20)
UPLOAD = "/api/direct-sharing/project/files/upload/"
METADATA = '{"description":"large","tags":[]}'
MAY_GROW = 64 << 20


# every byte through the server is the harder way, so that the suite goes that one alone
@pytest.fixture(params=["", "none"] if "LARGE" in os.environ else ["none"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Demo, Strict]]:
    """A demo whose bytes are in the strict store, which clients can or cannot reach."""
    for name in ("objects", "demo"):
        (tmp_path / name).mkdir()
    with strict_s3(tmp_path / "objects") as store:
        more = store.environment() | {"STORAGE_ADDRESS": request.param}
        with demo_server(tmp_path / "demo", "--storage", LOCATION, **more) as demo:
            yield demo, store


class Large:
    """A file that is made while it is read."""

    def __init__(self) -> None:
        self.left = SIZE
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = PIECE[: min(self.left, len(PIECE), size if size > 0 else len(PIECE))]
        self.left -= len(piece)
        self.sum.update(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        return SIZE if whence == 2 else offset

    def tell(self) -> int:
        return SIZE - self.left

    def fileno(self) -> int:
        raise OSError


def memory(leader: int, name: str) -> int:
    """Return bytes of memory of all processes of a group: now (VmRSS), or the most so far (VmHWM)."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) == leader:
                status = (process / "status").read_text()
                found += int(status.partition(f"{name}:")[2].split()[0]) << 10
        except (OSError, IndexError):
            continue
    return found


def stored(demo: Demo, token: str, number: str) -> tuple[int, str]:
    """Upload it over the API; return its id and its SHA-256."""
    large = Large()
    answer = httpx.post(
        f"{demo.url}{UPLOAD}",
        headers={"Authorization": f"Bearer {token}"},
        data={"project_member_id": number, "metadata": METADATA},
        files={"data_file": ("large.bin", large)},  # type: ignore[dict-item]
        timeout=600,
    )
    return int(answer.raise_for_status().json()["id"]), large.sum.hexdigest()


def test_206_a_large_file_goes_in_and_out_in_little_memory(served: tuple[Demo, Strict]) -> None:
    demo, store = served
    token, number = demo.facts["on_site"]["master_token"], demo.facts["users"]["alice"]["on_site"]
    query = {"access_token": token, "project_member_id": number, "limit": "1000"}
    stored(demo, token, number) if SIZE < 1 << 30 else None  # whatever is loaded once is loaded
    before = memory(demo.pid, "VmRSS")
    file_id, sha256 = stored(demo, token, number)
    uploaded = memory(demo.pid, "VmHWM")
    page = httpx.get(f"{demo.url}/api/direct-sharing/project/exchange-member/", params=query).json()
    link = next(file["download_url"] for file in page["data"] if file["id"] == file_id)
    found, length = hashlib.sha256(), 0
    with httpx.stream("GET", link, follow_redirects=True, timeout=600) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Length"] == str(SIZE)
        assert str(answer.url).split("/")[-1] == "large.bin"
        for piece in answer.iter_bytes():
            found.update(piece)
            length += len(piece)
    grown = memory(demo.pid, "VmHWM") - before
    print(f"{SIZE} bytes: {(uploaded - before) >> 20} MiB more after the upload, {grown >> 20} after the download")  # noqa: T201 - with -s
    assert (length, found.hexdigest()) == (SIZE, sha256)
    assert grown < MAY_GROW
    assert store.uploads == {}
