"""Which room really calls which while a request runs: hooks escape import checks."""

import inspect
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tests.architecture.house import PACKAGE, Layers

MODULE_BODY = "<module>"


@dataclass(frozen=True, order=True)
class Crossing:
    """A call from one room into another; Django and allauth in between do not count."""

    caller_room: str
    callee_room: str
    caller: str
    callee: str

    def __str__(self) -> str:
        return f"{self.caller} calls {self.callee}"


class Recorder:
    def __init__(self, source: Path) -> None:
        self.crossings: set[Crossing] = set()
        self._inside = f"{(source / PACKAGE).resolve()}/"
        self._rooms: dict[str, str] = {}

    def watch(self, frame: FrameType, event: str, _argument: object) -> None:
        if event != "call" or not self._room(frame) or is_passive(frame):
            return
        caller = self._caller(frame)
        if caller is None or caller.f_code.co_name == MODULE_BODY:
            return
        above, below = self._room(caller), self._room(frame)
        if above != below:
            self.crossings.add(Crossing(above, below, self._name(caller), self._name(frame)))

    def _caller(self, frame: FrameType) -> FrameType | None:
        above = frame.f_back
        while above is not None and not self._room(above):
            above = above.f_back
        return above

    def _room(self, frame: FrameType) -> str:
        filename = frame.f_code.co_filename
        if filename not in self._rooms:
            inside = filename.startswith(self._inside)
            first = filename.removeprefix(self._inside).split("/")[0] if inside else ""
            self._rooms[filename] = first.removesuffix(".py")
        return self._rooms[filename]

    def _name(self, frame: FrameType) -> str:
        place = frame.f_code.co_filename.removeprefix(self._inside).removesuffix(".py")
        return f"{place.replace('/', '.')}.{frame.f_code.co_qualname}"


def is_passive(frame: FrameType) -> bool:
    """Importing a module is no call, nor is pulling the next item of an iterator handed down.

    Python reports a generator when it is pulled and never when it is made, so who made it is not
    known here.
    """
    code = frame.f_code
    return code.co_name == MODULE_BODY or bool(code.co_flags & inspect.CO_GENERATOR)


def recorded(run: Callable[[], object], source: Path) -> set[Crossing]:
    """Run it, in this thread and those it starts, and tell every call from room to room."""
    recorder = Recorder(source)
    before = sys.getprofile()
    threading.setprofile(recorder.watch)
    sys.setprofile(recorder.watch)
    try:
        run()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    return recorder.crossings


def climbs(crossings: set[Crossing], layers: Layers) -> list[str]:
    return [
        str(crossing)
        for crossing in sorted(crossings)
        if not layers.goes_down(crossing.caller_room, crossing.callee_room)
    ]
