"""Stores of every kind; published clients in an environment of their own, unmodified."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from consentry_server.storage import BlobStore, DiskStore, _object, _s3
from consentry_server.storage._object import ObjectStore
from tests.contract import apps
from tests.contract.plain_forms import Browser, browser_of
from tests.contract.stores import LOCATION, Place, variables
from tests.contract.strict_s3 import Strict
from tests.servers import Demo

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "published.txt"


@pytest.fixture(scope="session")
def published() -> Path:
    """Return the programs of the published clients, installed from the lock the first time."""
    home = ROOT / ".venv-published"
    with home.with_suffix(".lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # two halves of the suite may run side by side
        _install(home)
    return home / "bin"


def _install(home: Path) -> None:
    stamp = home / "installed"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        install = [home / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", LOCK]
        subprocess.run(install, check=True)
        stamp.write_text(LOCK.read_text())


@pytest.fixture
def joiner(demo: Demo) -> Iterator[Browser]:
    """The browser of somebody who is in no project of the demo's yet."""
    with browser_of(demo.facts["users"]["joiner"]) as found:
        yield found


@pytest.fixture
def as_it_was(demo: Demo) -> Iterator[None]:
    """Remove who came in, and hear that it happened: other tests look at the same world."""
    before = {key: apps.numbers(demo, key) for key in ("on_site", apps.HOOKED)}
    yield
    for key, known in before.items():
        come = apps.numbers(demo, key) - known
        if come and key == apps.HOOKED:
            with apps.listening(demo) as hook:
                apps.remove(demo, key, come)
                apps.departure(demo, hook)
        elif come:
            apps.remove(demo, key, come)


@pytest.fixture(params=["disk", "moto", "strict"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """An empty store of each kind."""
    if request.param == "disk":
        return DiskStore(str(tmp_path / "store"))
    place: Place = request.getfixturevalue(request.param)
    place.empty()
    return place.store


@pytest.fixture
def disk(tmp_path: Path) -> DiskStore:
    return DiskStore(str(tmp_path / "disk"))


@pytest.fixture
def server(strict: Place) -> Strict:
    """What the strict store keeps, and how to break it."""
    strict.empty()
    assert strict.strict is not None
    return strict.strict


@pytest.fixture
def objects(strict: Place, server: Strict) -> ObjectStore:
    return strict.store


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few megabytes be many parts."""
    monkeypatch.setattr(_object, "PART", 5 << 20)


@pytest.fixture
def impatient(strict: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """A client that waits a moment only."""
    monkeypatch.setattr(_s3, "ANSWER_WITHIN", 0.3)
    monkeypatch.setattr(_s3, "TRIES", 2)
    with variables(strict.environment):
        yield ObjectStore(LOCATION)
