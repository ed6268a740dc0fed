"""The published package open-humans-api 0.2.9, unmodified, brings files to a real server."""

import csv
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.impostor import impostor
from tests.servers import Demo

pytestmark = pytest.mark.published
PROJECT = "/api/direct-sharing/project/"
METADATA = {"description": "Sleep, week 3", "tags": ["sleep"]}


def run(published: Path, demo: Demo, code: str) -> Any:
    """Run lines of Python in the client's environment; they print JSON."""
    environment = {"OHAPI_OH_BASE_URL": demo.url, "PATH": "/usr/bin:/bin"}
    command = [published / "python", "-c", f"import json\nfrom ohapi import api\n{code}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def bob(demo: Demo) -> dict[str, str]:
    token, number = demo.facts["on_site"]["master_token"], demo.facts["users"]["bob"]["on_site"]
    return {"access_token": token, "project_member_id": number}


def own_files(demo: Demo) -> dict[str, Any]:
    """Return what the project brought to bob, by name."""
    page = httpx.get(f"{demo.url}{PROJECT}exchange-member/", params=bob(demo) | {"limit": "1000"}).json()
    return {file["basename"]: file for file in page["data"] if file["source"] not in page["sources_shared"]}


def content(file: dict[str, Any]) -> bytes:
    return httpx.get(file["download_url"], follow_redirects=True).content


def forget(published: Path, demo: Demo) -> None:
    """Delete with the client what the project brought: the demo is left as it was found."""
    names = list(own_files(demo))
    for name in names:
        run(published, demo, f"print(api.delete_file(file_basename={name!r}, **{bob(demo)!r}).text)")
    assert own_files(demo) == {}


@pytest.mark.parametrize("function", ["upload_file", "upload_aws"])
def test_a_file_is_uploaded_and_deleted(published: Path, demo: Demo, tmp_path: Path, function: str) -> None:
    path = tmp_path / "week 3 (ä).bin"
    path.write_bytes(os.urandom(1_500_000))
    code = f"print(api.{function}(target_filepath={str(path)!r}, metadata={METADATA!r}, **{bob(demo)!r}).text)"
    assert run(published, demo, code) == {"status": "ok", "size": 1_500_000}
    file = own_files(demo)[path.name]
    assert content(file) == path.read_bytes()
    assert file["metadata"] == METADATA
    forget(published, demo)


def test_a_stream_is_uploaded_and_not_again(published: Path, demo: Demo) -> None:
    code = (
        "import io\n"
        f"def send(**more): return api.upload_stream(io.BytesIO(b'0123456789'), 'stream.csv', {METADATA!r},"
        f" **{bob(demo)!r}, **more)\n"
    )
    assert run(published, demo, f"{code}print(send().text)") == {"status": "ok", "size": 10}
    known = own_files(demo)["stream.csv"]
    again = run(published, demo, f"{code}print(json.dumps(send(remote_file_info={known!r})))")
    assert "remote exists with matching file size" in again
    assert content(known) == b"0123456789"
    forget(published, demo)


def fill_in(table: Path) -> None:
    """Write what a person would into the empty columns of a draft."""
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"tags": "sleep,week 3", "description": "described"} for row in rows)


def test_ohproj_upload_brings_a_folder(published: Path, demo: Demo, tmp_path: Path) -> None:
    folder, table, who = tmp_path / "bob", tmp_path / "metadata.csv", bob(demo)
    folder.mkdir()
    for name in ("one.csv", "two words.csv"):
        (folder / name).write_text(f"{name},1\n")
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    # the client's own draft of the metadata: it writes the table and the checksums
    describe = [published / "ohproj-upload-metadata", "-d", folder, "--create-csv", table]
    subprocess.run(describe, env=environment, check=True, capture_output=True)
    fill_in(table)
    with impostor("www.openhumans.org", demo.url, tmp_path) as proxy:
        base = {"OHAPI_OH_BASE_URL": demo.url}
        command = [published / "ohproj-upload", "-T", who["access_token"], "-m", who["project_member_id"]]
        command += ["-d", folder, "--metadata-csv", table]
        done = subprocess.run(command, env=environment | proxy | base, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files = own_files(demo)
    assert {name: content(file) for name, file in files.items()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }
    for path in folder.iterdir():
        found = files[path.name]["metadata"]
        assert (found["tags"], found["description"]) == (["sleep", "week 3"], "described")
        assert found["md5"] == hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    forget(published, demo)
