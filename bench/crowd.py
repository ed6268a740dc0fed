"""Slow clients of four kinds, in a process of their own: `python -m bench.crowd '{"port": ...}'`.

Prints `ready` when all are connected and slow, and at the end how many of each the server still held.
"""

import asyncio
import json
import resource
import socket
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

EVERY = 1.0  # seconds between two of a slow client's bytes
API = "/api/direct-sharing/project/"
Client = Callable[["Crowd"], Awaitable[None]]


class Crowd:
    """The slow clients of one run. Each tells when it has begun."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.wanted = wanted
        self.begun = 0
        self.held: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.ready = asyncio.Event()

    @property
    def kinds(self) -> dict[str, tuple[Client, int]]:
        count: int = self.wanted["count"]
        half = count // 2
        return {
            "slow headers": (slow_headers, count),
            "slow uploads": (slow_upload, half),
            "slow logins": (slow_login, count - half),
            "slow downloads": (slow_download, half),
            "slow pages": (slow_page, count - half),
        }

    async def run(self) -> None:
        tasks = [
            asyncio.create_task(self._client(name, client))
            for name, (client, count) in self.kinds.items()
            if name in self.wanted.get("kinds", name)
            for _ in range(count)
        ]
        waiting = asyncio.create_task(self._all_begun(len(tasks)))
        await asyncio.wait([waiting], timeout=30)
        print("ready", flush=True)
        await asyncio.sleep(self.wanted["hold"])
        for task in (waiting, *tasks):
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)
        held = {f"{name}, held to the end": self.held[name] for name in self.kinds}
        print(json.dumps(held), flush=True)

    async def _client(self, name: str, client: Client) -> None:
        try:
            await client(self)
        except asyncio.CancelledError:
            self.held[name] += 1
            raise
        except OSError:
            self.refused[name] += 1

    async def _all_begun(self, count: int) -> None:
        while self.begun + self.refused.total() < count:
            await asyncio.sleep(0.05)

    async def send(self, head: str, *, small: bool = False) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect and send the first bytes; `small` keeps what the system reads ahead small."""
        connection = socket.socket()
        connection.setblocking(False)
        if small:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        address = ("127.0.0.1", self.wanted["port"])
        await asyncio.get_running_loop().sock_connect(connection, address)
        reader, writer = await asyncio.open_connection(sock=connection, limit=4096)
        writer.write(head.encode())
        await writer.drain()
        self.begun += 1
        return reader, writer

    def authorized(self, method: str, path: str, **more: object) -> str:
        extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items())
        token = f"Authorization: Bearer {self.wanted['token']}\r\n"
        return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{token}{extra}\r\n"


async def slow_headers(crowd: Crowd) -> None:
    """Send a letter of a header now and then."""
    reader, writer = await crowd.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    await _drip(reader, writer)


async def slow_upload(crowd: Crowd) -> None:
    """Begin to upload a file as a form, with a good token."""
    kind = "multipart/form-data; boundary=slow"
    head = crowd.authorized("POST", f"{API}files/upload/", Content_Type=kind, Content_Length=10**6)
    part = 'Content-Disposition: form-data; name="data_file"; filename="slow.csv"'
    await _drip(*await crowd.send(f"{head}--slow\r\n{part}\r\n\r\n"))


async def slow_login(crowd: Crowd) -> None:
    """Begin to log in."""
    kind = "application/x-www-form-urlencoded"
    head = crowd.authorized("POST", "/account/login/", Content_Type=kind, Content_Length=10**4)
    await _drip(*await crowd.send(f"{head}login="))


async def slow_download(crowd: Crowd) -> None:
    """Read a large file, little by little."""
    head = crowd.authorized("GET", crowd.wanted["large"])
    reader, _ = await crowd.send(head, small=True)
    await _sip(reader)


async def slow_page(crowd: Crowd) -> None:
    """Read a page of half a MiB, little by little."""
    reader, _ = await crowd.send(crowd.authorized("GET", f"{API}members/"), small=True)
    await _sip(reader)


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a letter now and then until the server has had enough."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY):
                await reader.read(1)
                return
        writer.write(b"x")
        await writer.drain()


async def _sip(reader: asyncio.StreamReader) -> None:
    while await reader.read(1024):
        await asyncio.sleep(EVERY)


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def begin() -> None:
        await Crowd(json.loads(sys.argv[1])).run()

    asyncio.run(begin())


if __name__ == "__main__":
    main()
