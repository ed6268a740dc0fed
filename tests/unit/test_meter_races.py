"""Many processes of many threads count together: exactly as many calls pass as may."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from consentry_server.limits.meter import Meter, numbered
from tests.unit import spenders

SCRIPT = spenders.__file__
TRIES = 3000  # of each thread
Spenders = Callable[[int, Path, int, int], list[subprocess.Popen[str]]]


@pytest.fixture
def started() -> Iterator[Spenders]:
    running: list[subprocess.Popen[str]] = []

    def start(count: int, path: Path, most: int, tries: int) -> list[subprocess.Popen[str]]:
        command = [sys.executable, SCRIPT, str(path), str(most), str(tries)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        running.extend(subprocess.Popen(command, text=True, **pipes) for _ in range(count))
        return running

    yield start
    for one in running:
        one.kill()
        one.communicate()


def let_go(processes: list[subprocess.Popen[str]]) -> None:
    """Wait until all are ready, and start them together."""
    for one in processes:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in processes:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()


def passed(processes: list[subprocess.Popen[str]]) -> int:
    return sum(int(one.communicate(timeout=60)[0]) for one in processes)


@pytest.mark.parametrize("most", [1, 4321])
def test_of_many_calls_by_processes_and_threads_exactly_so_many_pass(
    tmp_path: Path, started: Spenders, most: int
) -> None:
    processes = started(4, tmp_path / "tokens", most, TRIES)
    let_go(processes)
    assert passed(processes) == most < 4 * spenders.THREADS * TRIES


def test_below_the_limit_no_call_is_lost_or_refused(tmp_path: Path, started: Spenders) -> None:
    processes = started(3, tmp_path / "tokens", 10**6, TRIES)
    let_go(processes)
    expected = 3 * spenders.THREADS * TRIES
    assert passed(processes) == expected
    meter = Meter(tmp_path / "tokens", slots=64)
    assert meter.spend(numbered(1), now=1e9, most=(0, 0), add=(0, 0)).counts == (expected, 0)


def test_257_a_stopped_process_that_holds_the_file_stops_nobody(
    tmp_path: Path, started: Spenders, caplog: pytest.LogCaptureFixture
) -> None:
    meter = Meter(tmp_path / "tokens", slots=64)
    foreign = os.open(tmp_path / "tokens", os.O_RDWR)
    try:
        flock(foreign, LOCK_EX)  # as by a process under SIGSTOP
        assert meter.spend(numbered(1), now=1e9, most=(1, 0), add=(1, 0)).full is None
        assert "counting without it" in caplog.text
    finally:
        os.close(foreign)
    assert meter.spend(numbered(1), now=1e9, most=(1, 0), add=(1, 0)).full == 0


def test_a_killed_process_leaves_the_file_usable(tmp_path: Path, started: Spenders) -> None:
    (one,) = processes = started(1, tmp_path / "tokens", 10**6, 10**6)
    let_go(processes)
    meter = Meter(tmp_path / "tokens", slots=64)
    while meter.spend(numbered(1), now=1e9, most=(0, 0), add=(0, 0)).counts[0] < 100:
        assert one.poll() is None
    one.send_signal(signal.SIGKILL)
    one.wait()
    before, _ = meter.spend(numbered(1), now=1e9, most=(0, 0), add=(0, 0)).counts
    assert meter.spend(numbered(1), now=1e9, most=(0, 0), add=(1, 0)).counts == (before + 1, 0)
