"""`consentry-server serve`: the site itself."""

import os
from collections.abc import Callable

import click

from consentry_server.ops import _server
from consentry_server.ops._start import say, start
from consentry_server.ops.check import refuse_if_unsafe
from consentry_server.ops.migrate import migrate, pending

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
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def command(host: str, port: int, workers: int) -> None:
    """Serve the site. Production refuses an unsafe set-up; other modes prepare the database too."""
    run(host, port, workers, _prepare)


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
    elif pending():
        raise click.ClickException("The database is older than this version. Mend it with: consentry-server migrate")


def run(host: str, port: int, workers: int, prepare: Callable[[str], Callable[[], None]]) -> None:
    """Take a port, `prepare` with the address that will be served, and answer until stopped.

    `prepare` sets SITE_URL, as the site is loaded afterwards by processes of its own; it returns
    what to do when they answer.
    """
    port = _server.free_port(host, port)
    announce = prepare(address(host, port))
    _server.answer(host, port, workers=workers, answering=announce)


def address(host: str, port: int) -> str:
    """Return where a browser on this machine finds what listens on that host."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not a binding
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
