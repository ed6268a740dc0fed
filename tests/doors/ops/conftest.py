"""Commands run as an operator runs them: in a process of their own."""

import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.servers import COMMAND, own_database

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run `consentry-server` with these words; settings are keywords."""

    def run(*words: object, **settings: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*COMMAND, *map(str, words)],
            env=os.environ | {"CONSENTRY_MODE": "development"} | {k: str(v) for k, v in settings.items()},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture
def database() -> Iterator[str]:
    """An empty database: PostgreSQL where the suite runs on it, else "" for SQLite."""
    with own_database(empty=True) as address:
        yield address


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of an installation that has its tables, for the tests of a module."""
    folder = tmp_path_factory.mktemp("site")
    with own_database(folder) as address:
        yield {"DATA": str(folder), "DATABASE": address}
