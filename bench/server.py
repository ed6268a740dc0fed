"""Servers under test: ours, and others on the same application server with the same options."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import process
from bench.place import ROOT, Place

SERVE = ROOT / "server" / "src" / "consentry_server" / "ops" / "serve.py"
OURS = "consentry_server.config.asgi:served"
BARE = "bench.bare:application"
FIXED = "bench.fixed:served"
WITHOUT_LEDGER = "bench.without_ledger:served"

GRANIAN = (
    *("--interface", "asginl", "--loop", "uvloop", "--http", "1", "--no-ws", "--log-level", "error"),
    *("--backlog", "4096", "--backpressure", "4096", "--http1-header-read-timeout", "30000"),
)


def consentry(*args: str) -> list[str]:
    """Return the command line of `consentry-server`, installed or not."""
    return [sys.executable, "-m", "consentry_server.ops.cli", *args]


def command(target: str, *, port: int, workers: int) -> list[str]:
    """Return the command that starts a server; for ours, the product's own once there is one."""
    if target == OURS and SERVE.exists() and "granian" in SERVE.read_text():
        return consentry("serve", "--port", str(port), "--workers", str(workers))
    counts = ("--workers", str(workers), "--port", str(port))
    return [sys.executable, "-m", "granian", *GRANIAN, *counts, target]


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    port: int
    seconds_to_start: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pids(self) -> list[int]:
        return process.family(self.process.pid)

    def cpu(self) -> float:
        """Return the processor seconds used by all its processes."""
        return process.cpu_seconds(self.pids)

    def peak(self) -> float:
        """Return the peak memory of its largest process in MiB."""
        return max(process.memory(pid, "VmHWM") for pid in self.pids)

    def resident(self) -> float:
        """Return the memory of its largest process now, in MiB: that of a worker."""
        return max(process.memory(pid, "VmRSS") for pid in self.pids)

    @contextmanager
    def growth(self) -> Iterator[list[float]]:
        """Put into the list how much memory any one process took at its peak beyond what it had."""
        grown: list[float] = []
        pids = self.pids
        process.forget_peaks(pids)
        before = {pid: process.memory(pid, "VmRSS") for pid in pids}
        yield grown
        grown.append(max(process.memory(pid, "VmHWM") - before[pid] for pid in pids))

    def get(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        """Ask for one page, as a single client does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=dict(headers))
            response = connection.getresponse()
            return response.status, response.read(), dict(response.getheaders())
        finally:
            connection.close()


@contextmanager
def running(
    place: Place, target: str = OURS, *, workers: int = 2, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a server, with these settings besides, and end it afterwards."""
    server = start(place, target, workers=workers, env=env)
    try:
        yield server
    finally:
        process.end(server.process)


def start(
    place: Place,
    target: str = OURS,
    *,
    workers: int = 2,
    port: int = 0,
    env: Mapping[str, str] | None = None,
) -> Server:
    """Start a server and wait until it answers."""
    port = port or free_port()
    log = place.folder / "bench.log"
    began = time.monotonic()
    child = process.start(command(target, port=port, workers=workers), env={**place.env, **(env or {})}, log=log)
    try:
        process.wait_until(lambda: _answers(child, port, log), seconds=30, what=f"{target} starting")
    except BaseException:
        process.end(child)
        raise
    return Server(child, port, time.monotonic() - began)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _answers(child: subprocess.Popen[str], port: int, log: Path) -> bool:
    if child.poll() is not None:
        raise RuntimeError(f"The server ended at once:\n{log.read_text()[-2000:]}")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/direct-sharing/project/")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True
