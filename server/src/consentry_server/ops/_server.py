"""The application server: granian. See `config/asgi.py` for how it is used."""

import multiprocessing
import socket
import threading
import time
from collections.abc import Callable

import click

HEADERS_WITHIN = 30_000  # milliseconds


def numeric(host: str) -> str:
    """Return the address that a name of this machine stands for: the server listens at addresses only."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError:
        raise click.ClickException(f"{host} is no name of this machine. Give an address, such as 127.0.0.1.") from None


def free_port(host: str, port: int) -> int:
    """Return the port if it can be had, or for 0 any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        raise click.ClickException(f"{host}:{port} cannot be served: {error.strerror}.") from None


def answer(host: str, port: int, *, workers: int, answering: Callable[[], None]) -> None:
    """Answer requests in worker processes until told to stop; one that dies is replaced.

    `answering` is called when the first of them does.
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    # a forked worker would share this process's connections and locks
    multiprocessing.set_start_method("spawn", force=True)
    threading.Thread(target=_when_open, args=(host, port, answering), daemon=True).start()
    Granian(
        "consentry_server.config.asgi:served",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        loop=Loops.uvloop,
        backlog=4096,
        backpressure=4096,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
        respawn_failed_workers=True,
        log_level=LogLevels.error,
        log_access=False,
    ).serve()


def _when_open(host: str, port: int, answering: Callable[[], None]) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not a binding
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return answering()
