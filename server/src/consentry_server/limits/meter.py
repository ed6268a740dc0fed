"""A table of counts in a file that processes map into their memory: no row, no write, no service per call.

Each slot holds a key, the moment at which its minute began, and two counts. A key has eight places where it may
stand; a newcomer takes the one whose minute began first. A count is changed under a lock of the kernel, which is
free again when its holder dies. If the file cannot be had, each process counts for itself.
"""

import hashlib
import logging
import mmap
import os
import struct
import time
import weakref
from collections.abc import Iterator
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from threading import Lock
from typing import NamedTuple

log = logging.getLogger(__name__)

WINDOW = 60.0  # seconds
WAYS = 8
_SLOT = struct.Struct("<16sdII")  # key, begin of its minute, two counts
_BUCKET = _SLOT.size * WAYS
_SWEPT = struct.Struct("<d")  # at the head of the file: when `sweep` last gave something
_HEAD = _BUCKET
_TRIES, _PAUSE = 200, 0.001  # seconds
_NUMBERED = b"\xffnumber\xff"

Pair = tuple[int, int]


class Spent(NamedTuple):
    """The two counts of a key, the seconds until they begin anew, and which of them is full if one is."""

    counts: Pair
    resets_in: float
    full: int | None


def numbered(number: int) -> bytes:
    """Return the key of something that has a number, which `sweep` tells again."""
    return number.to_bytes(8, "little") + _NUMBERED


def scrambled(text: str, secret: bytes) -> bytes:
    """Return a key for any text; without the secret nobody finds texts that get into each other's way."""
    return hashlib.blake2b(text.encode(), key=secret, digest_size=16).digest()


class Meter:
    """Counts by key, shared by all processes that open the same file."""

    def __init__(self, path: Path, *, slots: int) -> None:
        self._buckets = slots // WAYS
        size = _HEAD + self._buckets * _BUCKET
        self._file: int | None = None
        try:
            self._file = _file(path, size)
        except OSError as error:
            log.warning("%s cannot be used (%s): each process counts by itself", path, error.strerror)
        self._table = mmap.mmap(-1 if self._file is None else self._file, size)
        self._threads = Lock()
        if self._file is not None:
            weakref.finalize(self, os.close, self._file)

    def spend(self, key: bytes, *, now: float, most: Pair, add: Pair) -> Spent:
        """Add to the counts of a key, or to none of them if one would pass what it may be at most; 0 is no limit."""
        bucket = self._bucket(key)
        self._lock()
        try:
            return self._spend(self._place(bucket, key), key, now, most, add)
        finally:
            self._unlock()

    def _spend(self, place: int, key: bytes, now: float, most: Pair, add: Pair) -> Spent:
        kept, begin, first, second = _SLOT.unpack_from(self._table, place)
        # a thread that looked at the clock before another may come after it
        if kept != key or not -WINDOW < now - begin < WINDOW:
            begin, first, second = now, 0, 0
        full = _full((first, second), most, add)
        if full is None:
            first, second = first + add[0], second + add[1]
        _SLOT.pack_into(self._table, place, key, begin, first, second)
        return Spent((first, second), min(begin + WINDOW - now, WINDOW), full)

    def began(self, key: bytes) -> float | None:
        """Return when the latest minute of a key began, if it is still here."""
        kept, begin, *_ = _SLOT.unpack_from(self._table, self._place(self._bucket(key), key))
        return begin if kept == key else None

    def sweep(self, *, now: float) -> dict[int, float]:
        """Return the numbers whose minute began since the last sweep, and when; once a minute, to one caller."""
        (swept,) = _SWEPT.unpack_from(self._table)
        if swept and abs(now - swept) < WINDOW:
            return {}
        self._lock()
        try:
            (since,) = _SWEPT.unpack_from(self._table)
            _SWEPT.pack_into(self._table, 0, now)
        finally:
            self._unlock()
        return dict(self._numbers(since)) if since and since == swept else {}

    def _numbers(self, since: float) -> Iterator[tuple[int, float]]:
        for key, begin, *_ in _SLOT.iter_unpack(self._table[_HEAD:]):
            if key.endswith(_NUMBERED) and begin >= since:
                yield int.from_bytes(key[:8], "little"), begin

    def _bucket(self, key: bytes) -> int:
        return _HEAD + int.from_bytes(key[:8], "little") % self._buckets * _BUCKET

    def _place(self, bucket: int, key: bytes) -> int:
        """Return where a key stands, or else the place of whoever began first."""
        table, places = self._table, range(bucket, bucket + _BUCKET, _SLOT.size)
        for place in places:
            if table[place : place + 16] == key:
                return place
        return min(places, key=lambda place: _SLOT.unpack_from(self._table, place)[1])

    def _lock(self) -> None:
        self._threads.acquire()  # the kernel's lock is that of the process
        if self._file is None:
            return
        try:
            flock(self._file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            if not _locked(self._file):
                log.warning("a process holds a count for too long; counting without it")

    def _unlock(self) -> None:
        try:
            if self._file is not None:
                flock(self._file, LOCK_UN)
        finally:
            self._threads.release()


def _locked(file: int) -> bool:
    """Lock a file; give up if another process holds it for long, as a stopped one must not stop all others."""
    for nth in range(_TRIES):
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            time.sleep(0 if nth < _TRIES // 2 else _PAUSE)
        else:
            return True
    return False


def _full(counts: Pair, most: Pair, add: Pair) -> int | None:
    for nth in (0, 1):
        if add[nth] and 0 < most[nth] < counts[nth] + add[nth]:
            return nth
    return None


def _file(path: Path, size: int) -> int:
    """Open a table with room that is really there: writing to a hole of a full disk would kill the process."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
    except OSError:
        os.close(file)
        raise
    return file
