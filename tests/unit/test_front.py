"""What stands between the network and the application: requests as WSGI has them, bodies, the ledger's one writer."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from consentry_server.api.answers import Answer
from consentry_server.config import asgi, bodies
from consentry_server.config import ledger as ledgers
from consentry_server.config.bodies import Incoming, Incomplete, Long
from consentry_server.config.slots import Slots


def scope(*headers: tuple[bytes, bytes], path: bytes = b"/") -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": path.decode(),
        "raw_path": path,
        "query_string": b"a=%20",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 4000),
        "headers": list(headers),
    }


def test_a_path_is_decoded_once_and_a_query_not_at_all() -> None:
    environ = asgi.environ_of(scope(path=b"/a%2520b%C3%A9"))
    assert environ["PATH_INFO"] == "/a%20b\u00c3\u00a9"  # bytes as latin-1, as WSGI has them
    assert environ["QUERY_STRING"] == "a=%20"
    assert environ["REMOTE_ADDR"] == "192.0.2.7"


def test_repeated_headers_are_joined_so_that_two_hosts_are_no_host() -> None:
    """Catalogue 191."""
    environ = asgi.environ_of(scope((b"host", b"a"), (b"host", b"b"), (b"cookie", b"x=1"), (b"cookie", b"y=2")))
    assert environ["HTTP_HOST"] == "a,b"
    assert environ["HTTP_COOKIE"] == "x=1; y=2"


def test_a_header_with_an_underscore_is_no_other_header() -> None:
    environ = asgi.environ_of(scope((b"x_forwarded_for", b"10.0.0.1"), (b"content_length", b"7")))
    assert not [name for name in environ if "FORWARDED" in name or name == "CONTENT_LENGTH" or not name]


def coming(*pieces: bytes, end: bool = True) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Send these pieces; then end the body, or leave it open for ever."""
    left = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if end:
        left.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


def test_a_body_is_given_in_the_sizes_that_are_asked_for() -> None:
    async def run() -> list[bytes]:
        incoming = Incoming(coming(b"ab", b"cdefg", b"h"))
        return [await incoming.take(size, 5) for size in (1, 3, 4)]

    assert asyncio.run(run()) == [b"a", b"bcd", b"efgh"]


def test_a_body_that_ends_early_is_refused_not_taken_for_a_whole_one() -> None:
    async def run() -> None:
        await Incoming(coming(b"abc")).take(4, 5)

    with pytest.raises(Incomplete):
        asyncio.run(run())


def test_a_body_that_stops_coming_is_given_up() -> None:
    """Catalogue 209."""

    async def run() -> None:
        await Incoming(coming(b"abc", end=False)).take(4, 0.01)

    with pytest.raises(Incomplete):
        asyncio.run(run())


class Free(Slots):
    """Slots that notice whether anybody is in one."""

    def __init__(self) -> None:
        self.inside = 1
        self.seen: list[int] = []

    def _enter(self, within: float | None = None) -> None:  # noqa: ARG002
        self.inside += 1

    def _leave(self) -> None:
        self.inside -= 1
        self.seen.append(self.inside)


def test_a_long_body_is_read_without_a_slot_and_one_piece_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PIECE", 4)
    slots = Free()

    async def run() -> bytes:
        body = Long(Incoming(coming(b"abcdefghij")), 10, slots)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, lambda: body.read(3) + body.read(3) + body.read())

    assert asyncio.run(run()) == b"abcdefghij"
    assert slots.seen
    assert not any(slots.seen), "a slot was held while waiting for the client"
    assert slots.inside == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/direct-sharing/project/message/", b"application/json"), ("/account/login/", b"text/plain")],
)
def test_275_whoever_waits_in_vain_for_a_turn_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch, path: str, kind: bytes
) -> None:
    monkeypatch.setattr(asgi, "slots", Slots(0))
    monkeypatch.setattr(asgi, "SLOT_WITHIN", 0.01)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(asgi.served(scope(path=path.encode()) | {"method": "POST"}, coming(), send))
    headers = dict(sent[0]["headers"])
    assert (sent[0]["status"], headers[b"retry-after"], headers[b"content-type"]) == (503, b"5", kind)
    assert b"Try again" in sent[1]["body"]


def test_lines_that_come_while_the_disk_is_busy_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def write(lines: list[Any]) -> None:
        begun.set()
        assert go_on.wait(10)
        batches.append(len(lines))

    monkeypatch.setattr(ledgers, "write_ledger", write)

    async def run() -> None:
        ledger = ledgers.Ledger()
        first = asyncio.create_task(ledger.write([{}]))
        await asyncio.to_thread(begun.wait, 10)
        others = [asyncio.create_task(ledger.write([{}, {}])) for _ in range(20)]
        await asyncio.sleep(0)
        assert not first.done()
        go_on.set()
        await asyncio.gather(first, *others)

    asyncio.run(run())
    assert batches == [1, 40]


def test_who_asked_is_told_that_the_ledger_was_not_written_and_the_next_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes = [DatabaseError("full"), None]

    def write(_lines: list[Any]) -> None:
        outcome = outcomes.pop(0)
        if outcome:
            raise outcome

    monkeypatch.setattr(ledgers, "write_ledger", write)

    async def run() -> None:
        ledger = ledgers.Ledger()
        with pytest.raises(DatabaseError):
            await ledger.write([{}])
        await ledger.write([{}])

    asyncio.run(run())


def test_nothing_is_given_away_that_the_ledger_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        async def write(self, _lines: list[Any]) -> None:
            raise DatabaseError("full")

    closed: list[bool] = []

    class Body:
        def close(self) -> None:
            closed.append(True)

    secret: Any = asgi.Answer(200, [], Body())  # type: ignore[arg-type]
    monkeypatch.setattr(asgi, "ledger", Broken())
    monkeypatch.setattr(asgi, "_gathering", lambda run: ([secret], [{"kind": "download"}]))  # noqa: ARG005
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    path = b"/api/direct-sharing/project/members/"
    asyncio.run(asgi.served(scope(path=path), coming(), send))
    assert sent[0]["status"] == 503
    assert closed == [True]


def test_downloads_that_come_at_one_time_are_answered_together(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []

    def answered(environs: list[dict[str, Any]]) -> list[Answer]:
        batches.append(len(environs))
        return [Answer(environ["PATH_INFO"].encode(), 200, {}) for environ in environs]

    monkeypatch.setattr(asgi, "answered_together", answered)
    sent: list[bytes] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message.get("body", b""))

    paths = [f"/data-management/datafile/{nth}/".encode() for nth in range(3)]

    async def run() -> None:
        await asyncio.gather(*(asgi.served(scope(path=path), coming(), send) for path in paths))

    asyncio.run(run())
    assert batches == [3]
    assert set(paths) <= set(sent)


def test_only_short_reads_hold_up_the_event_loop() -> None:
    api = "/api/direct-sharing/project"
    assert asgi._is_quick("GET", f"{api}/members/")
    for method, path in (
        ("POST", f"{api}/files/delete/"),
        ("GET", f"{api}/files/archive/"),
        ("HEAD", f"{api}/files/upload/resumable/1/"),
        ("GET", "/account/login/"),
    ):
        assert not asgi._is_quick(method, path)


def test_downloads_hold_up_the_event_loop_only_where_they_wait_for_no_network(settings: Settings) -> None:
    path = "/data-management/datafile-download/1/"
    assert asgi._is_quick("GET", path)
    settings.STORAGE = "s3://bucket/prefix"
    assert not asgi._is_quick("GET", path)
