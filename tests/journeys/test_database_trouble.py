"""PostgreSQL stops, falls silent, takes no more connections or needs long for each commit."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import psycopg
import pytest

from tests.journeys.database_line import Line, State, database_line
from tests.servers import Demo, demo_on, own_database

pytestmark = pytest.mark.slow
PROJECT = "/api/direct-sharing/project/"
METADATA = '{"description": "", "tags": []}'
FRONT = "/"
# as an operator may set it: shorter than ours, so that a statement that waits is ended soon
SOON_ENDED = "?options=-c%20jit%3Doff%20-c%20statement_timeout%3D1500"


@dataclass
class Site:
    """A served demo, the line to its database, and the database itself."""

    demo: Demo
    line: Line
    database: str

    def get(self, path: str) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.demo.facts['big']['master_token']}"}
        return httpx.get(self.demo.url + path, headers=bearer, timeout=60)

    def upload(self, number: str, content: bytes = b"x") -> httpx.Response:
        return httpx.post(
            f"{self.demo.url}{PROJECT}files/upload/",
            headers={"Authorization": f"Bearer {self.demo.facts['big']['master_token']}"},
            data={"project_member_id": number, "metadata": METADATA},
            files={"data_file": ("new.csv", content)},
            timeout=60,
        )

    def numbers(self) -> list[str]:
        return [row["project_member_id"] for row in self.get(f"{PROJECT}members/").json()["results"]]

    def answers(self) -> list[httpx.Response]:
        """Ask the event loop, the ledger, a page and an upload."""
        return [self.get(PROJECT), self.get(f"{PROJECT}members/"), self.get(FRONT), self.upload("12345678")]

    def is_well(self) -> bool:
        return [answer.status_code for answer in self.answers()] == [200, 200, 200, 400]

    def recover(self) -> None:
        """Give the server as long as it may take to find its database again."""
        self.line.turn("up")
        until = time.monotonic() + 5
        while not self.is_well():
            assert time.monotonic() < until, "the server does not find its database again"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with (
        own_database() as database,
        database_line(database) as line,
        demo_on(line.url + SOON_ENDED, folder) as demo,
    ):
        yield Site(demo, line, database)


@pytest.mark.parametrize("trouble", ["down", "full"])
def test_274_while_the_database_is_away_everybody_is_told_to_come_back(site: Site, trouble: State) -> None:
    site.line.turn(trouble)
    for _ in range(3):  # what it had open breaks first, then it tries to connect
        for answer in site.answers():
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert "Traceback" not in answer.text
    site.recover()


def test_274_a_database_that_says_nothing_at_all_stops_nobody_for_ever(site: Site) -> None:
    site.line.turn("silent")
    for path in (PROJECT, f"{PROJECT}members/", PROJECT):
        answer = site.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    assert site.get("/account/login/").status_code == 200, "what needs no database is answered meanwhile"
    site.recover()


def test_274_a_statement_that_waits_too_long_is_ended_and_nothing_is_given_away(site: Site) -> None:
    with psycopg.connect(site.database) as other:
        other.execute("LOCK TABLE files_access IN ACCESS EXCLUSIVE MODE")
        refused = site.get(f"{PROJECT}members/")
        assert refused.status_code == 503
        assert "results" not in refused.text
        assert site.get(PROJECT).status_code == 200
    assert site.is_well()


def test_274_what_was_acknowledged_is_there_however_often_connections_break(site: Site) -> None:
    numbers = site.numbers()[:40]

    def bring(number: str) -> tuple[str, int | None]:
        answer = site.upload(number, number.encode())
        assert answer.status_code in (201, 503)
        return number, answer.json().get("id")

    with ThreadPoolExecutor(8) as callers:
        brought = callers.map(bring, numbers)
        cut = 0
        for _ in range(8):
            cut += site.line.cut()
            time.sleep(0.05)
        acknowledged = {number: file_id for number, file_id in brought if file_id is not None}
    assert acknowledged
    assert cut
    site.recover()
    for number, file_id in acknowledged.items():
        listed = site.get(f"{PROJECT}exchange-member/?project_member_id={number}").json()["data"]
        link = next(file["download_url"] for file in listed if file["id"] == file_id)
        assert httpx.get(link, follow_redirects=True, timeout=60).content == number.encode()
    assert site.demo.run("reconcile")  # fails if there is a file without its bytes


def test_275_while_each_commit_takes_long_requests_do_not_pile_up(site: Site) -> None:
    """Whoever has waited long enough for a turn is told to come back."""
    numbers = site.numbers()[:20]
    site.line.commits_take = 4.0
    try:
        with ThreadPoolExecutor(len(numbers)) as callers:
            statuses = [answer.status_code for answer in callers.map(site.upload, numbers)]
            assert site.get(PROJECT).status_code == 200
    finally:
        site.line.commits_take = 0.0
    assert set(statuses) == {201, 503}
    assert site.is_well()
