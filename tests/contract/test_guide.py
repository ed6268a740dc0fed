"""The examples of the guide, copied from its pages as a coordinator sees them, and run as they stand."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import Demo

Examples = Callable[[str, str], list[str]]


@pytest.fixture
def examples(demo: Demo) -> Iterator[Examples]:
    """Return the examples of a page of the guide with the values of that project, for who runs it."""
    with httpx.Client(base_url=demo.url, follow_redirects=True) as browser:
        yield _reader(demo, browser)


def _reader(demo: Demo, browser: httpx.Client) -> Examples:
    login = browser.get("/account/login/").text
    proof = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', login)[0]
    password = json.loads((demo.folder / "demo.json").read_text())["world"]["passwords"]["coordinator"]
    fields = {"login": "coordinator", "password": password, "csrfmiddlewaretoken": proof}
    assert "Log out" in browser.post("/account/login/", data=fields).text

    def read(slug: str, project: str) -> list[str]:
        page = browser.get(f"/direct-sharing/{slug}/", params={"project": project}).raise_for_status().text
        return [unescape(block) for block in re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)]

    return read


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., list[str]]:
    """Run what stands in some examples, in an empty folder, and return what each prints."""
    (tmp_path / ".curlrc").write_text("fail\nsilent\nshow-error\n")
    (tmp_path / "week3.csv").write_text("day,hours\n2026-01-12,7.5\n")

    def run_all(blocks: list[str], **more: str) -> list[str]:
        environment = os.environ | {"CURL_HOME": str(tmp_path)} | more
        found = []
        for command in commands(blocks):
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{command[-1]}\n{done.stderr}"
            found.append(done.stdout)
        return found

    return run_all


def commands(blocks: list[str]) -> list[list[str]]:
    """Return how to run the lines for curl and the Python of a page."""
    shell = [["bash", "-euc", block] for block in blocks if block.startswith("curl")]
    return [*shell, *([sys.executable, "-c", block] for block in blocks if block.startswith("import "))]


def first_file(demo: Demo) -> dict[str, Any]:
    query = {"access_token": demo.facts["on_site"]["master_token"]}
    answer = httpx.get(f"{demo.url}/api/direct-sharing/project/members/", params=query)
    found: dict[str, Any] = answer.raise_for_status().json()["results"][0]["data"][0]
    return found


def test_the_examples_of_data_access_fetch_all_files_of_a_member(
    demo: Demo, examples: Examples, run: Callable[..., list[str]], tmp_path: Path
) -> None:
    file, token = first_file(demo), demo.facts["on_site"]["master_token"]
    blocks = examples("on-site-data-access", "sleep-and-daylight-study")
    members, one, _, paged, about, printed = run(blocks, TOKEN=token, DOWNLOAD_URL=file["download_url"])

    number = demo.facts["users"]["alice"]["on_site"]
    assert {row["project_member_id"] for row in json.loads(members)["results"]} == set(demo.facts["on_site"]["members"])
    assert json.loads(one)["project_member_id"] == number
    assert json.loads(one)["count"] == 105
    assert hashlib.sha256((tmp_path / "file.bin").read_bytes()).hexdigest() == file["sha256"]
    assert (json.loads(paged)["count"], json.loads(paged)["results"]) == (2, [])
    assert json.loads(about)["id"] == demo.facts["on_site"]["id"]
    assert f"{number} 105 files" in printed
    assert len(list((tmp_path / number).iterdir())) == 105


def test_the_examples_of_data_access_for_apps_fetch_all_files_of_a_member(
    demo: Demo, examples: Examples, run: Callable[..., list[str]], tmp_path: Path
) -> None:
    file, token = first_file(demo), demo.facts["users"]["alice"]["access_token"]
    outputs = run(examples("oauth2-data-access", "step-coach"), TOKEN=token, DOWNLOAD_URL=file["download_url"])

    assert json.loads(outputs[0])["project_member_id"] == demo.facts["users"]["alice"]["oauth2"]
    assert len(list(tmp_path.glob("*-*.*"))) == json.loads(outputs[0])["count"]


def test_the_examples_of_messages_and_of_bringing_files_do_what_they_say(
    demo: Demo, examples: Examples, run: Callable[..., list[str]]
) -> None:
    token = demo.facts["big"]["master_token"]
    assert run(examples("on-site-messages", "hundred-walks"), TOKEN=token)[0] == '"success"'
    uploaded, deleted, again = run(examples("on-site-data-upload", "hundred-walks"), TOKEN=token)

    assert json.loads(deleted) == {"ids": [json.loads(uploaded)["id"]]}
    assert int(again) > json.loads(uploaded)["id"]
    written = examples("on-site-data-upload", "hundred-walks")
    run([block for block in written if "/files/delete/" in block], TOKEN=token)  # as it was, for other tests
