"""kill -9 at each named point, with real commits: run by test_failpoints.py in a database and a folder of its own.

`crashes.py forked` lets a fork of this process answer a request with the real application until it dies.
`crashes.py served` starts the real server for each point, kills what is left of it, and goes on.
"""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

import httpx  # noqa: E402 - after Django is set up
from click.testing import CliRunner  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from bench import process  # noqa: E402
from bench.server import consentry, free_port  # noqa: E402
from consentry_server.common import failpoints  # noqa: E402
from consentry_server.config.wsgi import application  # noqa: E402
from consentry_server.files.models import DataFile, Pending  # noqa: E402
from consentry_server.members.models import Member  # noqa: E402
from consentry_server.ops import reconcile  # noqa: E402
from consentry_server.ops.effects import HANDLERS  # noqa: E402
from consentry_server.outbox import actions as outbox  # noqa: E402
from consentry_server.storage import current  # noqa: E402
from tests import world as people  # noqa: E402
from tests.doors.api import calls  # noqa: E402
from tests.doors.api import files as uploads  # noqa: E402
from tests.doors.web.person import LEAVE, Person  # noqa: E402

CONTENT = os.urandom(300_000)
HALF = 100_000


@dataclass
class Case:
    """A member who is new to the study, what was acknowledged to the project, and a client that asks."""

    world: people.World
    member: Member
    client: httpx.Client
    told: dict[str, Any] = field(default_factory=dict)

    def contents(self) -> list[bytes]:
        """Download all that the project can read of the member."""
        page = calls.exchange(self.client, self.world.token, self.world.alice_number, limit=1000).json()
        return [calls.fetch(self.client, file["download_url"]).content for file in page["data"]]


# --- what is done before, what is done when the process dies, and what must be so afterwards


def nothing(case: Case) -> None:
    """Prepare nothing."""


def upload(case: Case) -> None:
    answer = calls.upload(case.client, case.world.token, case.world.alice_number, content=CONTENT)
    case.told["id"] = answer.json()["id"]


def stored_whole_or_not_at_all(case: Case) -> None:
    assert case.contents() in ([], [CONTENT])
    upload(case)
    assert set(case.contents()) == {CONTENT}


def stored(case: Case) -> None:
    assert case.contents() == [CONTENT]


def announce(case: Case) -> None:
    case.told["id"], case.told["url"] = uploads.announced(case.client, case.world)


def not_announced(case: Case) -> None:
    assert not Pending.objects.exists()
    announce(case)


def put(case: Case) -> None:
    assert case.client.put(case.told["url"], content=CONTENT).status_code == 200


def complete(case: Case) -> None:
    answer = uploads.complete(case.client, case.world, case.told["id"])
    assert answer.json() == {"status": "ok", "size": len(CONTENT)}, answer.text


def put_or_not(case: Case) -> None:
    assert case.contents() == []
    answer = uploads.complete(case.client, case.world, case.told["id"])
    if answer.status_code != 200:
        assert answer.json() == uploads.NOT_PRESENT
        put(case)
        complete(case)
    assert case.contents() == [CONTENT]


def announce_and_put(case: Case) -> None:
    announce(case)
    put(case)


def completed(case: Case) -> None:
    assert case.contents() in ([], [CONTENT])
    complete(case)
    assert case.contents() == [CONTENT]


def first_half(case: Case) -> None:
    case.told["url"] = uploads.begun(case.client, case.world, len(CONTENT))
    send(case, 0, CONTENT[:HALF])


def second_half(case: Case) -> None:
    send(case, HALF, CONTENT[HALF:])


def send(case: Case, offset: int, content: bytes) -> None:
    answer = uploads.send(case.client, case.world, case.told["url"], offset, content)
    assert answer.status_code == 204, answer.text


def goes_on(case: Case) -> None:
    looked = uploads.ask(case.client, case.world, case.told["url"])
    offset = int(looked.headers["Upload-Offset"])
    assert offset >= HALF, "what was told to be safe is gone"
    if offset < len(CONTENT):
        send(case, offset, CONTENT[offset:])
    assert case.contents() == [CONTENT]


def upload_twice(case: Case) -> None:
    upload(case)
    upload(case)


def delete(case: Case) -> None:
    fields = {"project_member_id": case.world.alice_number, "all_files": "true"}
    token = calls.bearer(case.world.token)
    assert case.client.post(calls.DELETE, headers=token, data=fields).status_code == 200


def still_there(case: Case) -> None:
    assert case.contents() == [CONTENT] * 2


def deleted(case: Case) -> None:
    assert case.contents() == []


def share(case: Case) -> None:
    upload(case)
    announce_and_put(case)


def leave(case: Case) -> None:
    person = Person(case.client)
    person.post("/account/login/", login=case.member.username, password=people.PASSWORD)
    person.press(f"{LEAVE}/{case.world.of_alice.pk}/", remove_datafiles="on")


def still_a_member(case: Case) -> None:
    assert case.contents() == [CONTENT]
    complete(case)


def gone(case: Case) -> None:
    world = case.world
    assert calls.exchange(case.client, world.token, world.alice_number).json() == calls.INVALID_MEMBER
    assert uploads.complete(case.client, world, case.told["id"]).json() == calls.INVALID_MEMBER
    assert not DataFile.objects.filter(member=case.member, blob_erased_at=None).exists()


