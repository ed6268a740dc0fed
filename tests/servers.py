"""A real Consentry in a process of its own, filled with the demo world, for clients that are real too."""

import atexit
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

COMMAND = [sys.executable, "-m", "consentry_server.ops.cli"]
SQLITE = "consentry.sqlite3"
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
def own_database(folder: Path | None = None, *, empty: bool = False) -> Iterator[str]:
    """Give a database of its own where the suite runs on PostgreSQL; "" is SQLite, whose file lies in the data folder.

    It has its tables unless it is to be empty; that of SQLite has them if the folder is told.
    """
    main = os.environ.get("DATABASE", "")
    if not main:
        if folder is not None and not empty:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_with_tables("") / SQLITE, folder / SQLITE)
        yield ""
        return
    template = "" if empty else f" TEMPLATE {_with_tables(main)}"
    name = f"consentry_{secrets.token_hex(6)}"
    with psycopg.connect(main, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{template}")
        try:
            yield urlsplit(main)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _with_tables(main: str) -> Path:
    """Make the tables once for all that this process starts: the folder of SQLite's, or the name of PostgreSQL's."""
    folder = Path(tempfile.mkdtemp(prefix="consentry-tables-"))
    atexit.register(shutil.rmtree, folder)
    name = f"consentry_tables_{secrets.token_hex(6)}"
    if main:
        _execute(main, f"CREATE DATABASE {name}")
        atexit.register(_execute, main, f"DROP DATABASE {name} WITH (FORCE)")
    database = urlsplit(main)._replace(path=f"/{name}").geturl() if main else ""
    settings = {"CONSENTRY_MODE": "test", "DATA": str(folder), "DATABASE": database}
    subprocess.run([*COMMAND, "migrate"], env=os.environ | settings, check=True, stdout=subprocess.DEVNULL)
    return Path(name) if main else folder


def _execute(main: str, statement: str) -> None:
    with psycopg.connect(main, autocommit=True) as connection:
        connection.execute(statement)


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
