"""The other end of an effect: counts what arrives by `webhook-id`, as a careful receiver does."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """`seen` counts deliveries by id; each takes `seconds`, or as long as `hold` is not set."""

    def __init__(self, *, seconds: float = 0) -> None:
        self.seen: Counter[str] = Counter()
        self.seconds = seconds
        self.hold = threading.Event()
        self.hold.set()
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def twice(self) -> int:
        """How many deliveries came of which the receiver had one already."""
        return self.seen.total() - len(self.seen)

    @contextmanager
    def running(self) -> Iterator["Receiver"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.hold.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self.headers["webhook-id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def take(self, webhook_id: str) -> None:
        with self._guard:
            self.seen[webhook_id] += 1
        self.hold.wait(30)
        time.sleep(self.seconds)


def wait_until(true: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    """Wait for an event; the limit only keeps a broken product from hanging the suite."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"never happened: {what}"
        time.sleep(0.05)
