"""What an operator sees of the outbox, and the worker beside the server."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from consentry_server.ops.cli import main
from consentry_server.outbox import actions as outbox
from tests.doors.ops.conftest import Run
from tests.journeys.receiver import wait_until
from tests.servers import COMMAND

NOW = datetime.now(UTC)


def command(*words: object) -> Result:
    return CliRunner().invoke(main, ["outbox", *map(str, words)])


def listed(*words: object) -> list[dict[str, Any]]:
    done = command("ls", *words, "-o", "json")
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def put(kind: str, *, dead: bool = False) -> int:
    letter = {"to": "alice@example.org", "subject": "s", "text": "t"}
    effect_id = outbox.put(kind=kind, payload=letter, now=NOW, about="project:3")
    if dead:
        effect = outbox.lease(kinds=[kind], worker="w", lease_for=timedelta(minutes=1), now=NOW)
        assert effect is not None
        outbox.fail(effect, reason="no such address", retry_at=None, now=NOW)
    return effect_id


@pytest.mark.django_db
def test_what_waits_and_what_is_dead_is_listed_and_replayed() -> None:
    assert command("ls").stdout == ""
    assert listed() == []
    dead = [put("mail.send", dead=True) for _ in range(2)]
    waits = put("test.unknown")

    (waiting,) = listed()
    assert (waiting["id"], waiting["kind"], waiting["attempts"]) == (waits, "test.unknown", 0)
    first, second = listed("--dead", "--kind", "mail.send")
    assert (first["about"], first["reason"], first["attempts"]) == ("project:3", "no such address", 1)
    assert "alice" not in json.dumps([first, second, waiting])
    assert listed("--dead", "--about", "project:4") == []
    table = command("ls", "--dead").stdout.splitlines()
    assert [line.split()[0] for line in table] == ["id", *map(str, dead)]

    assert command("replay", dead[0]).exit_code == 0
    assert [row["id"] for row in listed("--dead")] == dead[1:]
    assert "To be tried again: 1." in command("replay", "--all-dead").stderr
    assert {row["id"] for row in listed()} == {*dead, waits}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["999999"], "No such effect, or done already: 999999."),
        (["99999999999999999999"], "No such effect, or done already: 99999999999999999999."),
        ([], "Name ids, or say --all-dead."),
        (["1", "--all-dead"], "Name ids, or say --all-dead."),
        (["1", "--kind", "mail.send"], "--kind goes with --all-dead."),
        (["one"], "not a valid integer"),
    ],
)
def test_a_replay_of_nothing_is_refused_with_a_reason(words: list[str], told: str) -> None:
    done = command("replay", *words)
    assert done.exit_code in (1, 2)
    assert told in done.stderr


def test_a_worker_on_an_older_database_says_how_to_mend_it(run: Run, tmp_path: Path, database: str) -> None:
    done = run("worker", DATA=tmp_path / "data", DATABASE=database)
    assert done.returncode == 1
    assert "consentry-server migrate" in done.stderr


@contextmanager
def served(site: dict[str, str], log: Path, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {"CONSENTRY_MODE": "development"} | site
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *words], env=environment, stderr=errors, start_new_session=True
        )
        try:
            wait_until(lambda: "Serving" in log.read_text(), "it serves")
            yield server
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def workers_of(server: "subprocess.Popen[bytes]") -> list[int]:
    children = Path(f"/proc/{server.pid}/task").glob("*/children")
    pids = [pid for path in children for pid in path.read_text().split()]
    return [int(pid) for pid in pids if "--parent" in read(f"/proc/{pid}/cmdline")]


def read(path: str) -> str:
    """Read a file of /proc; that of a process which has just ended is empty."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def gone(pid: int) -> bool:
    status = read(f"/proc/{pid}/status")
    return not status or "State:\tZ" in status


@pytest.mark.slow
def test_a_server_replaces_a_worker_that_died_and_leaves_none_behind(site: dict[str, str], tmp_path: Path) -> None:
    with served(site, tmp_path / "log") as server:
        (first,) = workers_of(server)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: gone(first) and len(workers_of(server)) == 1, "the dead worker is replaced")
        (second,) = workers_of(server)
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: gone(second), "the worker of a server that died ends itself")
    with served(site, tmp_path / "log") as server:
        (third,) = workers_of(server)
        server.terminate()
        server.wait(30)
        assert gone(third), "a server that is told to stop stops its worker"
    with served(site, tmp_path / "log", "--no-worker") as server:
        assert workers_of(server) == []
