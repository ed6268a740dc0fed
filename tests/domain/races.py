"""What happens when many do the same at once, with real commits: run by test_races.py in a database of its own."""

import hashlib
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402 - after Django is set up
from django.db import connection, connections  # noqa: E402

from consentry_server.common.errors import Conflict, Invalid, NotFound, Refused  # noqa: E402
from consentry_server.common.ids import fingerprint  # noqa: E402
from consentry_server.datatypes import queries as queries_of_types  # noqa: E402
from consentry_server.datatypes import rules  # noqa: E402
from consentry_server.datatypes.rules import About  # noqa: E402
from consentry_server.files import actions as files  # noqa: E402
from consentry_server.files.models import DataFile, FileTotal  # noqa: E402
from consentry_server.messaging import actions as messaging  # noqa: E402
from consentry_server.messaging.models import Message  # noqa: E402
from consentry_server.messaging.rules import REPLIES_A_DAY, Draft  # noqa: E402
from consentry_server.outbox import actions as outbox  # noqa: E402
from consentry_server.outbox.models import Effect  # noqa: E402
from consentry_server.projects.actions import NoSeat  # noqa: E402
from consentry_server.projects.models import Project  # noqa: E402
from consentry_server.sharing import actions as sharing  # noqa: E402
from consentry_server.sharing import queries  # noqa: E402
from consentry_server.sharing.models import Authorization  # noqa: E402
from consentry_server.storage import current as current_store  # noqa: E402
from consentry_server.tokens import actions as tokens  # noqa: E402
from consentry_server.tokens.models import MasterToken  # noqa: E402
from tests.world import authorize, make_datatype, make_member, make_project, make_token  # noqa: E402

NOW = datetime.now(UTC)


def all_at_once(count: int, work: Callable[[int], str]) -> list[str]:
    """Run `work` in that many threads, each with its own connection, let go together."""
    barrier = Barrier(count, timeout=120)

    def run(nth: int) -> str:
        connection.ensure_connection()
        barrier.wait()
        try:
            return work(nth)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def cap() -> None:
    """Nineteen are in; forty want the last place."""
    project = make_project(make_member("coordinator"), "Capped", approved=False)
    for n in range(19):
        authorize(make_member(f"in_{n}"), project)
    waiting = [make_member(f"waiting_{n}") for n in range(40)]
    ask = queries.ask(project.pk)
    who = [{"member_id": member.pk, "project_id": project.pk, "now": NOW} for member in waiting]
    for one in who:
        sharing.join(**one, shown=ask.text_sha256)

    def enter(nth: int) -> str:
        try:
            sharing.authorize(**who[nth], shown=ask.sha256, hidden=False)
        except NoSeat:
            return "full"
        return "in"

    answers = all_at_once(40, enter)
    live = Authorization.objects.filter(project=project, revoked_at=None).count()
    sys.stdout.write(f"{answers.count('in')} {Project.objects.get(id=project.pk).authorized_members} {live}")


def rotate() -> None:
    """Eight replace one token."""
    project = make_project(make_member("coordinator"), "Study")
    old = fingerprint(make_token(project))

    def replace(_: int) -> str:
        try:
            tokens.rotate(
                project_id=project.pk,
                actor="test",
                replacing=old,
                lifetime=timedelta(days=1),
                now=NOW,
            )
        except Conflict:
            return "conflict"
        return "replaced"

    answers = all_at_once(8, replace)
    current = MasterToken.objects.filter(project=project, replaced_at=None).count()
    sys.stdout.write(f"{answers.count('replaced')} {answers.count('conflict')} {current}")


def join() -> None:
    """One person presses both buttons eight times at once."""
    project, member = make_project(make_member("coordinator"), "Study"), make_member("alice")
    ask = queries.ask(project.pk)
    who = {"member_id": member.pk, "project_id": project.pk, "now": NOW}

    def both(_: int) -> str:
        sharing.join(**who, shown=ask.text_sha256)
        return str(sharing.authorize(**who, shown=ask.sha256, hidden=False).pk)

    answers = all_at_once(8, both)
    live = Authorization.objects.filter(project=project).count()
    sys.stdout.write(f"{len(set(answers))} {live} {Project.objects.get(id=project.pk).authorized_members}")


def tree() -> None:
    """Two move each a data type under the other's, forty times; then eight make one of the same name."""

    def move(pair: tuple[int, int]) -> str:
        about = About(f"type {pair[0]}", pair[1], "d", uploadable=False)
        try:
            files.edit_datatype(datatype_id=pair[0], about=about, member_id=1, now=NOW)
        except Invalid:
            return "refused"
        return "moved"

    outcomes = set()
    for n in range(40):
        first, second = (make_datatype(f"{side} {n}", uploadable=False) for side in "ab")
        pairs = [(first, second), (second, first)]
        answers = all_at_once(2, lambda nth, pairs=pairs: move(pairs[nth]))  # type: ignore[misc]
        outcomes.add(" ".join(sorted(answers)))

    def make(_: int) -> str:
        try:
            return str(make_datatype("Steps"))
        except Invalid:
            return "refused"

    made = all_at_once(8, make)
    sys.stdout.write(f"{outcomes} {made.count('refused')} {len(list(rules.walk(queries_of_types.tree())))}")


def lease() -> None:
    """Eight workers take whatever there is."""
    for _ in range(400):
        outbox.put(kind="test.say", payload={}, now=NOW)

    def take(nth: int) -> str:
        found = []
        while effect := outbox.lease(kinds=None, worker=f"w{nth}", lease_for=timedelta(hours=1), now=NOW):
            found.append(str(effect.id))
        return " ".join(found)

    taken = " ".join(all_at_once(8, take)).split()
    sys.stdout.write(f"{len(taken)} {len(set(taken))}")


