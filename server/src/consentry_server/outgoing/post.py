"""One request: checked, pinned, bounded."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ssl import SSLContext

import httpcore
import httpx

from consentry_server.outgoing._pinned import CONNECT_FOR, READ_FOR, Limits, Pinned
from consentry_server.outgoing.rules import Destination, NotAllowed, Policy, destination

TOTAL_FOR = 15.0  # seconds, from looking up the name to the last byte of the answer's head
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Answer:
    """What a receiver said: nothing else of it is read. `retry_after` is the patience that it asked for."""

    status: int
    retry_after: timedelta | None = None


class Unreachable(Exception):
    """Nobody was called, or nobody answered as HTTP has it. Why exactly is nobody's business: it tells of networks."""


def post(
    url: str, *, body: bytes, headers: dict[str, str], policy: Policy, now: datetime, total_for: float = TOTAL_FOR
) -> Answer:
    """Send a body to an address that somebody typed in. Redirects and bodies of answers are left alone.

    Raises Unreachable.
    """
    limits = Limits(seconds=total_for)
    try:
        where = destination(url, policy)
        pool = httpcore.ConnectionPool(
            ssl_context=_trust(), network_backend=Pinned(policy, limits), max_keepalive_connections=0
        )
        with pool:
            return _send(pool, where, body=body, headers=headers, now=now)
    except (NotAllowed, OSError, *_FAILURES) as reason:
        raise Unreachable(type(reason).__name__) from None


_FAILURES = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


def _send(
    pool: httpcore.ConnectionPool, where: Destination, *, body: bytes, headers: dict[str, str], now: datetime
) -> Answer:
    request = httpcore.Request(
        "POST",
        httpcore.URL(
            scheme=where.scheme.encode(), host=where.host.encode(), port=where.port, target=where.target.encode()
        ),
        headers=_encoded({"Host": _host(where), "Content-Length": str(len(body)), "Connection": "close"} | headers),
        content=body,
        extensions={"timeout": {"connect": CONNECT_FOR, "read": READ_FOR, "write": READ_FOR, "pool": READ_FOR}},
    )
    response = pool.handle_request(request)
    try:
        return Answer(response.status, _patience(response.headers, now))
    finally:
        response.close()


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _host(where: Destination) -> str:
    host = f"[{where.host}]" if ":" in where.host else where.host
    return host if where.port == _DEFAULT_PORTS[where.scheme] else f"{host}:{where.port}"


def _patience(headers: list[tuple[bytes, bytes]], now: datetime) -> timedelta | None:
    """Read `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3); nonsense counts as none."""
    text = next((value for name, value in headers if name.lower() == b"retry-after"), b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    left = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return max(left, timedelta())


@lru_cache
def _trust() -> SSLContext:
    """Return what certificates are checked against: TLS 1.2 at least, names and dates always."""
    return httpx.create_ssl_context()
