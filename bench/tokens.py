"""How many tokens a core renews in a second, beside a bare server with the same SQL and the same sealing by hand."""

import http.client
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench import server
from bench.options import Options
from bench.place import Place, made
from bench.report import Row, compared, loads
from bench.server import Server
from bench.wrk import CALLERS, Load, renew

PATH = "/oauth2/token/"
BARE = "bench.bare_tokens:application"


def measure(options: Options) -> Iterator[Row]:
    """Yield the rates of one worker, and what a core is worth."""
    for kind in options.databases:
        with made(kind, suffix="_tokens", url=options.postgresql) as place:
            place.seed(members=options.members, files=1, heavy=1)
            # each caller of each round has a member of its own, on both servers
            place.facts |= json.loads(place.python("bench.pairs", 2 * CALLERS * (options.rounds + 1) + 2))
            yield from _rows(options, place)


def _rows(options: Options, place: Place) -> Iterator[Row]:
    with ExitStack() as stack:
        ours, bare = (stack.enter_context(server.running(place, target, workers=1)) for target in (server.OURS, BARE))
        unused = iter(place.facts["refresh"])
        assert_equal(place, unused, ours, bare)
        rounds = _in_turn(options, place, unused, [ours, bare])
    where = f"{place.kind}, 1 worker"
    yield Row("tokens", where, "refreshes", unit="/s", **loads(*rounds))
    rates = [[1000 / found.cpu for found in some] for some in rounds]
    yield Row("tokens", where, "refreshes, a core", unit="/CPU s", goal="150", **compared(*rates))


def _in_turn(options: Options, place: Place, unused: Iterator[str], servers: list[Server]) -> list[list[Load]]:
    rounds: list[list[Load]] = [[] for _ in servers]
    for number in range(options.rounds + 1):
        for each, found in zip(servers, rounds, strict=True):
            tokens = [next(unused) for _ in range(CALLERS)]
            measured = renew(place, each, PATH, tokens, seconds=options.seconds if number else 1)
            assert not measured.errors, f"{measured.errors} refreshes failed"
            if number:  # the first round warms up
                found.append(measured)
    return rounds


def assert_equal(place: Place, unused: Iterator[str], ours: Server, bare: Server) -> None:
    """Both answers say the same but for the tokens, or the ratio says nothing."""
    answers = [_post(each, place.facts["authorization"], next(unused)) for each in (ours, bare)]
    for answer in answers:
        assert answer.pop("access_token") != answer.pop("refresh_token")
    assert answers[0] == answers[1], answers


def _post(each: Server, proof: str, token: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", each.port, timeout=60)
    headers = {"Authorization": proof, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", PATH, f"grant_type=refresh_token&refresh_token={token}", headers)
    found: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return found
