"""Receivers of webhooks, good and bad, each on a port of its own."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

Say = Callable[[socket.socket], None]


@dataclass
class Receiver:
    """What arrived: a request each. `ended` counts connections that were served to their end."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    ended: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/left"

    def head(self, nth: int = -1) -> dict[str, str]:
        lines = self.requests[nth].split(b"\r\n\r\n", 1)[0].decode().split("\r\n")[1:]
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    def body(self, nth: int = -1) -> bytes:
        return self.requests[nth].split(b"\r\n\r\n", 1)[1]


@contextmanager
def receiver(say: Say, tls: ssl.SSLContext | None = None, *, port: int = 0) -> Iterator[Receiver]:
    """Listen on loopback; hear each request out, then let `say` do what it likes with the connection."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        found = Receiver(listening.getsockname()[1])
        Thread(target=_serve, args=(listening, found, say, tls), daemon=True).start()
        try:
            yield found
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _serve(listening: socket.socket, found: Receiver, say: Say, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with suppress(OSError), connection:
            connection.settimeout(30)
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            found.requests.append(_request(connection))
            with suppress(OSError):
                say(connection)
            found.ended += 1
            connection.close()


def _request(connection: socket.socket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += _more(connection)
    head, body = heard.split(b"\r\n\r\n", 1)
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    found = connection.recv(65536)
    if not found:
        raise ConnectionResetError
    return found


def answering(status: int, *headers: str, body: bytes = b"") -> Say:
    """Return a receiver that says the same to everybody."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def endless(chunk: bytes, start: bytes = b"") -> Say:
    """Return a receiver that never stops talking, until the other side goes away."""

    def say(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(chunk)

    return say


def silent(connection: socket.socket) -> None:
    """Say nothing until the other side goes away."""
    connection.recv(1)
