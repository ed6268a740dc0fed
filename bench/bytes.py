"""Large and small files in and out, beside nginx, a fixed answer, and dd with sha256sum."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import process, server
from bench.options import Options
from bench.place import Place, made
from bench.report import Row, compared, loads, middle
from bench.server import Server, free_port
from bench.wrk import load

API = "/api/direct-sharing/project/"
SMALL_FILES = 200
CALLERS = 64  # of small downloads: each waits for the disk to keep its line of the ledger, all of them together
MIB = 1 << 20
NGINX = """
daemon off; {user} worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{
    access_log off; sendfile on; tcp_nopush on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; location / {{ root {root}; }} }}
    server {{
        listen 127.0.0.1:{before};
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        location / {{ proxy_pass {server}; }}
        location /stored/ {{ internal; alias {blobs}/; }}
    }}
}}
"""
BEHIND = {"PROXIES": "1", "INTERNAL_REDIRECT": "/stored/"}


def measure(options: Options) -> Iterator[Row]:
    """Yield the rows of every database; the bytes are on the same disk for all."""
    for kind in options.databases:
        with made(kind, url=options.postgresql) as place:
            seeded = {"files": 20, "heavy": SMALL_FILES, "blobs": SMALL_FILES, "large": options.large}
            place.seed(members=100, **seeded)
            where = f"{kind}, 2 workers"
            with server.running(place, env=BEHIND) as behind:
                yield from _behind_nginx(options, place, behind, where)
            with server.running(place) as ours:
                yield from _downloads(options, place, ours, where)
                yield from _small_downloads(options, place, ours, where)
                yield from _uploads(options, place, ours, where)


def addresses(place: Place, ours: Server, number: str, *, limit: int = 1) -> list[str]:
    """Return the addresses of a member's first files to which their download links lead."""
    asked = f"{API}exchange-member/?project_member_id={number}&limit={limit}"
    _, body, _ = ours.get(asked, place.bearer)
    links = [file["download_url"].split("/", 3)[3] for file in json.loads(body)["data"]]
    return [ours.get(f"/{link}", {})[2]["location"] for link in links]


def large_address(place: Place, ours: Server) -> str:
    """Return the address of the large file: the newest, so the last of its member's list."""
    number = place.facts["large"]
    _, body, _ = ours.get(f"{API}exchange-member/?project_member_id={number}", place.bearer)
    (link,) = (
        file["download_url"].split("/", 3)[3]
        for file in json.loads(body)["data"]
        if file["id"] == place.facts["large_id"]
    )
    return ours.get(f"/{link}", {})[2]["location"]


def _downloads(options: Options, place: Place, ours: Server, where: str) -> Iterator[Row]:
    large = Path(place.facts["large_path"])
    with _nginx(place, large.parent, server=ours.url) as (port, _):
        limit = f"http://127.0.0.1:{port}/{large.name}"
        mine = ours.url + large_address(place, ours)
        with ours.growth() as grown:
            rounds = _in_turn(options, mine, limit)
    yield Row("bytes", where, "download", unit="MiB/s", goal="0.8", **compared(*rounds))
    yield Row("bytes", where, "download: memory growth", grown[0], "MiB", goal="< 16")


def _behind_nginx(options: Options, place: Place, behind: Server, where: str) -> Iterator[Row]:
    """Our server says that the download may begin, and nginx sends it."""
    large = Path(place.facts["large_path"])
    with _nginx(place, large.parent, server=behind.url) as (port, before):
        mine = f"http://127.0.0.1:{before}{large_address(place, behind)}"
        rounds = _in_turn(options, mine, f"http://127.0.0.1:{port}/{large.name}")
    yield Row("bytes", where, "download behind nginx", unit="MiB/s", goal="0.95", **compared(*rounds))


def _in_turn(options: Options, mine: str, limit: str) -> tuple[list[float], list[float]]:
    for url in (mine, limit):
        _download(url, options.large)
    rounds: tuple[list[float], list[float]] = ([], [])
    for _ in range(options.rounds):
        rounds[0].append(_download(mine, options.large))
        rounds[1].append(_download(limit, options.large))
    return rounds


