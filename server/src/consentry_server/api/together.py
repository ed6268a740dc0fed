"""Downloads that wait are looked up together: a database takes hardly longer for thirty files than for one."""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TypeVar

from consentry_server.files import actions as files
from consentry_server.files.queries import Readable
from consentry_server.files.rules import Link

T = TypeVar("T")
Opened = tuple[int, Link]  # a file, and the link that may open it
Walk = Generator[Opened, Readable | None, T]  # makes an answer; on the way it asks for a file, if a link still opens it


def together(walks: Sequence[Walk[T]]) -> list[T]:
    """Return the answer of each; what they ask for is looked up for all of them at once."""
    answers: dict[int, T] = {}
    going: list[tuple[int, Callable[[], Opened]]] = [(nth, partial(next, walk)) for nth, walk in enumerate(walks)]
    while going:
        asked: list[tuple[int, Opened]] = []
        for nth, go_on in going:
            try:
                asked.append((nth, go_on()))
            except StopIteration as end:
                answers[nth] = end.value
        going = _looked_up(walks, asked)
    return [answers[nth] for nth in range(len(walks))]


def _looked_up(walks: Sequence[Walk[T]], asked: Sequence[tuple[int, Opened]]) -> list[tuple[int, Callable[[], Opened]]]:
    """Return how each goes on: with its file, or with what went wrong."""
    try:
        found = files.readable_by_links([opened for _, opened in asked])
    except Exception as error:  # noqa: BLE001 - each tells of it in its own answer
        return [(nth, partial(walks[nth].throw, error)) for nth, _ in asked]
    return [(nth, partial(walks[nth].send, file)) for (nth, _), file in zip(asked, found, strict=True)]
