"""The published client tuspy, unmodified, over a line that breaks and against a server that is killed."""

import hashlib
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from bench import process, server
from bench.place import Place, made
from tests.contract.broken_line import Line, broken_line

pytestmark = [pytest.mark.published, pytest.mark.slow]
# TUS=full brings 200 MiB through 20 cuts and 5 kills, half a minute for each database.
FULL = os.environ.get("TUS") == "full"
MIB, CUTS, KILLS = (200, 20, 5) if FULL else (12, 5, 1)
CHUNK = (4 << 20) if FULL else (1 << 20)
HEADERS = 20_000  # bytes that all requests together may have besides the file

CLIENT = """
import sys, time
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
url, token, number, path, chunk, checksum = sys.argv[1:]
client = TusClient(f"{url}/api/direct-sharing/project/files/upload/resumable/",
                   headers={"Authorization": f"Bearer {token}"})
fields = {"project_member_id": number, "filename": "large.bin",
          "metadata": '{"description": "large", "tags": []}'}
uploader = client.uploader(path, chunk_size=int(chunk), metadata=fields, retries=60, retry_delay=0.5,
                           upload_checksum=checksum == "yes")
uploader.upload()
print(uploader.url)
"""


def upload(published: Path, place: Place, url: str, path: Path, *, checksum: str) -> "subprocess.Popen[str]":
    words = [url, place.facts["token"], place.facts["heavy"], path, str(CHUNK), checksum]
    environment = {"PATH": "/usr/bin:/bin"}
    command = [published / "python", "-c", CLIENT, *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stored(place: Place, ours: server.Server, file_id: int) -> dict[str, Any]:
    page = f"/api/direct-sharing/project/exchange-member/?limit=1000&project_member_id={place.facts['heavy']}"
    _, body, _ = ours.get(page, place.bearer)
    return next(file for file in json.loads(body)["data"] if file["id"] == file_id)


def kill_while(client: "subprocess.Popen[str]", ours: server.Server, line: Line, place: Place) -> server.Server:
    """Kill the server at random moments of the upload and start it again at the same port."""
    for nth in range(KILLS):
        mark = (nth + 1) * MIB * (1 << 20) // (KILLS + 1)
        while line.carried < mark and client.poll() is None:
            time.sleep(0.01)
        process.end(ours.process, how=signal.SIGKILL)
        ours = server.start(place, workers=1, port=ours.port)
    return ours


@pytest.mark.parametrize("checksum", ["no", "yes"] if FULL else ["no"])
def test_217_a_large_file_comes_through_cuts_and_kills(published: Path, tmp_path: Path, checksum: str) -> None:
    path, database = tmp_path / "large.bin", os.environ.get("DATABASE", "")
    path.write_bytes(random.Random(5).randbytes(MIB << 20))
    chance = random.Random(7)
    cuts = [chance.randrange(1 << 20, MIB << 20) for _ in range(CUTS)]
    with made("postgresql" if database else "sqlite", suffix="_bench_tus", url=database) as place:
        place.seed(members=4, files=0, heavy=0)
        ours = server.start(place, workers=1)
        try:
            with broken_line(ours.port, cuts) as line:
                client = upload(published, place, line.url, path, checksum=checksum)
                ours = kill_while(client, ours, line, place)
                told, trouble = client.communicate(timeout=300)
            assert client.returncode == 0, trouble
            file_id = int(told.strip().rstrip("/").rpartition("/")[2])
            file = stored(place, ours, file_id)
        finally:
            process.end(ours.process)
    assert line.cut == CUTS
    assert file["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    again = line.carried - (MIB << 20)
    print(f"{MIB} MiB, {line.cut} cuts, {KILLS} kills: {again / (1 << 20):.1f} MiB sent again")  # noqa: T201
    assert again <= (CUTS + KILLS) * CHUNK + HEADERS
