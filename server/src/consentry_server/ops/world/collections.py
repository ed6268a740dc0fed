"""Which files each person of the demo has, and from where."""

from collections.abc import Iterator
from datetime import date

from consentry_server.ops.samples import (
    Sample,
    activity_archive,
    genotype,
    heart_rate,
    sleep,
    steps,
    track,
)
from consentry_server.ops.world.people import ALICE, BOB, JOINER, ROSA

# The file that the facts describe, down to its bytes.
FIRST = Sample(
    "alice-000.csv",
    b"alice,0\n",
    {"tags": ["csv", "åäö"], "description": "File alice-000.csv", "dataYear": 2016},
)
OPEN = Sample(
    "open.csv",
    b"open,1\n",
    {"tags": ["csv", "open"], "description": "Summary of one open track", "dataYear": 2016},
)


def collections() -> dict[tuple[str, str], list[Sample]]:
    """Return the files by username and key of the source, in the order in which they came."""
    return {
        (ALICE.username, "source"): [FIRST, *_alice()],
        (ALICE.username, "unasked"): [genotype("alice", date(2016, 2, 29))],
        (ALICE.username, "public_source"): [OPEN],
        (BOB.username, "source"): [steps("bob", date(2016, 5, 1)), sleep("bob", date(2016, 5, 1))],
        (BOB.username, "public_source"): [track("bob", date(2016, 5, 14))],
        (JOINER.username, "source"): [
            steps("joiner", date(2016, 8, 1)),
            heart_rate("joiner", date(2016, 8, 6)),
            track("joiner", date(2016, 8, 7)),
        ],
        (ROSA.username, "source"): [steps("rosa", date(2016, 3, 1))],
    }


def _alice() -> Iterator[Sample]:
    """Seven years of steps, and twenty files of other kinds: 104 in all."""
    for year in range(2010, 2017):
        for month in range(1, 13):
            yield steps("alice", date(year, month, 1))
    for month in range(1, 8):
        yield sleep("alice", date(2016, month, 1))
        yield track("alice", date(2016, month, 16))
    for day in range(1, 6):
        yield heart_rate("alice", date(2016, 7, day))
    yield activity_archive("alice", 2015)
