"""Run by test_erasure.py: a member with so many files closes the account; who removes the bytes is killed, and again.

`erasing.py FILES` lets forks of this process be the worker, or reconcile, in turn. A fork lives a moment after it has
begun to remove bytes.
"""

import json
import os
import random
import select
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

django.setup()

from click.testing import CliRunner  # noqa: E402 - after Django is set up
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from consentry_server.files import actions as files  # noqa: E402
from consentry_server.files.actions import deleting  # noqa: E402
from consentry_server.files.models import DataFile, FileTotal  # noqa: E402
from consentry_server.ops import reconcile  # noqa: E402
from consentry_server.ops.migrate import migrate  # noqa: E402
from consentry_server.ops.worker import work  # noqa: E402
from consentry_server.outbox.models import Effect  # noqa: E402
from consentry_server.storage import current  # noqa: E402
from tests import world as people  # noqa: E402

LIFE = 0.03  # seconds at most
KEPT = 40  # files of others
LEASE = timedelta(seconds=0.2)
Kept = tuple[list[tuple[object, ...]], list[tuple[object, ...]], dict[str, bytes]]


def bring(world: people.World, member_id: int, count: int) -> None:
    for n in range(count):
        files.deposit(
            member_id=member_id, source_id=world.source.pk, name=f"{n}.csv", metadata=people.METADATA,
            chunks=[b"%d of %d" % (n, member_id)], now=datetime.now(UTC),
        )  # fmt: skip


def of_others(world: people.World) -> Kept:
    """Return all that the erasure must not touch: rows, counts and bytes."""
    rows = DataFile.objects.exclude(member=world.alice).order_by("id")
    totals = FileTotal.objects.exclude(member=world.alice).order_by("id")
    found = {}
    for key in rows.values_list("key", flat=True):
        with current().open(key) as blob:
            found[key] = blob.read()
    return list(rows.values_list()), list(totals.values_list()), found


def waiting() -> int:
    return DataFile.objects.filter(deleted_at__isnull=False, blob_erased_at=None).count()


def live(as_worker: object, begun: int) -> None:
    """Be the worker or reconcile, and say when bytes begin to go."""

    def reach(point: str) -> None:
        if point == "deletion.before-bytes":
            os.write(begun, b"!")

    deleting.reach = reach  # type: ignore[attr-defined]
    if as_worker:
        work(threads=1, lease_for=LEASE)
    else:
        CliRunner().invoke(reconcile.command)


def kill_one(as_worker: object, chance: random.Random) -> None:
    connections.close_all()
    told, begun = os.pipe()
    child = os.fork()
    if not child:
        live(as_worker, begun)
        os._exit(0)
    os.close(begun)
    select.select([told], [], [], 10)  # or it ends, or finds nothing to do
    time.sleep(chance.uniform(0, LIFE))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(told)


def main(count: int) -> None:
    migrate()
    world, chance, kills = people.build(), random.Random(263), 0
    bring(world, world.alice.pk, count)
    bring(world, world.bob.pk, KEPT)
    before = of_others(world)
    files.close_account(member_id=world.alice.pk, now=datetime.now(UTC))
    at_first = waiting()
    while waiting() and kills < 100 + count:
        Effect.objects.filter(kind="files.erase", finished_at=None).update(due_at=datetime.now(UTC))
        kill_one(kills % 2, chance)
        kills += 1
    reported = CliRunner().invoke(reconcile.command, catch_exceptions=False).stdout.splitlines()
    told = {
        "at_first": at_first,
        "kills": kills,
        "left": waiting(),
        "others_untouched": of_others(world) == before,
        "blobs": {path.name for path in Path(settings.STORAGE).glob("??/??/*")} == set(before[2]),
        "reported": [line for line in reported if not line.endswith(": 0")],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]))
