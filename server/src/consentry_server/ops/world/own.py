"""What the people of the demo added themselves, without any project."""

from datetime import date, datetime, timedelta

from consentry_server.files import actions as files
from consentry_server.files.actions import Addition
from consentry_server.ops.samples import Sample, lake, note, weight
from consentry_server.ops.world.people import ALICE

ROOM = 1_000_000  # bytes


def additions() -> dict[str, list[Sample]]:
    """Return the files by username, in the order in which they were added."""
    return {ALICE.username: [weight("alice", 2016), lake(date(2016, 8, 14)), note(date(2016, 8, 20))]}


def add(members: dict[str, int], *, now: datetime) -> None:
    """Add them as the form does."""
    for username, samples in additions().items():
        for nth, sample in enumerate(samples):
            blob = files.stage()
            blob.write(sample.content)
            addition = Addition(sample.name, sample.metadata["description"], "demo", blob)
            moment = now + timedelta(minutes=nth)
            files.add_own(member_id=members[username], addition=addition, room=ROOM, now=moment)
