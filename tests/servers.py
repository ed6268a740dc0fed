"""A real Consentry in a process of its own, filled with the demo world, for clients that are real too."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

COMMAND = [sys.executable, "-m", "consentry_server.ops.cli"]
START_WITHIN = 60  # seconds, to migrate and to fill


@dataclass
class Demo:
    """A served demo world: its address, its facts, and its folder."""

    url: str
    facts: dict[str, Any]
    folder: Path
    environment: dict[str, str]
    pid: int = 0  # of the process that leads the server's group

    def run(self, *arguments: str, **environment: str) -> str:
        """Run one of the server's commands on this world and return what it prints."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout


@contextmanager
def own_database() -> Iterator[str]:
    """Give an empty database of its own where the suite runs on PostgreSQL; "" is SQLite."""
    main = os.environ.get("DATABASE", "")
    if not main:
        yield ""
        return
    name = f"consentry_{secrets.token_hex(6)}"
    with psycopg.connect(main, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(main)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def demo_server(folder: Path, *options: str, **more: str) -> Iterator[Demo]:
    """Fill a demo world without serving it, then serve it, as an outside client would."""
    with own_database() as database, demo_on(database, folder, *options, **more) as found:
        yield found


@contextmanager
def demo_on(database: str, folder: Path, *options: str, **more: str) -> Iterator[Demo]:
    """Do so on a database that is there already."""
    data, facts = folder / "data", folder / "facts.json"
    environment = os.environ | {
        "CONSENTRY_MODE": "demo",
        "DATA": str(data),
        "DATABASE": database,
        **more,
    }
    where = ["--data", str(data), "--port", "0", "--facts", str(facts), *options]
    where += ["--database", database] if database else []
    subprocess.run([*COMMAND, "demo", *where, "--no-serve"], env=environment, check=True)
    facts.unlink()
    server = subprocess.Popen([*COMMAND, "demo", *where], env=environment, start_new_session=True)
    try:
        found = _wait(server, facts)
        url = found["on_site"]["join_url"].split("/direct-sharing/")[0]
        yield Demo(url, found, data, environment, server.pid)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def _wait(server: "subprocess.Popen[bytes]", facts: Path) -> dict[str, Any]:
    until = time.monotonic() + START_WITHIN
    while not facts.exists():
        assert server.poll() is None, "the demo ended before it served"
        assert time.monotonic() < until, "the demo does not come up"
        time.sleep(0.05)
    found: dict[str, Any] = json.loads(facts.read_text())
    return found
