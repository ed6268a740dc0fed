"""How long the pages of a member with very much take, beside those of one with ten files and two projects."""

import http.client
import json
from collections.abc import Iterator

from bench import server
from bench.options import Options
from bench.place import Place, made
from bench.report import Row, compared
from bench.server import Server
from bench.wrk import visit

PAGES = ("/member/me/", "/member/me/data/", "/member/me/access-log/", "/member/me/connections/")
FILES, PROJECTS, LINES = 10_000, 200, 100_000


def measure(options: Options) -> Iterator[Row]:
    """Yield how much longer one with 10,000 files, 200 projects and 100,000 lines in the ledger waits."""
    for kind in options.databases:
        with made(kind, suffix="_pages", url=options.postgresql) as place:
            place.seed(members=50, files=10, heavy=FILES)
            place.facts |= json.loads(place.python("bench.visitors", f"--projects={PROJECTS}", f"--lines={LINES}"))
            with server.running(place, workers=1) as ours:
                for path in PAGES:
                    assert_logged_in(place, ours, path)
                    yield _row(options, place, ours, path)


def assert_logged_in(place: Place, ours: Server, path: str) -> None:
    """Both members see the page itself, or the times say nothing."""
    for who in ("few", "many"):
        connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=60)
        connection.request("GET", path, headers={"Cookie": place.facts[f"{who}_cookie"]})
        status = connection.getresponse().status
        connection.close()
        assert status == 200, f"{path} answers {who} with {status}:\n{(place.folder / 'bench.log').read_text()[-2000:]}"


def _row(options: Options, place: Place, ours: Server, path: str) -> Row:
    """Let one visitor open the page of both in turn; the figures are milliseconds in the middle."""
    rounds: tuple[list[float], list[float]] = ([], [])
    for number in range(options.rounds + 1):
        for who, found in zip(("many", "few"), rounds, strict=True):
            answer = visit(ours, path, place.facts[f"{who}_cookie"], seconds=1)
            assert not answer.errors, f"{path} failed"
            if number:  # the first round warms up
                found.append(answer.p50)
    return Row("pages", place.kind, f"{path}: much / little", unit="ms", goal="", **compared(*rounds))
