"""Clients that are slow, vanish or lie, against the real server."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from resource import RLIMIT_NOFILE, prlimit
from urllib.parse import urlsplit

import httpx

from bench import process
from tests.servers import Demo

UPLOAD = "/api/direct-sharing/project/files/upload/"
MANY = 200  # of each kind: far more than the server has slots


@contextmanager
def connected(demo: Demo, request: str) -> Iterator[socket.socket]:
    parts = urlsplit(demo.url)
    assert parts.hostname
    assert parts.port
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode())
        yield connection


def status(connection: socket.socket) -> int:
    return int(connection.recv(100).split()[1])


def long_body(demo: Demo, size: int, sent: int = 1000) -> str:
    token = demo.facts["on_site"]["master_token"]
    return (
        f"POST {UPLOAD} HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {token}\nContent-Length: {size}\n"
        'Content-Type: multipart/form-data; boundary=b\n\n--b\nContent-Disposition: form-data; name="data_file";'
        ' filename="f.csv"\n\n' + "x" * sent
    )


def test_healthy_requests_are_answered_while_hundreds_are_slow(demo: Demo) -> None:
    """Catalogue 196, in small: `bench/run slow` has 1,000 of each kind."""
    login = "POST /account/login/ HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 9999\n\nlogin="
    with ExitStack() as slow:
        for _ in range(MANY):
            slow.enter_context(connected(demo, "GET / HTTP/1.1\nHost: 127.0.0.1\nX-Slow: "))
            slow.enter_context(connected(demo, login))
            slow.enter_context(connected(demo, long_body(demo, 10**6)))
        bearer = {"Authorization": f"Bearer {demo.facts['on_site']['master_token']}"}
        for path in ("/api/direct-sharing/project/", "/api/direct-sharing/project/members/", "/account/login/"):
            assert httpx.get(demo.url + path, headers=bearer, timeout=30).status_code == 200


@contextmanager
def few_descriptors(pids: list[int], most: int) -> Iterator[None]:
    """Let these processes open no more than so many files and connections."""
    was = {pid: prlimit(pid, RLIMIT_NOFILE) for pid in pids}
    try:
        for pid, (_, hard) in was.items():
            prlimit(pid, RLIMIT_NOFILE, (most, hard))
        yield
    finally:
        for pid, limits in was.items():
            prlimit(pid, RLIMIT_NOFILE, limits)


def test_284_a_server_that_ran_out_of_descriptors_answers_again_once_clients_go(demo: Demo) -> None:
    most = 256
    pids = process.family(demo.pid)

    def exhausted() -> bool:
        return any(len(list(Path(f"/proc/{pid}/fd").iterdir())) >= most for pid in pids)

    with few_descriptors(pids, most):
        with ExitStack() as clients:
            for _ in range(most * len(pids)):
                clients.enter_context(connected(demo, "GET / HTTP/1.1\nHost: 127.0.0.1\nX-Slow: "))
            wait_until(exhausted)
        wait_until(lambda: answers(demo))
        assert set(process.family(demo.pid)) == set(pids), "none of its processes died of it"


def answers(demo: Demo) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{demo.url}/account/login/", timeout=30).status_code == 200
    return False


def test_an_upload_whose_client_vanishes_leaves_nothing(demo: Demo) -> None:
    staging = Path(demo.folder, "blobs", "staging")
    with connected(demo, long_body(demo, 10**7, sent=3 * 10**6)):
        wait_until(lambda: any(staging.iterdir()))
    wait_until(lambda: not any(staging.iterdir()))


def wait_until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_two_hosts_are_refused(demo: Demo) -> None:
    """Catalogue 191."""
    token = demo.facts["on_site"]["master_token"]
    request = f"GET /api/direct-sharing/project/ HTTP/1.1\nHost: 127.0.0.1\nHost: x\nAuthorization: Bearer {token}\n\n"
    with connected(demo, request) as connection:
        assert status(connection) == 400


def test_lengths_that_contradict_each_other_are_refused(demo: Demo) -> None:
    """Catalogue 191: nothing is left that a proxy in front could read otherwise."""
    begin = f"POST {UPLOAD} HTTP/1.1\nHost: 127.0.0.1\n"
    for lengths in ("Content-Length: 1\nContent-Length: 2\n", "Content-Length: 1\nTransfer-Encoding: chunked\n"):
        with connected(demo, f"{begin}{lengths}\nx") as connection:
            assert status(connection) in (400, 411)


def test_a_chunked_body_is_refused_with_what_to_do(demo: Demo) -> None:
    begin = f"POST {UPLOAD} HTTP/1.1\nHost: 127.0.0.1\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n"
    with connected(demo, begin) as connection:
        assert status(connection) == 411
