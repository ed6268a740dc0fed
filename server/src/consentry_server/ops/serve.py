"""`consentry-server serve`: the site itself."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import click

from consentry_server.ops import _server
from consentry_server.ops._beside import a_worker
from consentry_server.ops._start import say, start
from consentry_server.ops.check import refuse_if_unsafe
from consentry_server.ops.migrate import migrate, refuse_if_older

HOST = click.option("--host", default="127.0.0.1", show_default=True)
PORT = click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0: any free one.",
)


@click.command("serve")
@HOST
@PORT
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
@click.option(
    "--worker/--no-worker",
    default=True,
    show_default=True,
    help="Start one process more, which sends mail and the like; without it, run `consentry-server worker` apart.",
)
def command(*, host: str, port: int, workers: int, worker: bool) -> None:
    """Serve the site. Production refuses an unsafe set-up; other modes prepare the database too."""
    run(host, port, workers, _prepare, beside=a_worker() if worker else nullcontext())


def _prepare(address: str) -> Callable[[], None]:
    os.environ.setdefault("SITE_URL", address)
    start()
    refuse_if_unsafe()
    _prepare_database()
    return lambda: say(f"Serving {address}")


def _prepare_database() -> None:
    from django.conf import settings

    if settings.MODE != "production":
        migrate()
    else:
        refuse_if_older()


def run(
    host: str,
    port: int,
    workers: int,
    prepare: Callable[[str], Callable[[], None]],
    beside: AbstractContextManager[None],
) -> None:
    """Take a port, `prepare` with the address that will be served, and answer until stopped.

    `prepare` sets SITE_URL, as the site is loaded afterwards by processes of its own; it returns
    what to do when they answer. What runs `beside` is there as long as they are.
    """
    listening = _server.numeric(host)
    port = _server.free_port(listening, port)
    announce = prepare(address(host, port))
    with beside:
        _server.answer(listening, port, workers=workers, answering=announce)


def address(host: str, port: int) -> str:
    """Return where a browser on this machine finds what listens on that host."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not a binding
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
