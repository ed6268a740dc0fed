"""Two real servers, apps that call them, and callers that begin at one moment. Imported once Django is set up."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx

from bench import process
from bench.server import consentry, free_port
from consentry_server.members.models import Member
from consentry_server.projects.models import Project
from consentry_server.sharing import queries as sharing
from consentry_server.sharing.models import Authorization
from consentry_server.tokens import actions as tokens
from tests.world import REDIRECT, make_app, make_member, make_token

API = "/api/direct-sharing/project"
Work = Callable[[httpx.Client], Any]


@dataclass
class Place:
    """Two servers, a connection of each caller to one of them, and an app."""

    urls: Sequence[str]
    log: Path
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(100))
    clients: list[httpx.Client] = field(default_factory=list)
    made: int = 0

    def client(self, nth: int) -> httpx.Client:
        while len(self.clients) <= nth:
            url = self.urls[len(self.clients) % len(self.urls)]
            self.clients.append(httpx.Client(base_url=url, timeout=60))
        return self.clients[nth]

    def at_once(self, *works: Work) -> list[Any]:
        """Let each work begin at the same moment, every other one at the other server."""
        barrier = Barrier(len(works), timeout=120)
        clients = [self.client(nth) for nth in range(len(works))]

        def run(nth: int) -> Any:
            barrier.wait()
            return works[nth](clients[nth])

        return list(self.pool.map(run, range(len(works))))

    def member(self) -> Member:
        """Make another member."""
        self.made += 1
        return make_member(f"member_{self.made}")

    def app(self, **fields: Any) -> "App":
        """Make another app, run by a member of its own."""
        coordinator = self.member()
        project, client_id, secret = make_app(coordinator, f"App {self.made}", **fields)
        return App(project, client_id, secret, make_token(project))


@dataclass
class App:
    """An app as itself: all that it does is HTTP."""

    project: Project
    client_id: str
    secret: str
    master: str

    def post(self, client: httpx.Client, path: str, **form: str) -> httpx.Response:
        return client.post(f"/oauth2/{path}/", data=form, auth=(self.client_id, self.secret))

    def exchange(self, code: str, client: httpx.Client) -> httpx.Response:
        return self.post(client, "token", grant_type="authorization_code", code=code, redirect_uri=REDIRECT)

    def refresh(self, token: str, client: httpx.Client) -> httpx.Response:
        return self.post(client, "token", grant_type="refresh_token", refresh_token=token)

    def revoke(self, token: str, client: httpx.Client) -> httpx.Response:
        return self.post(client, "revoke_token", token=token)

    def remove(self, number: str, client: httpx.Client) -> httpx.Response:
        form = {"project_member_ids": number}
        return client.post(f"{API}/remove-members/", data=form, headers={"Authorization": f"Bearer {self.master}"})

    def code(self, member: Member) -> str:
        """Let it in, as the member would by the page."""
        asked = tokens.Asked(self.project.pk, REDIRECT, redirect_given=True, scope="read")
        shown = sharing.ask(self.project.pk).sha256
        return tokens.allow(member_id=member.pk, asked=asked, shown=shown, hidden=False, now=datetime.now(UTC))

    def live(self, member: Member) -> Authorization:
        row = sharing.live(member_id=member.pk, project_id=self.project.pk)
        assert row is not None
        return row

    def opens(self, client: httpx.Client, answers: Sequence[httpx.Response]) -> int:
        """Count what still works of all that these answers gave."""
        pairs = {
            (said["access_token"], said["refresh_token"]) for said in map(_json, answers) if "access_token" in said
        }
        return sum(self._works(client, *pair) for pair in pairs)

    def _works(self, client: httpx.Client, access: str, refresh: str) -> int:
        bearer = {"Authorization": f"Bearer {access}"}
        read = client.get(f"{API}/exchange-member/", headers=bearer).status_code
        renewed = self.refresh(refresh, client).status_code
        assert read in (200, 401), read
        assert renewed in (200, 400), renewed
        return (read == 200) + (renewed == 200)


def _json(answer: Any) -> dict[str, Any]:
    found = answer.json() if isinstance(answer, httpx.Response) and answer.status_code == 200 and answer.content else {}
    return found if isinstance(found, dict) else {}


@contextmanager
def place() -> Iterator[Place]:
    """Start two servers of one process each, on the database and the folder of this process."""
    log, ports = Path(os.environ["DATA"]) / "servers.log", (free_port(), free_port())
    command = [consentry("serve", "--port", str(port), "--workers", "1", "--no-worker") for port in ports]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    environment = {"SITE_URL": urls[0], "FAILURES_PER_ADDRESS": "0", "TRIES_PER_ADDRESS": "0", "LOG_LEVEL": "DEBUG"}
    servers = [process.start(words, env=environment, log=log) for words in command]
    try:
        for url in urls:
            process.wait_until(partial(_answers, url), seconds=60, what=f"{url} answering")
        yield Place(urls, log)
    finally:
        for server in servers:
            process.end(server)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}{API}/", timeout=10).status_code == 401
    except httpx.TransportError:
        return False


@dataclass
class Outcome:
    """What was answered, and in how many rounds something was as it must be."""

    answers: Counter[str] = field(default_factory=Counter)
    rounds: Counter[str] = field(default_factory=Counter)

    def note(self, answers: Sequence[Any]) -> None:
        """Count answers by status and error; what is no answer counts under its own name."""
        for answer in answers:
            error = answer.json().get("error", "") if _is_error(answer) else ""
            said = f"{answer.status_code} {error}".strip() if isinstance(answer, httpx.Response) else str(answer)
            self.answers[said] += 1


def _is_error(answer: Any) -> bool:
    return isinstance(answer, httpx.Response) and answer.status_code >= 400
