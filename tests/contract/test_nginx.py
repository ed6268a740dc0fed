"""A real nginx before the server, set up as the handbook says: it sends whole files itself."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from bench import process
from bench.server import free_port
from tests.servers import COMMAND, Demo, demo_server

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
HANDBOOK = Path(__file__).parents[2] / "docs" / "run" / "install.md"
PROJECT = "/api/direct-sharing/project/"
CONF = """
daemon off; {user} pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off; sendfile on; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; {locations} }}
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: `make test` says how to get it")


@dataclass
class Proxy:
    """An nginx, the demo behind it, and what it answers."""

    url: str
    demo: Demo

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers=headers)

    def read(self, path: str) -> Any:
        """Call the API as the study of the demo does."""
        token = self.demo.facts["on_site"]["master_token"]
        return self.get(f"{PROJECT}{path}", Authorization=f"Bearer {token}").json()

    def target(self, file: dict[str, Any]) -> str:
        """Return the address to which a download link leads."""
        link = urlsplit(file["download_url"])
        return self.get(f"{link.path}?{link.query}").headers["Location"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo_server(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(scope="module")
def behind(demo: Demo) -> Iterator[str]:
    """The address of a server of the same world that stands behind a proxy."""
    port = free_port()
    settings = {"CONSENTRY_MODE": "test", "PROXIES": "1", "INTERNAL_REDIRECT": "/stored/", "SITE_URL": demo.url}
    command = [*COMMAND, "serve", "--port", str(port), "--no-worker"]
    with running(command, port, demo.environment | {"DATA": str(demo.folder)} | settings):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def proxy(demo: Demo, behind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    locations = of_the_handbook(server=behind, blobs=demo.folder / "blobs")
    user = "user root;" if Path("/proc/self").owner() == "root" else ""
    conf = folder / "nginx.conf"
    conf.write_text(CONF.format(folder=folder, port=port, locations=locations, user=user))
    command = [str(NGINX), "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")]
    with running(command, port, dict(os.environ)):
        yield Proxy(f"http://127.0.0.1:{port}", demo)


@contextmanager
def running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    """Run a program that listens at a port."""
    child = process.start(command, env=environment)
    try:
        process.wait_until(lambda: listens(child, port), seconds=30, what=command[0])
        yield
    finally:
        process.end(child)


def listens(child: "subprocess.Popen[str]", port: int) -> bool:
    assert child.poll() is None, "it ended at once"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def of_the_handbook(*, server: str, blobs: Path) -> str:
    """Return both locations as the handbook shows them, for this server and its folder."""
    found = re.findall(r"^location .*?^}$", HANDBOOK.read_text(), re.MULTILINE | re.DOTALL)
    assert len(found) == 2
    text = "\n".join(found)
    for shown, here in (("http://127.0.0.1:8000", server), ("/srv/consentry/blobs/", f"{blobs}/")):
        assert shown in text
        text = text.replace(shown, here)
    return text


@pytest.fixture
def number(proxy: Proxy) -> str:
    return str(proxy.demo.facts["users"]["alice"]["on_site"])


@pytest.fixture
def files(proxy: Proxy, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = proxy.read(f"exchange-member/?project_member_id={number}")["data"]
    assert found
    return found


def test_whole_files_come_from_nginx_byte_for_byte(proxy: Proxy, files: list[dict[str, Any]]) -> None:
    for file in files[:10]:
        answer = proxy.get(proxy.target(file))
        assert (answer.status_code, len(answer.content)) == (200, file["size"])
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert "Allow" not in answer.headers  # ours has it, and nginx does not hand it on: these bytes are its own


def test_they_say_the_same_as_without_it(proxy: Proxy, files: list[dict[str, Any]]) -> None:
    path = proxy.target(files[0])
    # a part of it is sent by the server itself, and all of it is a part too
    whole = f"bytes=0-{files[0]['size'] - 1}"
    through, itself = proxy.get(path).headers, proxy.get(path, Range=whole).headers
    ours = {name for name in itself if name not in ("date", "server", "connection", "content-range", "allow")}
    assert {"etag", "content-security-policy", "x-content-type-options", "content-disposition"} <= ours
    assert {name: through.get(name) for name in ours if not name.startswith("ratelimit")} == {
        name: itself[name] for name in ours if not name.startswith("ratelimit")
    }
    assert "x-accel-redirect" not in through
    assert "last-modified" not in through


def test_a_download_that_was_cut_off_goes_on(proxy: Proxy, files: list[dict[str, Any]]) -> None:
    path = proxy.target(files[0])
    whole = proxy.get(path)
    rest = proxy.get(path, Range="bytes=7-", **{"If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[7:])
    assert proxy.get(path, **{"If-None-Match": whole.headers["ETag"]}).status_code == 304
    head = httpx.head(f"{proxy.url}{path}")
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(files[0]["size"]))


def test_the_location_itself_opens_nothing(proxy: Proxy) -> None:
    blob = next(path for path in (proxy.demo.folder / "blobs").glob("??/??/*") if path.is_file())
    inside = blob.relative_to(proxy.demo.folder / "blobs")
    assert proxy.get(f"/stored/{inside}").status_code == 404


def test_a_link_in_the_place_of_a_file_is_not_followed(proxy: Proxy, files: list[dict[str, Any]]) -> None:
    path, content = proxy.target(files[1]), proxy.get(proxy.target(files[1])).content
    (blob,) = (each for each in (proxy.demo.folder / "blobs").glob("??/??/*") if each.read_bytes() == content)
    aside = blob.rename(proxy.demo.folder / "aside")
    blob.symlink_to(aside)
    try:
        assert proxy.get(path).status_code == 403
    finally:
        aside.replace(blob)
    assert proxy.get(path).content == content


def test_it_ends_with_the_consent(proxy: Proxy) -> None:
    number = proxy.demo.facts["users"]["bob"]["on_site"]
    file = proxy.read(f"exchange-member/?project_member_id={number}")["data"][0]
    path = proxy.target(file)
    assert proxy.get(path).status_code == 200
    token = proxy.demo.facts["on_site"]["master_token"]
    done = httpx.post(
        f"{proxy.url}{PROJECT}remove-members/",
        headers={"Authorization": f"Bearer {token}"},
        data={"project_member_ids": [number]},
    )
    assert done.status_code == 200
    assert proxy.get(path).status_code == 403
