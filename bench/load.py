"""Requests per second of the three hot pages, ours and bare in turn, and what the ledger costs."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

from bench import server
from bench.options import Options
from bench.place import Place, made
from bench.report import Row, loads
from bench.server import Server
from bench.wrk import Load, load

API = "/api/direct-sharing/project/"
# performance.md; the second number is how often the original answered in a second, on its machine
GOALS = {
    "project/": ("0.5, 40x", 87.0),
    "members/": ("0.9, 500x", 0.25),
    "exchange-member/": ("0.75, 100x", 13.0),
}
WORKERS = {"sqlite": (1, 2), "postgresql": (2,)}
_SIGNED = re.compile(rb'\?key=[0-9a-f-]+"|"http://127\.0\.0\.1:[0-9]+/api/')


def paths(place: Place) -> dict[str, str]:
    """Return the addresses of the first pages, by their names."""
    heavy = place.facts["heavy"]
    return {
        "project/": API,
        "members/": f"{API}members/",
        "exchange-member/": f"{API}exchange-member/?project_member_id={heavy}",
    }


def measure(options: Options) -> Iterator[Row]:
    """Yield the rows of every database."""
    for kind in options.databases:
        with made(kind, url=options.postgresql) as place:
            place.seed(members=options.members, files=options.files, heavy=options.heavy)
            for workers in WORKERS[kind]:
                yield from _with_workers(options, place, workers)


def _with_workers(options: Options, place: Place, workers: int) -> Iterator[Row]:
    with ExitStack() as stack:
        targets = (server.OURS, server.BARE, server.WITHOUT_LEDGER)
        ours, bare, without = (
            stack.enter_context(server.running(place, target, workers=workers)) for target in targets
        )
        where = f"{place.kind}, {workers} worker{'s' if workers > 1 else ''}"
        for name, path in paths(place).items():
            assert_equal(place, path, ours, bare)
            servers = [ours, bare, without] if name == "members/" else [ours, bare]
            rounds = in_turn(options, place, servers, path)
            goal, original = GOALS[name]
            row = Row("load", where, name, unit="/s", goal=goal, **loads(rounds[0], rounds[1]))
            yield row
            print(f"{where}: {name} is {row.ours / original:,.0f} x the original's {original} /s")
            if name == "members/":
                compared = loads(rounds[0], rounds[2])
                yield Row("load", where, "with / without ledger", unit="/s", goal="0.9", **compared)


def in_turn(options: Options, place: Place, servers: list[Server], path: str) -> list[list[Load]]:
    """Warm each server up, then load one after the other, round by round."""
    for each in servers:
        load(place, each, [path], seconds=1)
    rounds: list[list[Load]] = [[] for _ in servers]
    for _ in range(options.rounds):
        for each, found in zip(servers, rounds, strict=True):
            found.append(load(place, each, [path], seconds=options.seconds))
    return rounds


def assert_equal(place: Place, path: str, ours: Server, bare: Server) -> None:
    """Both answers are the same but for ports and signatures, or the ratio says nothing."""
    answers = [each.get(path, place.bearer) for each in (ours, bare)]
    assert [status for status, _, _ in answers] == [200, 200], answers
    bodies = [_SIGNED.sub(b"", body) for _, body, _ in answers]
    assert bodies[0] == bodies[1], f"{path} differs: {len(bodies[0])} and {len(bodies[1])} bytes"
