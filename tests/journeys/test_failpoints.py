"""kill -9 at each named point of upload, completion, deletion and leaving."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers import own_database

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "server" / "src"
# FAILPOINTS=all kills the real server at every point, some minutes for each database.
SERVED = ["completion.two-names", "resumable.before-offset"]


def crash(folder: Path, way: str, *points: str) -> dict[str, Any]:
    with own_database(folder) as database:
        environment = os.environ | {
            "CONSENTRY_MODE": "test",
            "DATA": str(folder),
            "DATABASE": database,
            "DJANGO_SETTINGS_MODULE": "consentry_server.config.settings",
            "PYTHONPATH": str(ROOT),
            "SITE_URL": "http://testserver",
            "LOG_LEVEL": "CRITICAL",
        }
        command = [sys.executable, Path(__file__).with_name("crashes.py"), way, *points]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def named() -> set[str]:
    return {
        point for path in SOURCE.rglob("*.py") for point in re.findall(r'\breach\("([a-z.-]+)"\)', path.read_text())
    }


def test_261_262_264_wherever_the_process_dies_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    found = crash(tmp_path, "forked")
    assert found["problems"] == {}
    assert set(found["tried"]) == named()


def test_261_262_wherever_the_real_server_dies_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    points = [] if os.environ.get("FAILPOINTS") == "all" else SERVED
    found = crash(tmp_path, "served", *points)
    assert found["problems"] == {}


def test_outside_of_tests_there_are_no_points() -> None:
    code = "from consentry_server.common import failpoints; print(repr(failpoints.wanted))"
    for mode, wanted in (("production", "''"), ("demo", "''"), ("development", "''"), ("test", "'a.b'")):
        environment = os.environ | {"CONSENTRY_MODE": mode, "FAILPOINT": "a.b"}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == wanted
