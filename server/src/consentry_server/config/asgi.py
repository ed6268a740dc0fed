"""The application as the network sees it: many slow clients, few threads.

What the API only reads is answered in the event loop itself: it takes less time than handing it to a thread
(docs/change/decisions/0004). Everything else runs in threads, in one of a few slots. Waiting for a client, for the
rest of a request or for room to send, costs no slot, and but for long uploads no thread.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache, partial
from http import HTTPStatus
from io import BytesIO
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote_to_bytes

# One call at a time uses the event loop's connection, and never across an `await`.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from consentry_server.config.wsgi import answered, answered_together, content_of, pages  # sets Django up

# isort: split
from django.db import Error as DatabaseError
from django.http import HttpResponse

from consentry_server.api import urls as api
from consentry_server.api.downloads import Response
from consentry_server.common.configured import configured
from consentry_server.config.batches import Batches
from consentry_server.config.bodies import Incomplete, Receive, body_of
from consentry_server.config.ledger import Ledger
from consentry_server.config.slots import Busy, Slots
from consentry_server.database import held
from consentry_server.files.actions import Gathering, Line

T = TypeVar("T")
Scope = dict[str, Any]
Environ = dict[str, Any]  # a request as WSGI has it
Send = Callable[[dict[str, Any]], Awaitable[None]]

QUICK = (f"{api.PROJECT}/", f"{api.PROJECT}/members/", f"{api.PROJECT}/exchange-member/")
# Nothing in the event loop may wait for a network, as an object store does; even to sign, where credentials expire.
QUICK_BELOW = ("/data-management/datafile-download/", "/data-management/datafile/")
DOWNLOADS_AT_ONCE = 32  # looked up and opened in one go, while nobody else is answered
# Threads wait for slots and for long uploads. Slots are for pages and for what waits for a disk or a store meanwhile.
SLOTS, THREADS = 4, 1000
SLOT_WITHIN = 10.0  # seconds; whoever begins has waited enough by then, and more would pile up behind
slots = Slots(SLOTS)
threads = ThreadPoolExecutor(THREADS, "request")
# Django keeps a connection by context, and each request has a fresh one: all those in the loop share this.
_shared = copy_context()
ledger = Ledger()
log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What goes back. A body that is not bytes is made while it is sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | Iterable[bytes]


def _later(kind: bytes, body: bytes) -> Answer:
    """Refuse what may work in a moment."""
    headers = [(b"content-type", kind), (b"retry-after", b"5"), (b"cache-control", b"no-store")]
    safe = [(b"referrer-policy", b"no-referrer"), (b"x-content-type-options", b"nosniff")]
    return Answer(HTTPStatus.SERVICE_UNAVAILABLE, headers + safe, body)


UNWRITTEN = _later(b"application/json", b'{"detail":"The database does not answer. Try again in a moment."}')
BUSY = _later(b"application/json", b'{"detail":"Too many requests wait here already. Try again in a moment."}')
BUSY_PAGE = _later(b"text/plain", b"This site has too much to do at the moment. Try again in a moment.")


async def served(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    environ = environ_of(scope)
    if _is_quick(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
        answer = await _quick(environ)
    else:
        answer = await _in_thread(environ, receive)
    if isinstance(answer.body, bytes):
        await _send(answer, answer.body, send)
    else:
        await _stream(answer, answer.body, send)


def _is_quick(method: str, path: str) -> bool:
    if method not in ("GET", "HEAD"):
        return False
    return path in QUICK or (path.startswith(QUICK_BELOW) and not configured().STORAGE.startswith("s3://"))


async def _quick(environ: Environ) -> Answer:
    """Answer here and now; downloads, all that wait."""
    if environ["PATH_INFO"].startswith(QUICK_BELOW):
        return await downloads.served(environ)
    answers, lines = _shared.run(_gathering, lambda: [_run(environ)])
    return (await _kept(answers, lines) if lines else answers)[0]


async def _downloaded(environs: list[Environ]) -> list[Answer]:
    answers, lines = _shared.run(_gathering, lambda: _run_together(environs))
    return await _kept(answers, lines) if lines else answers


downloads = Batches(_downloaded, most=DOWNLOADS_AT_ONCE)


async def _kept(answers: list[Answer], lines: list[Line]) -> list[Answer]:
    """Return answers once their lines of the ledger are written, and none of them otherwise."""
    try:
        await ledger.write(lines)
    except DatabaseError:
        log.exception("the ledger could not be written")
        for answer in answers:
            _close(answer.body)
        return [UNWRITTEN] * len(answers)
    return answers


def _gathering(run: Callable[[], list[Answer]]) -> tuple[list[Answer], list[Line]]:
    try:
        with Gathering() as lines:
            return run(), lines
    finally:
        connection = held()
        if connection.errors_occurred:
            # nobody else would: one that broke must not be that of all requests to come
            connection.close_if_unusable_or_obsolete()


async def _in_thread(environ: Environ, receive: Receive) -> Answer:
    if "HTTP_TRANSFER_ENCODING" in environ:
        return _refusal(HTTPStatus.LENGTH_REQUIRED)
    try:
        environ["wsgi.input"] = await body_of(receive, int(environ.get("CONTENT_LENGTH") or 0), slots)
    except Incomplete:
        return _refusal(HTTPStatus.REQUEST_TIMEOUT)
    try:
        return await _in_slot(partial(_run, environ), within=SLOT_WITHIN)
    except Busy:
        return BUSY if environ["PATH_INFO"].startswith(api.PREFIXES) else BUSY_PAGE


def _refusal(status: HTTPStatus) -> Answer:
    return Answer(status, [(b"content-length", b"0"), (b"connection", b"close")], b"")


async def _in_slot(run: Callable[[], T], *, within: float | None = None) -> T:
    def in_thread() -> T:
        with slots.taken(within=within):
            return run()

    return await asyncio.get_running_loop().run_in_executor(threads, in_thread)


def _run(environ: Environ) -> Answer:
    found = answered(environ)
    return _page(environ) if found is None else _answer_of(found)


def _run_together(environs: list[Environ]) -> list[Answer]:
    return [_answer_of(found) for found in answered_together(environs)]


def _answer_of(found: Response) -> Answer:
    return Answer(found.status_code, _encoded(found.headers.items()), content_of(found))


def _page(environ: Environ) -> Answer:
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    begin: Any = lambda status, headers: begun.append((status, headers))  # noqa: E731 - WSGI's has a type of its own
    body = pages(environ, begin)
    status, headers = begun[0]
    return Answer(int(status[:3]), _encoded(headers), _whole(body))


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(_name(name), value.encode("latin-1")) for name, value in headers]


def _close(body: Any) -> None:
    if hasattr(body, "close"):
        body.close()


def _whole(body: Iterable[bytes]) -> bytes | Iterable[bytes]:
    """Return the body of a page as bytes, unless it is one that is made while it is sent."""
    if not isinstance(body, HttpResponse):
        return body
    try:
        return b"".join(body)
    finally:
        body.close()


async def _send(answer: Answer, body: bytes, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": body})


async def _stream(answer: Answer, body: Iterable[bytes], send: Send) -> None:
    """Send piece by piece; the next is made when the last one has gone."""
    following = partial(next, iter(body), b"")
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        while piece := await _in_slot(following):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await _in_slot(partial(_close, body))


def environ_of(scope: Scope) -> Environ:
    """Return a request as WSGI has it."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": "HTTP/" + scope["http_version"],
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
    }
    for name, value in scope["headers"]:
        key, text = _key(name), value.decode("latin-1")
        environ[key] = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}" if key in environ else text
    environ.pop("", None)
    return environ


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    """Return the name of a header of ours as ASGI has it."""
    return name.lower().encode("latin-1")


@lru_cache(maxsize=256)
def _key(name: bytes) -> str:
    """Return a header's name as WSGI has it; none for one with `_`, which would look like another's with `-`."""
    if b"_" in name:
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
