"""Runs wrk, from outside the server's processes, for a bounded time."""

import json
import tempfile
from collections.abc import Mapping, Sequence
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
    options = [f"-t{2 if callers > 1 else 1}", f"-c{callers}", *_headers(place.bearer)]
    return _measured(server, paths, options, [], seconds=seconds)


def visit(server: Server, path: str, cookie: str, *, seconds: float) -> Load:
    """Let one visitor who is logged in open a page again and again."""
    options = ["-t1", "-c1", *_headers({"Cookie": cookie})]
    return _measured(server, [path], options, [], seconds=seconds)


def renew(place: Place, server: Server, path: str, tokens: Sequence[str], *, seconds: float) -> Load:
    """Let a caller for each of these refresh tokens exchange it there, and go on with what it gets."""
    proof = {"Authorization": place.facts["authorization"]}
    options = [f"-t{len(tokens)}", f"-c{len(tokens)}", *_headers(proof)]
    return _measured(server, tokens, options, ["renew", path], seconds=seconds)


def _headers(wanted: Mapping[str, str]) -> list[str]:
    return [f"-H{name}: {value}" for name, value in wanted.items()]


def _measured(
    server: Server, lines: Sequence[str], options: Sequence[str], words: Sequence[str], *, seconds: float
) -> Load:
    before = server.cpu()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(lines))
        listed.flush()
        found = _wrk(server, [*options, f"-d{max(1, round(min(seconds, LONGEST)))}s"], [listed.name, *words])
    rate = found["requests"] / found["microseconds"] * 1e6
    cpu = (server.cpu() - before) * 1000 / max(found["requests"], 1)
    times = (found["p50"], found["p99"], found["longest"])
    return Load(rate, *times, int(found["errors"]), cpu, server.peak())


def _wrk(server: Server, options: Sequence[str], words: Sequence[str]) -> dict[str, float]:
    printed = process.run(["wrk", *options, "--timeout", "10s", "-s", LUA, server.url, "--", *words])
    figures: dict[str, float] = json.loads(printed.strip().splitlines()[-1])
    return figures
