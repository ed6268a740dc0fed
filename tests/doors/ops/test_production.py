"""A server as it stands in production: behind a proxy that speaks TLS, asked by honest and by odd clients."""

import os
import socket
import subprocess
from collections.abc import Iterator
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest

from bench.process import wait_until
from bench.server import free_port
from tests.doors.ops.test_commands import SAFE
from tests.servers import COMMAND, own_database

HOST = "data.example.org"
TLS = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
SIGN_UP = {
    "username": "newcomer",
    "name": "New Comer",
    "email": "new@example.org",
    "password1": "four plain words here",
    "terms": "on",
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a production server."""
    folder: Path = tmp_path_factory.mktemp("production")
    folder.chmod(0o700)
    with own_database(folder) as database:
        settings = SAFE | {"DATA": str(folder), "DATABASE": database}
        listening = free_port()
        server = subprocess.Popen([*COMMAND, "serve", "--port", str(listening)], env=os.environ | settings)
        try:
            wait_until(lambda: _answers(server, listening), seconds=60, what="the server")
            yield listening
        finally:
            server.terminate()
            server.wait(timeout=20)


def _answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    assert server.poll() is None, "the server ended"
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=TLS) as opened:
        yield opened


def cookies(answer: httpx.Response) -> dict[str, "Morsel[str]"]:
    """Return the cookies that an answer sets."""
    found: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return dict(found)


def asked(port: int, head: bytes) -> bytes:
    """Send a request as it is; return the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head + b"\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n")
        return connection.makefile("rb").read()


def test_121_each_cookie_is_for_this_host_only_over_tls_and_no_script(client: httpx.Client) -> None:
    page = client.get("/account/signup/")
    proof = cookies(page)["__Host-csrf"]
    headers = {"Cookie": f"__Host-csrf={proof.value}", "Referer": f"https://{HOST}/account/signup/"}
    signed_up = client.post("/account/signup/", data=SIGN_UP | {"csrfmiddlewaretoken": proof.value}, headers=headers)
    known = cookies(signed_up)

    assert (page.status_code, signed_up.status_code) == (200, 302)
    assert "__Host-session" in known
    for cookie in [proof, *known.values()]:
        said = cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]
        assert said == (True, True, "Lax", "/", ""), cookie.key
        assert cookie.key.startswith("__Host-")


def test_a_plain_request_is_sent_to_tls_and_the_browser_remembers(client: httpx.Client) -> None:
    plain = client.get("/account/login/", headers={"X-Forwarded-Proto": "http"})
    through = client.get("/account/login/")

    assert plain.headers["Location"] == f"https://{HOST}/account/login/"
    assert int(through.headers["Strict-Transport-Security"].removeprefix("max-age=")) >= 31536000


def test_130_there_is_no_staff_site_by_default(client: httpx.Client) -> None:
    assert client.get("/admin/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/account/login/", "/api/direct-sharing/project/"])
@pytest.mark.parametrize(
    "host", ["evil.example", "data.example.org:80@evil.example", "data.example.org:x", "evil.data.example.org"]
)
def test_125_a_host_that_is_not_ours_is_refused(client: httpx.Client, host: str, path: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code == 400
    assert client.get(path, headers={"X-Forwarded-Host": host}).status_code == 400


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: data.example.org\r\nHost: evil.example",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nHost: data.example.org",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example",
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: data.example.org, evil.example",
    ],
)
def test_125_a_request_that_names_two_hosts_or_another_is_refused(port: int, head: bytes) -> None:
    assert asked(port, head).split()[1] == b"400"


def test_125_the_address_of_a_whole_request_line_decides_nothing(port: int) -> None:
    answer = asked(port, b"GET http://evil.example/account/login/ HTTP/1.1\r\nHost: data.example.org")
    assert answer.split()[1] in (b"200", b"400")
    assert b"evil.example" not in answer
