"""First pages with a hundred times the members, and a thousand times the files; start and memory."""

from collections.abc import Iterator
from contextlib import ExitStack

from bench import server
from bench.load import API
from bench.options import Options
from bench.place import Place, made
from bench.report import Row, compared
from bench.server import Server
from bench.wrk import load

Page = tuple[Place, Server, str]


def measure(options: Options) -> Iterator[Row]:
    """Yield how much longer a single caller waits for a first page of more."""
    for kind in options.databases:
        with ExitStack() as stack:
            few = stack.enter_context(made(kind, suffix="_few", url=options.postgresql))
            many = stack.enter_context(made(kind, suffix="_many", url=options.postgresql))
            few.seed(members=options.members, files=options.files)
            many.seed(members=options.many_members, files=options.files, heavy=options.many_files)
            small = stack.enter_context(server.running(few))
            big = stack.enter_context(server.running(many))
            yield from _starts(kind, small)
            yield from _pages(options, (few, small), (many, big))


def _starts(kind: str, ours: Server) -> Iterator[Row]:
    yield Row("growth", kind, "serve answers after", ours.seconds_to_start, "s", goal="< 2")
    yield Row("growth", kind, "resident memory of a worker", ours.resident(), "MiB", goal="< 120")


def _pages(options: Options, few: tuple[Place, Server], many: tuple[Place, Server]) -> Iterator[Row]:
    place, ours = many
    one = f"{API}exchange-member/?limit=20&project_member_id="
    deep = f"{API}members/?offset={options.many_members - 100}"
    last = f"&offset={options.many_files - 20}"
    ordinary, heavy = (f"{one}{place.facts[name]}" for name in ("ordinary", "heavy"))
    members = f"{API}members/"
    yield _compared(options, "members/", (*few, members), (*many, members))
    yield _compared(options, "exchange-member/", (*many, ordinary), (*many, heavy))
    yield _compared(options, "members/, last page", (*many, members), (*many, deep))
    yield _compared(options, "exchange-member/, last page", (*many, heavy), (*many, heavy + last))
    yield Row("growth", place.kind, "peak memory of a worker", ours.peak(), "MiB", goal="< 120")


def _compared(options: Options, name: str, few: Page, many: Page) -> Row:
    """Let one caller ask for both in turn; the figures are milliseconds in the middle."""
    rounds: tuple[list[float], list[float]] = ([], [])
    for number in range(options.rounds + 1):
        for (place, ours, path), found in zip((many, few), rounds, strict=True):
            answer = load(place, ours, [path], seconds=1, callers=1)
            assert not answer.errors, f"{path} failed"
            if number:  # the first round warms up
                found.append(answer.p50)
    goal = "" if "last" in name else "< 1.5"
    return Row("growth", few[0].kind, f"{name}: many / few", unit="ms", goal=goal, **compared(*rounds))
