"""A place to measure in: a temporary data folder, a database, and what was seeded there."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench import process

ROOT = Path(__file__).resolve().parent.parent
POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/consentry_bench"


@dataclass
class Place:
    """Where one database of the bench lives. `facts` is what `bench.seed` says of it."""

    kind: str  # sqlite or postgresql
    folder: Path
    database: str  # as in the setting DATABASE
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """Return the settings under which every program of the bench runs here."""
        return {
            "CONSENTRY_MODE": "test",
            "DATA": str(self.folder),
            "DATABASE": self.database,
            "DJANGO_SETTINGS_MODULE": "consentry_server.config.settings",
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'server' / 'src'}",
        }

    def python(self, module: str, *args: object) -> str:
        """Run a module of the bench under these settings; return what it printed."""
        return process.run([sys.executable, "-m", module, *map(str, args)], env=self.env)

    def seed(self, **wanted: int) -> None:
        """Fill the database, from nothing: see `bench.seed` for what may be wanted."""
        options = [f"--{name}={count}" for name, count in wanted.items()]
        self.facts = json.loads(self.python("bench.seed", *options))

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.facts['token']}"}


@contextmanager
def made(kind: str, *, suffix: str = "", url: str = POSTGRESQL) -> Iterator[Place]:
    """Make an empty place, and forget it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="consentry-bench-"))
    database = _named(url, suffix) if kind == "postgresql" else ""
    try:
        if database:
            _recreate(database)
        yield Place(kind, folder, database)
    finally:
        shutil.rmtree(folder)
        if database:
            _drop(database)


def _named(url: str, suffix: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path}{suffix}"))


def _recreate(url: str) -> None:
    _drop(url)
    with _maintenance(url) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(_name(url)))


def _drop(url: str) -> None:
    with _maintenance(url) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(_name(url)))


def _maintenance(url: str) -> "psycopg.Connection[Any]":
    parts = urlsplit(url)
    return psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True)


def _name(url: str) -> sql.Identifier:
    name = urlsplit(url).path.strip("/")
    if "bench" not in name:
        raise SystemExit(f'The bench drops its database, so its name must have "bench" in it: {name}')
    return sql.Identifier(name)
