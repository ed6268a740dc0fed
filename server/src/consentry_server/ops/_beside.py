"""A worker that lives and ends with the server it was started by."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from consentry_server.ops._start import say

PAUSE = 1.0  # seconds before one that died is replaced
ENDS_WITHIN = 20.0  # seconds; it gives back what takes longer than its own grace


@contextmanager
def a_worker() -> Iterator[None]:
    """Keep a worker running in a process of its own; one that dies is replaced."""
    keeper = _Keeper()
    threading.Thread(target=keeper.keep, daemon=True).start()
    try:
        yield
    finally:
        keeper.end()


class _Keeper:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._ending = False
        self._process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start it again and again, unless it was told to stop and did so."""
        while (process := self._start()) and process.wait() and not self._ending:
            say(f"The worker ended with {process.returncode} and is replaced.")
            time.sleep(PAUSE)

    def end(self) -> None:
        """Stop it, and see that it is gone."""
        with self._guard:
            self._ending = True
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start(self) -> "subprocess.Popen[bytes] | None":
        words = [sys.executable, "-P", "-m", "consentry_server.ops.cli", "worker", "--parent", str(os.getpid())]
        with self._guard:
            if not self._ending:
                self._process = subprocess.Popen(words)  # noqa: S603 - our own command
        return None if self._ending else self._process
