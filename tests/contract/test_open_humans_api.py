"""The published package open-humans-api 0.2.9, unmodified, against a real server."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.impostor import impostor
from tests.contract.mails import mailed
from tests.servers import Demo

pytestmark = pytest.mark.published
PROJECT = "/api/direct-sharing/project/"


def ask(published: Path, demo: Demo, code: str) -> Any:
    """Run lines of Python in the client's environment; they print JSON."""
    environment = {"OHAPI_OH_BASE_URL": demo.url, "PATH": "/usr/bin:/bin"}
    command = [published / "python", "-c", f"import json\nfrom ohapi import api\n{code}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def members_url(demo: Demo, project: str = "on_site") -> str:
    return f"{demo.url}{PROJECT}members/?access_token={demo.facts[project]['master_token']}"


def test_get_page_returns_the_first_page_of_members(published: Path, demo: Demo) -> None:
    page = ask(published, demo, f"print(json.dumps(api.get_page({members_url(demo)!r})))")
    assert sorted(row["project_member_id"] for row in page["results"]) == sorted(demo.facts["on_site"]["members"])


def test_get_all_results_follows_the_links_over_two_pages(published: Path, demo: Demo) -> None:
    code = f"print(json.dumps(api.get_all_results({members_url(demo, 'big')!r})))"
    assert len(ask(published, demo, code)) == demo.facts["big"]["n_members"] > 100


def test_all_pages_of_a_member_are_fetched_as_exchange_oauth2_member_does(published: Path, demo: Demo) -> None:
    token, number = demo.facts["on_site"]["master_token"], demo.facts["users"]["alice"]["on_site"]
    code = (
        f"page = api.get_page({demo.url + PROJECT!r} + 'exchange-member/?access_token={token}"
        f"&project_member_id={number}&limit=50')\n"
        "data = page['data']\n"
        "while page['next']:\n    page = api.get_page(page['next'])\n    data += page['data']\n"
        "print(json.dumps([page['count'], len(data)]))"
    )
    assert ask(published, demo, code) == [demo.facts["users"]["alice"]["n_files"]] * 2


def test_delete_file_deletes_what_the_project_brought(published: Path, demo: Demo) -> None:
    token, number = demo.facts["on_site"]["master_token"], demo.facts["users"]["bob"]["on_site"]
    stored = httpx.post(
        f"{demo.url}{PROJECT}files/upload/",
        headers={"Authorization": f"Bearer {token}"},
        data={"project_member_id": number, "metadata": '{"description": "", "tags": []}'},
        files={"data_file": ("returned.csv", b"1,2\n")},
    )
    file_id = stored.raise_for_status().json()["id"]
    code = f"print(api.delete_file({token!r}, {number!r}, file_id={file_id}).text)"
    assert ask(published, demo, code) == {"ids": [file_id]}


def test_ohproj_download_fetches_all_files_of_a_member(published: Path, demo: Demo, tmp_path: Path) -> None:
    token, number = demo.facts["on_site"]["master_token"], demo.facts["users"]["alice"]["on_site"]
    target = tmp_path / "alice"
    target.mkdir()
    with impostor("www.openhumans.org", demo.url, tmp_path) as environment:
        command = [published / "ohproj-download", "-T", token, "-m", number, "-d", target]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in target.rglob("*") if path.is_file()}
    assert found == _listed(demo, token, number)


def _listed(demo: Demo, token: str, number: str) -> dict[str, str]:
    """Return the SHA-256 of each file of a member, from the entity tag of its own download."""
    query = {"access_token": token, "project_member_id": number, "limit": "1000"}
    page = httpx.get(f"{demo.url}{PROJECT}exchange-member/", params=query).json()
    with httpx.Client(follow_redirects=True) as client:
        tags = {file["basename"]: client.head(file["download_url"]).headers["ETag"] for file in page["data"]}
    assert len(tags) == demo.facts["users"]["alice"]["n_files"]
    return {name: tag.strip('"') for name, tag in tags.items()}


@pytest.mark.parametrize("chosen", ["all_members=True", "project_member_ids={numbers!r}"])
def test_message_reaches_each_member_by_a_mail_of_their_own(published: Path, demo: Demo, chosen: str) -> None:
    token, users = demo.facts["on_site"]["master_token"], demo.facts["users"]
    numbers = [users[name]["on_site"] for name in ("alice", "bob")]
    subject = f"Hello {chosen.split('=', maxsplit=1)[0]}"
    text = "You are {{ PROJECT_MEMBER_ID }} {% now 'Y' %}"
    call = f"api.message({subject!r}, {text!r}, {token!r}, {chosen.format(numbers=numbers)})"
    assert ask(published, demo, f"print({call}.text)") == "success"
    found = mailed(demo, subject, 2)
    for name in ("alice", "bob"):
        body = found[f"{name}@example.org"]
        assert body.splitlines()[0] == f"You are {users[name]['on_site']} {{% now 'Y' %}}"
        assert "@example.org" not in body


def test_a_message_to_a_stranger_is_refused_with_its_id(published: Path, demo: Demo) -> None:
    token, number = demo.facts["on_site"]["master_token"], demo.facts["users"]["alice"]["on_site"]
    stranger = demo.facts["on_site"]["revoked_member"]
    code = (
        "try:\n"
        f"    api.message('No', 'No', {token!r}, project_member_ids=[{number!r}, {stranger!r}])\n"
        "except Exception as error:\n    print(json.dumps(str(error)))"
    )
    assert f"Invalid project member ID(s): {stranger}" in ask(published, demo, code)
