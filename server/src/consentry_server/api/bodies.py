"""Bodies that are files: taken piece by piece, never as a whole."""

from collections.abc import Iterator

from django.http import HttpRequest

from consentry_server.api.answers import Halt
from consentry_server.common.errors import TooLarge

_PIECE = 1 << 20


def length(request: HttpRequest, *, largest: int, besides: int = 0) -> int:
    """Return how many bytes the body has, `besides` of them around a file. Raises Halt if it is not said, TooLarge."""
    given = request.META.get("CONTENT_LENGTH") or ""
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Halt(411, "Send the length of the body.")
    if int(given) > largest + besides:
        raise TooLarge(f"A file may have {largest} bytes at most.")
    return int(given)


def pieces(request: HttpRequest, size: int) -> Iterator[bytes]:
    """Yield the body as it comes in. Raises Halt if it ends before it has that size."""
    while size:
        piece = request.read(min(size, _PIECE))
        if not piece:
            raise Halt(400, "The upload ended before it was complete. Send the rest, or send it again.")
        size -= len(piece)
        yield piece
