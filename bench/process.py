"""Starting other programs, and what the system says about those that we started."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, check: bool = True) -> str:
    """Run a program to its end and return what it printed; what went wrong is shown."""
    done = subprocess.run(  # noqa: S603 - our own command lines only
        command, env=_merged(env), check=False, capture_output=True, text=True
    )
    if check and done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    pipe: bool = False,
) -> subprocess.Popen[str]:
    """Start a program in a process group of its own; `pipe` lets its output be read."""
    errors = log.open("a") if log else None
    try:
        return subprocess.Popen(  # noqa: S603 - our own command lines only
            command,
            env=_merged(env),
            stdout=subprocess.PIPE if pipe else errors,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    finally:
        if errors:
            errors.close()


def end(process: subprocess.Popen[str], *, how: signal.Signals = signal.SIGTERM) -> None:
    """End the whole group of a program that `start` started."""
    for wish in (how, signal.SIGKILL):
        if not _signal(process, wish):
            break
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
    _signal(process, signal.SIGKILL)  # workers that outlived their parent


def _signal(process: subprocess.Popen[str], wish: signal.Signals) -> bool:
    try:
        os.killpg(process.pid, wish)
    except ProcessLookupError:
        return False
    return True


def _merged(env: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, **(env or {})}


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for parent in found:
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            found.extend(map(int, path.read_text().split()))
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the processor time that these have used since they began."""
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(found[11]) + int(found[12]) for found in fields) / TICK


def memory(pid: int, name: str) -> float:
    """Return `VmRSS` (now) or `VmHWM` (peak) of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peaks(pids: Sequence[int]) -> None:
    """Let `VmHWM` begin anew."""
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def wait_until(true: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Call `true` until it is; a clear word if that takes too long."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.01)
