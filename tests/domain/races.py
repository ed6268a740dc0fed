"""What happens when many do the same at once, with real commits: run by test_races.py in a database of its own."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after Django is set up
from django.db import connection, connections  # noqa: E402

from consentry_server.common.errors import Conflict  # noqa: E402
from consentry_server.common.ids import fingerprint  # noqa: E402
from consentry_server.projects.actions import NoSeat  # noqa: E402
from consentry_server.projects.models import Project  # noqa: E402
from consentry_server.sharing import actions as sharing  # noqa: E402
from consentry_server.sharing import queries  # noqa: E402
from consentry_server.sharing.models import Authorization  # noqa: E402
from consentry_server.tokens import actions as tokens  # noqa: E402
from consentry_server.tokens.models import MasterToken  # noqa: E402
from tests.world import authorize, make_member, make_project, make_token  # noqa: E402

NOW = datetime.now(UTC)


def all_at_once(count: int, work: Callable[[int], str]) -> list[str]:
    """Run `work` in that many threads, each with its own connection, let go together."""
    barrier = Barrier(count)

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


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    {"cap": cap, "rotate": rotate, "join": join}[sys.argv[1]]()