def write() -> None:
    """Eight press one button to write; eight answers want the last place of the day; eight remove two, in any order."""
    project, alice, bob = make_project(make_member("coordinator"), "Study"), make_member("alice"), make_member("bob")
    numbers = [authorize(member, project).project_member.number for member in (alice, bob)]
    draft = Draft(to_all=True, numbers=(), subject="", text="Hello")
    form = {"project_id": project.pk, "draft": draft, "actor": "test", "once": "one"}

    def press(_: int) -> str:
        messaging.write(**form, now=NOW)  # type: ignore[arg-type]
        return "done"

    def answer(_: int) -> str:
        try:
            messaging.reply(member_id=alice.pk, project_id=project.pk, text="Hi", now=NOW)
        except messaging.TooMany:
            return "too many"
        return "sent"

    def remove(nth: int) -> str:
        named = tuple(numbers[:: 1 if nth % 2 else -1])
        try:
            messaging.remove_members(project_id=project.pk, numbers=named, actor="test", now=NOW)
        except Invalid:
            return "unknown"
        return "removed"

    pressed = all_at_once(8, press)
    for _ in range(REPLIES_A_DAY - 1):
        answer(0)
    answered, removed = all_at_once(8, answer), all_at_once(8, remove)
    told = Effect.objects.filter(kind="messaging.removed").count()
    left = Project.objects.get(id=project.pk).authorized_members
    counts = [pressed.count("done"), Message.objects.count(), answered.count("sent"), removed.count("removed")]
    sys.stdout.write(" ".join(map(str, [*counts, told, left])))


def complete() -> None:
    """Twelve complete one upload, while four more send to its address."""
    project, member = make_project(make_member("coordinator"), "Study"), make_member("alice")
    number = authorize(member, project).project_member.number
    wanted = files.Upload(number, '{"description":"","tags":[]}', None, "a.csv")
    begun = files.begin(project.pk, wanted, now=NOW)

    def send(content: bytes) -> str:
        blob = files.stage()
        blob.write(content)
        try:
            files.offer(begun.file_id, blob, now=NOW)
        except Refused:
            return "over"
        return "sent"

    def either(nth: int) -> str:
        if nth % 4 == 3:
            return send(b"2" * 70_000)
        return str(files.complete(project.pk, number, begun.file_id, largest=10**9, now=NOW))

    send(b"1" * 70_000)
    answers = set(all_at_once(16, either)) - {"sent", "over"}
    key, size, sha256 = DataFile.objects.values_list("key", "size", "sha256").get()
    with current_store().open(key) as blob:
        whole = hashlib.sha256(blob.read()).hexdigest() == sha256
    blobs = [path.name for path in Path(settings.STORAGE).glob("??/??/*")]
    total = FileTotal.objects.get()
    inbox = len(list(current_store().inbox.keys()))
    sys.stdout.write(f"{answers} {size} {whole} {blobs == [key]} {total.files} {total.size} {inbox}")


def leave() -> None:
    """One person presses the button to leave four times while the project removes them four times."""
    project = make_project(make_member("coordinator"), "Study", deauth_webhook="https://hooks.example.org/")
    authorization = authorize(make_member("alice"), project)
    number = authorization.project_member.number
    who = {"member_id": authorization.member_id, "authorization_id": authorization.pk}

    def end(nth: int) -> str:
        try:
            if nth % 2:
                files.leave(**who, remove_files=True, erasure=True, now=NOW)
            else:
                sharing.remove(project_id=project.pk, numbers=[number], now=NOW)
        except NotFound:
            return "gone"
        return "left"

    all_at_once(8, end)
    told = Effect.objects.filter(kind="sharing.webhook").count()
    sys.stdout.write(f"{told} {Project.objects.get(id=project.pk).authorized_members}")


def deposit() -> None:
    """Sixteen bring files at once, twenty each: nobody is told that the database is locked."""
    project, member = make_project(make_member("coordinator"), "Study"), make_member("alice")
    about = {"member_id": member.pk, "source_id": project.pk, "metadata": '{"description":"","tags":[]}'}

    def bring(nth: int) -> str:
        for n in range(20):
            files.deposit(**about, name=f"{nth}-{n}.csv", chunks=[b"1,2"], now=NOW)
        return "done"

    answers = all_at_once(16, bring)
    total = FileTotal.objects.get()
    sys.stdout.write(f"{answers.count('done')} {DataFile.objects.count()} {total.files} {total.size}")


def retry() -> None:
    """Sixteen bring one file with one key, four of them with other bytes; then eight announce one."""
    project, member = make_project(make_member("coordinator"), "Study"), make_member("alice")
    number = authorize(member, project).project_member.number
    about = {"number": number, "metadata": '{"description":"","tags":[]}', "datatypes": None, "name": "a.csv"}

    def bring(nth: int) -> str:
        blob = files.stage()
        blob.write(b"another" if nth % 4 == 3 else b"1,2")
        try:
            return str(files.store(project.pk, files.Upload(**about, blob=blob, once="one"), now=NOW))
        except Conflict:
            return "conflict"

    def announce(_: int) -> str:
        return str(files.begin(project.pk, files.Upload(**about, once="two"), now=NOW).file_id)

    brought, announced = set(all_at_once(16, bring)), set(all_at_once(8, announce))
    blobs = len(list(Path(settings.STORAGE).glob("??/??/*")))
    sys.stdout.write(f"{len(brought)} {'conflict' in brought} {len(announced)} {DataFile.objects.count()} {blobs}")


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    races = (cap, rotate, join, tree, lease, write, complete, leave, deposit, retry)
    {race.__name__: race for race in races}[sys.argv[1]]()
