"""A proxy that cuts connections after so many bytes, for clients that must go on where they were."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 1 << 16


@dataclass
class Line:
    """Where the proxy leads, how many bytes it lets through before each cut, and what it carried to the server."""

    port: int
    target: int
    cuts: list[int]
    carried: int = 0
    cut: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def carry(self, count: int) -> bool:
        """Count bytes on their way to the server; False if the line breaks here."""
        with self.lock:
            self.carried += count
            if self.cuts and self.carried >= self.cuts[0]:
                self.cuts.pop(0)
                self.cut += 1
                return False
            return True


@contextmanager
def broken_line(target: int, cuts: list[int]) -> Iterator[Line]:
    """Serve the proxy; `target` is the server's port, which may be changed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(listener.getsockname()[1], target, sorted(cuts))
        threading.Thread(target=_serve, args=(listener, line), daemon=True).start()
        yield line


def _serve(listener: socket.socket, line: Line) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_pass_on, args=(client, line), daemon=True).start()


def _pass_on(client: socket.socket, line: Line) -> None:
    with suppress(OSError), client, socket.create_connection(("127.0.0.1", line.target)) as server:
        threading.Thread(target=_answers, args=(server, client), daemon=True).start()
        while piece := client.recv(PIECE):
            if not line.carry(len(piece)):
                server.sendall(piece[: random.randrange(len(piece))])
                for end in (server, client):
                    end.shutdown(socket.SHUT_RDWR)
                return
            server.sendall(piece)


def _answers(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while piece := server.recv(PIECE):
            client.sendall(piece)
    with suppress(OSError):  # a killed server resets the connection: its client must hear of it
        client.shutdown(socket.SHUT_RDWR)
