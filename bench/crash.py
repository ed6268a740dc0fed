"""kill -9 in the middle of uploads, again and again: nothing acknowledged is lost, nothing dangles."""

import hashlib
import http.client
import json
import os
import random
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench import process, server
from bench.options import Options
from bench.place import Place, made
from bench.report import Row
from bench.server import Server

API = "/api/direct-sharing/project/"
UPLOADERS = 4
LARGEST = 400_000  # bytes of an upload
LIFE = 0.05, 0.5  # seconds that a server lives after it answers
LOSSES = ("lost", "torn", "dangling")
BACK = 3600  # seconds by which reconcile is made to think that the uploads are old


@dataclass
class Outcome:
    """What was acknowledged, and what came of it."""

    kills: int = 0
    acknowledged: dict[int, str] = field(default_factory=dict)  # SHA-256 by id
    broken: int = 0  # uploads that ended without an answer
    lost: list[int] = field(default_factory=list)
    torn: list[int] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)  # what a second reconcile still speaks of
    swept: str = ""  # what the first one did

    @property
    def sound(self) -> bool:
        return not (self.lost or self.torn or self.dangling)


def measure(options: Options) -> Iterator[Row]:
    """Yield the rows of every database."""
    for kind in options.databases:
        with made(kind, suffix="_crash", url=options.postgresql) as place:
            place.seed(members=UPLOADERS, files=0, heavy=0)
            outcome = run(place, kills=options.kills)
        print(f"{kind}: after {outcome.kills} kills reconcile said: {outcome.swept}")
        for what, count in counts(outcome).items():
            goal = "0" if what in LOSSES else ""
            yield Row("crash", f"{kind}, {outcome.kills} kills", what, count, "files", goal=goal)


def counts(outcome: Outcome) -> dict[str, int]:
    return {
        "acknowledged": len(outcome.acknowledged),
        "broken off": outcome.broken,
        "lost": len(outcome.lost),
        "torn": len(outcome.torn),
        "dangling": len(outcome.dangling),
    }


def run(place: Place, *, kills: int) -> Outcome:
    """Upload and kill, then look at every acknowledged file, and at what reconcile leaves."""
    outcome, chance = Outcome(), random.Random(2)
    for _ in range(kills):
        _live_and_die(place, outcome, seconds=chance.uniform(*LIFE))
    outcome.swept = " · ".join(_reconcile(place).splitlines())
    with server.running(place) as ours:
        _look(place, ours, outcome)
    outcome.dangling = _dangling(place)
    return outcome


def _live_and_die(place: Place, outcome: Outcome, *, seconds: float) -> None:
    ours = server.start(place)
    uploads = [threading.Thread(target=_upload_on, args=(place, ours, outcome)) for _ in range(UPLOADERS)]
    for each in uploads:
        each.start()
    time.sleep(seconds)
    process.end(ours.process, how=signal.SIGKILL)
    for each in uploads:
        each.join()
    outcome.kills += 1


def _upload_on(place: Place, ours: Server, outcome: Outcome) -> None:
    """Upload file after file until the server is gone; remember what it acknowledged."""
    connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=20)
    try:
        while True:
            content = os.urandom(random.randrange(1, LARGEST))
            file_id = _upload(place, connection, content)
            outcome.acknowledged[file_id] = hashlib.sha256(content).hexdigest()
    except (OSError, http.client.HTTPException):
        outcome.broken += 1
    finally:
        connection.close()


def _upload(place: Place, connection: http.client.HTTPConnection, content: bytes) -> int:
    fields = {"project_member_id": place.facts["heavy"], "metadata": '{"tags":[],"description":""}'}
    form = b"".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    part = b'--cut\r\nContent-Disposition: form-data; name="data_file"; filename="a.bin"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=cut"}
    body = form + part + content + b"\r\n--cut--\r\n"
    connection.request("POST", f"{API}files/upload/", body, place.bearer | kind)
    response = connection.getresponse()
    told = response.read()
    assert response.status == 201, (response.status, told)
    return int(json.loads(told)["id"])


def _reconcile(place: Place) -> str:
    """Run the product's own command as an hour later: it leaves young uploads alone."""
    for path in place.folder.joinpath("blobs").rglob("*"):
        with suppress(FileNotFoundError):
            os.utime(path, (time.time() - BACK,) * 2)
    return process.run(server.consentry("reconcile", "--older-than", "1"), env=place.env, check=False)


def _look(place: Place, ours: Server, outcome: Outcome) -> None:
    """Download every acknowledged file."""
    links = dict(_links(place, ours))
    for file_id, sha256 in outcome.acknowledged.items():
        if file_id not in links:
            outcome.lost.append(file_id)
        elif _downloaded(ours, links[file_id]) != sha256:
            outcome.torn.append(file_id)


def _links(place: Place, ours: Server) -> Iterator[tuple[int, str]]:
    page = f"{API}exchange-member/?limit=1000&project_member_id={place.facts['heavy']}"
    while page:
        _, body, _ = ours.get(page, place.bearer)
        told = json.loads(body)
        for file in told["data"]:
            yield file["id"], "/" + file["download_url"].split("/", 3)[3]
        page = "/" + told["next"].split("/", 3)[3] if told["next"] else ""


def _downloaded(ours: Server, link: str) -> str:
    _, _, headers = ours.get(link, {})
    _, content, _ = ours.get(headers["location"], {})
    return hashlib.sha256(content).hexdigest()


def _dangling(place: Place) -> list[str]:
    """Return what a second reconcile still finds, and what still lies in the staging area."""
    told = _reconcile(place).splitlines()
    assert told, "reconcile said nothing"
    left = [line for line in told if not re.fullmatch(r"[^:]+: (0|not looked at)", line)]
    staged = Path(place.folder, "blobs", "staging")
    return left + [f"staged: {path.name}" for path in staged.iterdir()]
