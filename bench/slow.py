"""Healthy requests while hundreds of slow clients hold the server, from another process."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench import process, server
from bench.bytes import large_address
from bench.load import paths
from bench.options import Options
from bench.place import Place, made
from bench.report import Row
from bench.server import Server
from bench.wrk import Load, load

MIB = 256  # of the large file: more than any buffer between server and reader
SETTLE = 10.0  # seconds in which the server answers the half MiB pages that the slow clients asked for
HOLD = SETTLE + 15.0


def measure(options: Options) -> Iterator[Row]:
    """Yield healthy answers' times: nobody else, and with each number of slow clients of each kind."""
    for kind in options.databases:
        with made(kind, url=options.postgresql) as place:
            place.seed(members=options.members, files=options.files, large=min(MIB, options.large))
            for count in (0, *options.clients):
                with server.running(place) as ours:
                    yield from _under(options, place, ours, count)


def _under(options: Options, place: Place, ours: Server, count: int) -> Iterator[Row]:
    where = f"{place.kind}, 2 workers"
    crowd = f"{count} slow headers, bodies, readers" if count else "nobody slow"
    attack = _attack(place, ours, count) if count else None
    try:
        pages = paths(place)
        for name in ("project/", "members/"):
            found = load(place, ours, [pages[name]], seconds=max(options.seconds, 5))
            yield _row(where, f"{name} under {crowd}", found)
    finally:
        left = _end(attack) if attack else {}
    for name, number in left.items():
        yield Row("slow", where, f"{count}: {name}", number, "clients")


def _row(where: str, what: str, found: Load) -> Row:
    return Row(
        "slow",
        where,
        what,
        found.per_second,
        "/s",
        goal="p99 < 500 ms, no error",
        p50=found.p50,
        p99=found.p99,
        cpu=found.cpu,
        memory=found.peak,
        errors=found.errors,
    )


def _attack(place: Place, ours: Server, count: int) -> Any:
    """Start the slow clients and wait until all of them are being slow."""
    wanted = {
        "port": ours.port,
        "count": count,
        "hold": HOLD,
        "token": place.facts["token"],
        "large": large_address(place, ours),
    }
    crowd = [sys.executable, "-m", "bench.crowd", json.dumps(wanted)]
    child = process.start(crowd, env=place.env, pipe=True, log=place.folder / "bench.log")
    assert child.stdout
    began = time.monotonic()
    assert child.stdout.readline().strip() == "ready", "the slow clients could not start"
    print(f"{count} of each kind were there after {time.monotonic() - began:.1f} s")
    time.sleep(SETTLE)
    return child


def _end(child: Any) -> dict[str, int]:
    """Return what became of the slow clients."""
    try:
        told: dict[str, int] = json.loads(child.stdout.readline() or "{}")
        return told
    finally:
        process.end(child)
