"""The files of a member who is gone are erased, however often those who do it are killed.

`FILES=10000 pytest tests/journeys/test_erasure.py -s` is the full proof: some minutes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import own_database

pytestmark = pytest.mark.slow
FILES = int(os.environ.get("FILES", "200"))


def test_263_worker_and_reconcile_killed_again_and_again_erase_all_of_one_member_and_nothing_else(
    tmp_path: Path,
) -> None:
    with own_database(tmp_path) as database:
        environment = os.environ | {
            "CONSENTRY_MODE": "test",
            "DATA": str(tmp_path),
            "DATABASE": database,
            "DJANGO_SETTINGS_MODULE": "consentry_server.config.settings",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "LOG_LEVEL": "CRITICAL",
        }
        command = [sys.executable, Path(__file__).with_name("erasing.py"), str(FILES)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    print(found)  # noqa: T201 - with -s
    assert found.pop("at_first") >= FILES
    assert found.pop("kills") > 5
    assert found == {"left": 0, "others_untouched": True, "blobs": True, "reported": []}
