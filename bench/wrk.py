"""Runs wrk, from outside the server's processes, for a bounded time."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import process
from bench.place import Place
from bench.server import Server

LUA = Path(__file__).with_name("wrk.lua")
CALLERS = 8
LONGEST = 15.0  # seconds of one round


@dataclass(frozen=True)
class Load:
    """What wrk saw in one round, and what the server spent on it."""

    per_second: float
    p50: float  # milliseconds
    p99: float
    longest: float
    errors: int
    cpu: float  # processor milliseconds of the server's processes, for one request
    peak: float  # MiB of its largest process


def load(
    place: Place,
    server: Server,
    paths: Sequence[str],
    *,
    seconds: float,
    callers: int = CALLERS,
) -> Load:
    """Let callers ask for these paths in turn."""
    before = server.cpu()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(paths))
        listed.flush()
        found = _wrk(place, server, listed.name, seconds=seconds, callers=callers)
    rate = found["requests"] / found["microseconds"] * 1e6
    cpu = (server.cpu() - before) * 1000 / max(found["requests"], 1)
    times = (found["p50"], found["p99"], found["longest"])
    return Load(rate, *times, int(found["errors"]), cpu, server.peak())


def _wrk(place: Place, server: Server, listed: str, *, seconds: float, callers: int) -> dict[str, float]:
    threads = 2 if callers > 1 else 1
    for_seconds = max(1, round(min(seconds, LONGEST)))
    headers = [f"-H{name}: {value}" for name, value in place.bearer.items()]
    options = [f"-t{threads}", f"-c{callers}", f"-d{for_seconds}s", "--timeout", "10s"]
    printed = process.run(["wrk", *options, *headers, "-s", LUA, server.url, "--", listed])
    figures: dict[str, float] = json.loads(printed.strip().splitlines()[-1])
    return figures