def _download(url: str, mib: int) -> float:
    """Return MiB per second of one download."""
    form = "%{size_download} %{time_total}"
    size, seconds = process.run(["curl", "-sSf", "-o", "/dev/null", "-w", form, url]).split()
    assert int(size) == mib * MIB, f"{size} bytes came"
    return mib / float(seconds)


@contextmanager
def _nginx(place: Place, root: Path, *, server: str) -> Iterator[tuple[int, int]]:
    """Give the port at which nginx sends what lies in a folder, and the one at which it stands before a server."""
    folder, port, before = place.folder / "nginx", free_port(), free_port()
    folder.mkdir(exist_ok=True)
    user = "user root;" if Path("/proc/self").owner() == "root" else ""
    file = folder / "nginx.conf"
    blobs = place.folder / "blobs"
    where = {"port": port, "root": root, "before": before, "server": server, "blobs": blobs}
    file.write_text(NGINX.format(folder=folder, user=user, **where))
    child = process.start(["nginx", "-p", folder, "-c", file], log=folder / "start.log")
    try:
        process.wait_until((folder / "nginx.pid").exists, seconds=10, what="nginx starting")
        yield port, before
    finally:
        process.end(child)


def _small_downloads(options: Options, place: Place, ours: Server, where: str) -> Iterator[Row]:
    """Every request opens another file: a look-up, a line of the ledger, 16 KiB."""
    files = addresses(place, ours, place.facts["heavy"], limit=SMALL_FILES)
    with server.running(place, server.FIXED) as fixed:
        _, body, _ = ours.get(files[0], {})
        assert body == fixed.get(files[0], {})[1], "the fixed answer is of the same size"
        rounds: tuple[list[Any], list[Any]] = ([], [])
        load(place, ours, files, seconds=1)
        for _ in range(options.rounds):
            rounds[0].append(load(place, ours, files, seconds=options.seconds, callers=CALLERS))
            rounds[1].append(load(place, fixed, files, seconds=options.seconds, callers=CALLERS))
    found = loads(*rounds)
    yield Row("bytes", where, "16 KiB downloads", unit="/s", goal="0.5", **found)
    yield Row("bytes", where, "10,000 of them", 10_000 / found["ours"], "s")


def _uploads(options: Options, place: Place, ours: Server, where: str) -> Iterator[Row]:
    source = place.folder / "upload.bin"
    shutil.copyfile(place.facts["large_path"], source)
    rounds: tuple[list[float], list[float]] = ([], [])
    grown: list[float] = []
    for _ in range(options.rounds):
        with ours.growth() as now:
            rounds[0].append(options.large / _upload(place, ours, source))
        grown += now
        rounds[1].append(options.large / _dd(source, place.folder / "copy.bin"))
    yield Row("bytes", where, "upload", unit="MiB/s", goal="0.8", **compared(*rounds))
    yield Row("bytes", where, "upload: memory growth", max(grown), "MiB", goal="< 32")
    yield Row("bytes", where, "upload: growth, median", middle(grown), "MiB")


def _upload(place: Place, ours: Server, source: Path) -> float:
    """Upload a file as a form, and delete it again; return the seconds of the upload."""
    form = {
        "project_member_id": place.facts["heavy"],
        "metadata": '{"tags":[],"description":"large"}',
        "data_file": f"@{source}",
    }
    answer = _curl(place, f"{ours.url}{API}files/upload/", form)
    seconds, file_id = float(answer.rsplit("}", 1)[1]), re.findall(r'"id":(\d+)', answer)
    form = {"project_member_id": place.facts["heavy"], "file_id": file_id[0]}
    _curl(place, f"{ours.url}{API}files/delete/", form)
    return seconds


def _curl(place: Place, url: str, form: dict[str, str]) -> str:
    fields = [part for name, value in form.items() for part in ("-F", f"{name}={value}")]
    header = f"Authorization: Bearer {place.facts['token']}"
    options = ["-sS", "--fail-with-body", "-H", header, "-H", "Expect:", "-w", "%{time_total}"]
    return process.run(["curl", *options, *fields, url])


def _dd(source: Path, target: Path) -> float:
    """Write, hash and sync side by side, as fast as the system's own tools do it."""
    began = time.monotonic()
    copy = process.start(["dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync", "status=none"])
    process.run(["sha256sum", source])
    copy.wait()
    seconds = time.monotonic() - began
    target.unlink()
    return seconds
