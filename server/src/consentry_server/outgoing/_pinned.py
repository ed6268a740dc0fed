"""Connections to checked addresses only: a name is looked up once, every answer is checked, one of them is called."""

import socket
import ssl
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore
from httpcore import SOCKET_OPTION, NetworkStream

from consentry_server.outgoing.rules import Address, Policy, is_named, may_call

CONNECT_FOR, READ_FOR = 5.0, 10.0  # seconds
MOST_BYTES = 65_536  # of an answer, its head included


class Limits:
    """What is left of the time and the bytes that one request may take."""

    def __init__(self, *, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._bytes = MOST_BYTES

    def seconds(self, most: float | None) -> float:
        """Return how long the next step may take. Raises ReadTimeout when the time is over."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is over")
        return min(left, most or left)

    def take(self, data: bytes) -> bytes:
        """Count bytes that came in. Raises ReadError when there are too many."""
        self._bytes -= len(data)
        if self._bytes < 0:
            raise httpcore.ReadError("the answer is too long")
        return data


class Pinned(httpcore.NetworkBackend):
    """Opens connections to public addresses, or to what the policy allows besides."""

    def __init__(self, policy: Policy, limits: Limits) -> None:
        self._policy, self._limits = policy, limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's signature
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> NetworkStream:
        """Connect to the first address of a host that answers; to none if one of them is not allowed."""
        for address in self._allowed(host, port):
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                # an address in digits: nothing is looked up a second time
                stream = httpcore.SyncBackend().connect_tcp(str(address), port, self._limits.seconds(timeout))
                return Bounded(stream, self._limits)
        raise httpcore.ConnectError("no answer")

    def _allowed(self, host: str, port: int) -> list[Address]:
        addresses = _resolve(host, port, self._limits.seconds(CONNECT_FOR))
        for address in addresses:
            if not may_call(address, host, self._policy):
                raise httpcore.ConnectError("not a public address")
            if _is_own(address, port) and not is_named(host, self._policy):
                raise httpcore.ConnectError("an address of this machine")
        return addresses


def _resolve(host: str, port: int, seconds: float) -> list[Address]:
    """Look a name up, in a thread of its own: the system's resolver knows no time limit."""
    found: SimpleQueue[list[Any]] = SimpleQueue()

    def ask() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            found.put([])

    Thread(target=ask, name="resolve", daemon=True).start()
    try:
        return [ip_address(place[0]) for *_, place in found.get(timeout=seconds)]
    except Empty:
        raise httpcore.ConnectTimeout("the name was not resolved in time") from None


def _is_own(address: Address, port: int) -> bool:
    """Say whether an address is this machine's: then the system would answer itself. Sends nothing."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
        probe.connect((str(address), port))
        return ip_address(probe.getsockname()[0]) == address
    return False


class Bounded(NetworkStream):
    """A connection whose answer may neither be long nor take long, in the clear or under TLS."""

    def __init__(self, stream: NetworkStream, limits: Limits) -> None:
        self._stream, self._limits = stream, limits

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._limits.take(self._stream.read(min(max_bytes, 8192), self._limits.seconds(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._limits.seconds(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._limits.seconds(timeout))
        return Bounded(inner, self._limits)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
