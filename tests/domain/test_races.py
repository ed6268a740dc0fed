"""Many at once, each in a thread and a connection of its own, with real commits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import own_database

ROOT = Path(__file__).parents[2]


def race(name: str, folder: Path) -> str:
    with own_database() as database:
        environment = os.environ | {
            "DATA": str(folder),
            "DATABASE": database,
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name("races.py"), name],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_248_forty_at_once_for_the_last_place_let_exactly_one_in(tmp_path: Path) -> None:
    assert race("cap", tmp_path) == "1 20 20"


@pytest.mark.slow
def test_022_eight_replacements_at_once_leave_one_token_and_seven_conflicts(tmp_path: Path) -> None:
    assert race("rotate", tmp_path) == "1 7 1"


@pytest.mark.slow
def test_085_eight_clicks_at_once_make_one_member(tmp_path: Path) -> None:
    assert race("join", tmp_path) == "1 1 1"
