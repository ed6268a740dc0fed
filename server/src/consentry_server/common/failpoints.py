"""Named points at which a test ends this process as `kill -9` does. Outside mode `test` there are none."""

import os
import signal

wanted = os.environ.get("FAILPOINT", "") if os.environ.get("CONSENTRY_MODE") == "test" else ""


def reach(point: str) -> None:
    """Go on, unless a test wants the process to die here."""
    if point == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
