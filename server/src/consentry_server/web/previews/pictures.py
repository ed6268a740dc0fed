"""How large a picture is, by its first bytes: one that would fill a browser's memory is not shown."""

import struct
from collections.abc import Callable
from struct import unpack_from

MOST_PIXELS = 50_000_000
LARGEST = 20_000_000  # bytes that are sent to be looked at
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # of a JPEG: the markers with which its size comes

Size = tuple[int, int]


def picture_size(data: bytes, kind: str) -> Size | None:
    """Return width and height; None if they are not said where they belong."""
    try:
        width, height = _READ[kind](data)
    except (KeyError, struct.error, ValueError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def can_be_shown(size: Size, length: int) -> bool:
    """Say whether a browser can be expected to show it."""
    return size[0] * size[1] <= MOST_PIXELS and length <= LARGEST


def _png(data: bytes) -> Size:
    if data[12:16] != b"IHDR":
        raise ValueError
    width, height = unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> Size:
    width, height = unpack_from("<HH", data, 6)
    return width, height


def _jpeg(data: bytes) -> Size:
    """Walk from marker to marker; each says how far it is to the next."""
    at = 2
    while data[at : at + 1] == b"\xff":
        marker, length = unpack_from(">BH", data, at + 1)
        if marker in _FRAMES:
            height, width = unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + max(length, 2)
    raise ValueError


_READ: dict[str, Callable[[bytes], Size]] = {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif}
