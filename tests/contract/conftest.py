"""Published clients in an environment of their own, unmodified."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "published.txt"


@pytest.fixture(scope="session")
def published() -> Path:
    """Return the programs of the published clients, installed from the lock the first time."""
    home = ROOT / ".venv-published"
    stamp = home / "installed"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        install = [home / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", LOCK]
        subprocess.run(install, check=True)
        stamp.write_text(LOCK.read_text())
    return home / "bin"
