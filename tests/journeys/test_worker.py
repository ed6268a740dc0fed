"""Real workers, several at once, that are killed and stopped while they work.

`EFFECTS=10000 pytest tests/journeys/test_worker.py -s` is the full proof: some minutes, a kill each second.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.journeys.receiver import Receiver, wait_until
from tests.servers import own_database

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
EFFECTS = int(os.environ.get("EFFECTS", "200"))
WORKERS = 3
KILL_EVERY = 1.0  # seconds
DROP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@dataclass
class Place:
    """An installation of nothing but effects."""

    environment: dict[str, str]
    log: Path
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def run(self, *words: object) -> str:
        return subprocess.run(
            self._words(words), env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def look(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self.run("look"))
        return found

    def work(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            self.workers.append(subprocess.Popen(self._words(["work"]), env=self.environment, stderr=log))
        return self.workers[-1]

    def working(self, count: int) -> None:
        """Wait until that many have said that they work."""
        wait_until(lambda: self.log.read_text().count("Working") >= count, "the workers work")

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def _words(self, words: object) -> list[str]:
        return [sys.executable, str(Path(__file__).with_name("effects.py")), *map(str, words)]  # type: ignore[call-overload]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with own_database(tmp_path / "data") as database:
        found = Place(
            os.environ | {"DATA": str(tmp_path / "data"), "DATABASE": database, "PYTHONPATH": str(ROOT)},
            tmp_path / "log",
        )
        yield found
        found.end()


def test_257_a_worker_that_slept_over_its_lease_spoils_nothing(place: Place) -> None:
    with Receiver().running() as receiver:
        place.run("put", 1, receiver.port)
        receiver.hold.clear()
        sleeper = place.work()
        wait_until(lambda: receiver.seen.total() == 1, "the first worker delivers")
        sleeper.send_signal(signal.SIGSTOP)
        place.work()
        wait_until(lambda: receiver.seen.total() == 2, "another takes over when the lease has ended")
        receiver.hold.set()
        wait_until(lambda: place.look()["finished"] == 1, "the other finishes it")
        sleeper.send_signal(signal.SIGCONT)
        for worker in place.workers:
            worker.terminate()
        assert [worker.wait(30) for worker in place.workers] == [0, 0]
        assert len(receiver.seen) == 1, "the receiver can tell that it is one effect"
        assert place.look() == {"finished": 1, "dead": 0, "tries": 2}


def test_several_at_once_do_each_effect_once_also_when_one_is_told_to_stop(place: Place) -> None:
    place.environment["LEASE"] = "60"  # as in the product: longer than any database makes one wait
    with Receiver(seconds=0.1).running() as receiver:
        place.run("put", 60, receiver.port)
        for _ in range(WORKERS):
            place.work()
        place.working(WORKERS)
        wait_until(lambda: receiver.seen.total() > 0, "they work")
        place.workers[0].terminate()
        assert place.workers[0].wait(30) == 0
        wait_until(lambda: len(receiver.seen) == 60, "the others go on at once")
        for worker in place.workers[1:]:
            worker.terminate()
        assert [worker.wait(30) for worker in place.workers] == [0, 0, 0]
    assert (receiver.twice, place.look()) == (0, {"finished": 60, "dead": 0, "tries": 60}), "and what is old is gone"


def drop_connections(place: Place) -> None:
    """Let PostgreSQL end all its connections, as when it is restarted; SQLite has none."""
    if database := place.environment["DATABASE"]:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(DROP)


def kill_one(place: Place, chance: random.Random) -> None:
    nth = chance.randrange(len(place.workers))
    place.workers[nth].kill()
    place.workers.pop(nth).wait()
    place.work()


def test_three_workers_of_which_one_is_killed_every_second_lose_nothing(place: Place) -> None:
    chance, kills = random.Random(4), 0
    with Receiver(seconds=0.3).running() as receiver:
        ids = set(map(str, json.loads(place.run("put", EFFECTS, receiver.port))))
        for _ in range(WORKERS):
            place.work()
        place.working(WORKERS)
        while len(receiver.seen) < EFFECTS:
            time.sleep(KILL_EVERY)
            kill_one(place, chance)
            kills += 1
            drop_connections(place)  # item 274 of the catalogue
            place.working(WORKERS + kills)  # a kill hits three that work, also where starting takes long
            assert kills < 100 + EFFECTS, "they do not get on"
        wait_until(lambda: place.look()["finished"] == EFFECTS, "everything is done")
        after = place.look()
    print(f"{EFFECTS} effects, {kills} kills: {receiver.twice} deliveries too many, {after}")  # noqa: T201 - with -s
    assert kills >= 2
    assert set(receiver.seen) == ids
    assert after == {"finished": EFFECTS, "dead": 0, "tries": after["tries"]}
    assert receiver.twice <= kills * 8, "no more than what a worker had in hand"
