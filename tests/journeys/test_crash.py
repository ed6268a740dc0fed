"""The server dies in the middle of uploads, again and again.

`KILLS=50 pytest tests/journeys/test_crash.py` is the full proof: some minutes.
"""

import os

import pytest

from bench import crash, place

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("KILLS", "12"))


def test_no_acknowledged_file_is_lost_or_torn_and_nothing_dangles() -> None:
    database = os.environ.get("DATABASE", "")
    kind = "postgresql" if database else "sqlite"
    with place.made(kind, suffix="_bench_crash", url=database) as here:
        here.seed(members=crash.UPLOADERS, files=0, heavy=0)
        outcome = crash.run(here, kills=KILLS)
    assert outcome.kills == KILLS
    assert len(outcome.acknowledged) > KILLS, "hardly anything was uploaded"
    assert outcome.broken > KILLS, "hardly any upload was cut off"
    assert outcome.sound, crash.counts(outcome) | {"dangling": outcome.dangling}