Step = Callable[[Case], None]
POINTS: dict[str, tuple[Step, Step, Step]] = {
    "upload.staged": (nothing, upload, stored_whole_or_not_at_all),
    "upload.mid-write": (nothing, upload, stored_whole_or_not_at_all),
    "upload.before-sync": (nothing, upload, stored_whole_or_not_at_all),
    "upload.before-name": (nothing, upload, stored_whole_or_not_at_all),
    "upload.before-folder-sync": (nothing, upload, stored_whole_or_not_at_all),
    "upload.before-row": (nothing, upload, stored_whole_or_not_at_all),
    "upload.before-commit": (nothing, upload, stored_whole_or_not_at_all),
    "upload.committed": (nothing, upload, stored),
    "direct.before-begun": (nothing, announce, not_announced),
    "direct.offered": (announce, put, put_or_not),
    "completion.two-names": (announce_and_put, complete, completed),
    "completion.before-hash": (announce_and_put, complete, completed),
    "completion.before-commit": (announce_and_put, complete, completed),
    "completion.committed": (announce_and_put, complete, completed),
    "resumable.mid-write": (first_half, second_half, goes_on),
    "resumable.before-sync": (first_half, second_half, goes_on),
    "resumable.before-offset": (first_half, second_half, goes_on),
    "resumable.offset-kept": (first_half, second_half, goes_on),
    "deletion.before-commit": (upload_twice, delete, still_there),
    "deletion.before-bytes": (upload_twice, delete, deleted),
    "deletion.before-unlink": (upload_twice, delete, deleted),
    "deletion.between-blobs": (upload_twice, delete, deleted),
    "deletion.before-erased": (upload_twice, delete, deleted),
    "leaving.before-commit": (share, leave, still_a_member),
    "leaving.committed": (share, leave, gone),
}


# --- how the process dies


@contextmanager
def here() -> Iterator[httpx.Client]:
    """A client of the application in this process."""
    transport = httpx.WSGITransport(app=application)
    with httpx.Client(transport=transport, base_url="http://testserver") as client:
        yield client


def forked(point: str, act: Step, case: Case) -> None:
    """Answer in a fork of this process until it dies at the point."""
    connections.close_all()
    child = os.fork()
    if not child:
        failpoints.wanted = point
        act(case)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the point was not reached"
    assert os.WTERMSIG(status) == signal.SIGKILL


def served(point: str, act: Step, case: Case) -> None:
    """Ask the real server until it dies at the point, then kill the rest of it."""
    connections.close_all()
    port = free_port()
    command = consentry("serve", "--port", str(port), "--workers", "1")
    environment = {"FAILPOINT": point, "SITE_URL": settings.SITE_URL}
    server = process.start(command, env=environment, log=Path(settings.DATA, "server.log"))
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            process.wait_until(lambda: answers(client), seconds=60, what="the server starting")
            died = False
            try:
                act(Case(case.world, case.member, client, case.told))
            except httpx.TransportError:
                died = True
            assert died, "the point was not reached"
    finally:
        process.end(server, how=signal.SIGKILL)


def answers(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/account/login/").status_code == 200
    return False


# --- what every installation does afterwards, and how it must look then


def later() -> datetime:
    return datetime.now(UTC) + timedelta(hours=2)


def work() -> None:
    """Do what waits in the outbox, as the worker does."""
    while effect := outbox.lease(kinds=None, worker="test", lease_for=timedelta(minutes=1), now=datetime.now(UTC)):
        if effect.kind.startswith("files."):
            HANDLERS[effect.kind](outbox.payload(effect), effect.id, datetime.now(UTC))
        outbox.finish(effect, now=datetime.now(UTC))


def mend() -> str:
    done = CliRunner().invoke(reconcile.command, ["--older-than", "60"], catch_exceptions=False)
    return f"{done.stdout}{done.stderr}"


def sound() -> None:
    """Nothing dangles: every file has its bytes, all bytes are some file's, and nothing lies about."""
    told = mend().splitlines()
    assert all(line.endswith(": 0") for line in told), told
    rows = dict(DataFile.objects.exclude(completed_at=None).filter(deleted_at=None).values_list("key", "sha256"))
    found = {}
    for key, _ in current().keys():  # noqa: SIM118 - not a dictionary
        with current().open(key) as blob:
            found[key] = hashlib.file_digest(blob, "sha256").hexdigest()
    assert found == rows
    assert not list(Path(settings.STORAGE, "staging").iterdir())
    handles = set(Pending.objects.values_list("handle", flat=True))
    assert {path.name for path in Path(settings.STORAGE, "inbox").iterdir()} <= handles


def try_point(point: str, way: Callable[[str, Step, Case], None], world: people.World) -> None:
    prepare, act, check = POINTS[point]
    member = people.make_member(point.replace(".", "_").replace("-", "_"))
    world.of_alice = people.authorize(member, world.study)
    with here() as client:
        case = Case(world, member, client)
        prepare(case)
        way(point, act, case)
        client.cookies.clear()
        work()
        mend()
        check(case)
        delete(case) if check is not gone else None
        work()
        Pending.objects.filter(authorization=world.of_alice).update(expires_at=datetime.now(UTC))
        mend()
        sound()


def main(way: str, *points: str) -> None:
    call_command("migrate", verbosity=0)
    reconcile.now = later  # type: ignore[assignment]
    world, problems = people.build(), {}
    for point in points or POINTS:
        try:
            try_point(point, {"forked": forked, "served": served}[way], world)
        except Exception as error:  # noqa: BLE001 - each point is told of
            problems[point] = f"{type(error).__name__}: {error}"
    sys.stdout.write(json.dumps({"tried": list(points or POINTS), "problems": problems}))


if __name__ == "__main__":
    main(*sys.argv[1:])
