"""Run by test_worker.py: the real worker, with a kind of effect that only exists here.

`put N` puts effects down, `work` is a worker, `look` says what became of them.
"""

import http.client
import json
import os
import sys
from datetime import UTC, datetime, timedelta

import django

django.setup()

from consentry_server.ops.effects import HANDLERS  # noqa: E402 - after Django is set up
from consentry_server.ops.migrate import migrate  # noqa: E402
from consentry_server.ops.worker import work  # noqa: E402
from consentry_server.outbox import actions as outbox  # noqa: E402
from consentry_server.outbox.models import Effect  # noqa: E402

KIND = "test.deliver"
LEASE = timedelta(seconds=float(os.environ.get("LEASE", "2")))


def deliver(payload: dict[str, int], effect_id: int, now: datetime) -> None:
    """Tell the receiver that stands in for the world."""
    connection = http.client.HTTPConnection("127.0.0.1", payload["port"], timeout=30)
    try:
        connection.request("POST", "/", b"", {"webhook-id": str(effect_id)})
        assert connection.getresponse().status == 204
    finally:
        connection.close()


def put(count: int, port: int) -> None:
    migrate()
    _one_done_long_ago(datetime.now(UTC) - timedelta(days=8))
    ids = [outbox.put(kind=KIND, payload={"port": port}, now=datetime.now(UTC)) for _ in range(count)]
    sys.stdout.write(json.dumps(ids))


def _one_done_long_ago(then: datetime) -> None:
    """Leave a row that the first worker has to remove."""
    outbox.put(kind=KIND, payload={}, now=then)
    effect = outbox.lease(kinds=None, worker="old", lease_for=LEASE, now=then)
    assert effect is not None
    outbox.finish(effect, now=then)


def look() -> None:
    rows = Effect.objects.values_list("finished_at", "dead_at", "attempts")
    found = {
        "finished": sum(finished is not None for finished, _, _ in rows),
        "dead": sum(dead is not None for _, dead, _ in rows),
        "tries": sum(tries for _, _, tries in rows),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    HANDLERS[KIND] = deliver
    match sys.argv[1:]:
        case ["put", count, port]:
            put(int(count), int(port))
        case ["look"]:
            look()
        case _:
            work(threads=8, lease_for=LEASE)
