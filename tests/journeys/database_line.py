"""A line to PostgreSQL on which everything can go wrong, without touching the database of others."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

PIECE = 1 << 16
State = Literal["up", "down", "silent", "full"]
_FULL = b"SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0"


@dataclass
class Line:
    """What the line does now: pass on, refuse, take everything and say nothing, or say that there are too many."""

    url: str
    target: tuple[str, int]
    state: State = "up"
    commits_take: float = 0.0  # seconds more
    _open: set[socket.socket] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def turn(self, state: State) -> None:
        """Change what the line does; unless it falls silent, all connections end."""
        with self._changed:
            self.state = state
            self._changed.notify_all()
        if state in ("down", "full"):
            self.cut()

    def cut(self) -> int:
        """End all connections, as a server does that stops at once; return how many there were."""
        ends = list(self._open)
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return len(ends) // 2

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._take, args=(client,), daemon=True).start()

    def _take(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            if self.state == "down":
                return
            if self.state == "full":
                client.recv(PIECE)
                client.sendall(b"E" + struct.pack(">I", len(_FULL) + 4) + _FULL)
                return
            self._wait_until_heard()
            with socket.create_connection(self.target) as server:
                self._open |= {client, server}
                threading.Thread(target=self._pass, args=(server, client), daemon=True).start()
                self._pass(client, server, delaying=b"COMMIT")

    def _pass(self, source: socket.socket, sink: socket.socket, delaying: bytes = b"") -> None:
        try:
            while piece := source.recv(PIECE):
                self._wait_until_heard()
                if delaying and delaying in piece:
                    time.sleep(self.commits_take)
                sink.sendall(piece)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                self._open.discard(end)
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _wait_until_heard(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.state != "silent")


@contextmanager
def database_line(database: str) -> Iterator[Line]:
    """Serve a line to the PostgreSQL of that address."""
    parts = urlsplit(database)
    target = parts.hostname or "127.0.0.1", parts.port or 5432
    who, _, _ = parts.netloc.rpartition("@")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = f"{who}@" * bool(who) + f"127.0.0.1:{listener.getsockname()[1]}"
        line = Line(parts._replace(netloc=there).geturl(), target)
        threading.Thread(target=line.serve, args=(listener,), daemon=True).start()
        yield line
        line.turn("down")
