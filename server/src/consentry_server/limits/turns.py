"""Work of which a machine bears only a little at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.utils.translation import gettext

from consentry_server.common.errors import TooMany

WITHIN = 10.0  # seconds; whoever waits has given up by then


class Turns:
    """A few do something at once, some wait for their turn, and all others are sent away."""

    def __init__(self, at_once: int, *, waiting: int) -> None:
        self._turns = BoundedSemaphore(at_once)
        self._places = BoundedSemaphore(at_once + waiting)

    @contextmanager
    def taken(self, *, within: float = WITHIN) -> Iterator[None]:
        """Do it now, or when it is one's turn. Raises TooMany if too many wait, or for too long."""
        with _held(self._places, 0), _held(self._turns, within):
            yield


@contextmanager
def _held(what: BoundedSemaphore, within: float) -> Iterator[None]:
    if not what.acquire(timeout=within):
        raise TooMany(gettext("Too many people do this at the same moment. Try again in a few seconds."))
    try:
        yield
    finally:
        what.release()
