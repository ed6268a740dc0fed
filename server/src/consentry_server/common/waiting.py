"""Long work that needs no database. Whoever does it lets others use its slot; how, the server says."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

Way = Callable[[], AbstractContextManager[None]]
_way: ContextVar[Way] = ContextVar("way", default=nullcontext)


@contextmanager
def leaving_by(way: Way) -> Iterator[None]:
    """Have `apart` leave by that way while this lasts."""
    token = _way.set(way)
    try:
        yield
    finally:
        _way.reset(token)


@contextmanager
def apart() -> Iterator[None]:
    """Work without a database connection meanwhile; inside of itself it changes nothing. Never inside a transaction."""
    with _way.get()(), leaving_by(nullcontext):
        yield
