"""`consentry-server worker`: does what has to happen after a commit, such as mail. `serve` starts one too."""

import os
import secrets
import signal
import socket
from datetime import timedelta

import click

from consentry_server.ops._start import say, start
from consentry_server.ops.check import refuse_if_unsafe
from consentry_server.ops.migrate import refuse_if_older


@click.command("worker")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Effects in hand at once.")
@click.option(
    "--lease",
    default=60,
    show_default=True,
    type=click.IntRange(1, 3600),
    help="Seconds after which others take over what a worker that died had in hand.",
)
@click.option("--parent", type=int, hidden=True, help="Stop when the process with this id is not the parent any more.")
def command(threads: int, lease: int, parent: int | None) -> None:
    """Send mail and do whatever else has to happen after a commit, until told to stop.

    There may be several, on one machine or more: each effect is in the hands of one of them.
    """
    start()
    refuse_if_unsafe()
    if parent is None:  # else the server has looked, and a database that is away is waited for
        refuse_if_older()
    work(threads=threads, lease_for=timedelta(seconds=lease), parent=parent)


def work(*, threads: int, lease_for: timedelta, parent: int | None = None) -> None:
    """Work until SIGTERM, SIGINT or the end of the parent; what is in hand is finished or given back."""
    from consentry_server.ops._work import Worker

    name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
    worker = Worker(name=name, threads=threads, lease_for=lease_for, orphaned=lambda: _orphaned(parent))
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, lambda *_: worker.stop())
    if parent is None:
        say("Working until Ctrl-C.")
    worker.run()


def _orphaned(parent: int | None) -> bool:
    return parent is not None and os.getppid() != parent
