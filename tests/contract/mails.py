"""What the demo mails."""

import json
import time

from tests.servers import Demo

MAIL_WITHIN = 30  # seconds, for a worker in a process of its own


def mailed(demo: Demo, subject: str, count: int) -> dict[str, str]:
    """Wait for that many mails of that subject, and return the text of each by its reader."""
    until = time.monotonic() + MAIL_WITHIN
    while True:
        mails = [json.loads(line) for line in demo.run("written-mail").splitlines()]
        found = [mail for mail in mails if mail["subject"] == f"[Open Humans Project Message] {subject}"]
        if len(found) >= count or time.monotonic() > until:
            break
        time.sleep(0.2)
    assert len(found) == count
    assert all(len(mail["to"]) == 1 for mail in found)
    return {mail["to"][0]: mail["body"] for mail in found}
