"""The demo: one command makes the world, later starts find it again."""

import json
import shlex
import stat
import subprocess
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.doors.ops.conftest import Run
from tests.servers import own_database

HERE = {"CONSENTRY_MODE": "demo"}


@pytest.fixture(scope="module")
def built(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A demo that was built once, for tests that only look, or add."""
    folder = tmp_path_factory.mktemp("demo")
    with own_database() as database:
        words = ["demo", "--data", folder / "data", "--no-serve", "--port", "0"]
        words += ["--database", database] if database else []
        done = run(*words, "--facts", folder / "facts.json")
        assert done.returncode == 0, done.stderr
        facts = json.loads((folder / "facts.json").read_text())
        yield {"folder": folder, "words": words, "facts": facts, "said": done.stdout}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def start_again(run: Run, built: dict[str, Any], *more: object) -> dict[str, Any]:
    path = built["folder"] / "again.json"
    done = run(*built["words"], "--facts", path, *more)
    assert done.returncode == 0, done.stderr
    assert "Making" not in done.stderr
    return json.loads(path.read_text())  # type: ignore[no-any-return]


def test_the_facts_have_every_key_of_the_specification(built: dict[str, Any]) -> None:
    facts = built["facts"]
    assert list(facts) == [
        "on_site", "oauth2", "oauth2_hook", "big", "source", "public_source", "users", "expired",
        "expired_download_url", "outbox_command", "reset_token_command", "consent_command",
    ]  # fmt: skip
    label = {"id", "id_label", "name", "master_token"}
    assert set(facts["on_site"]) == label | {"members", "revoked_member", "join_url"}
    assert set(facts["big"]) == label | {"n_members"}
    assert set(facts["source"]) == label
    assert facts["big"]["n_members"] == 104
    assert set(facts["users"]) == {"alice", "bob", "joiner"}
    assert facts["on_site"]["id_label"] == f"direct-sharing-{facts['on_site']['id']}"


def test_the_people_are_as_the_specification_says(built: dict[str, Any]) -> None:
    users = built["facts"]["users"]
    assert [users[name]["n_files"] for name in ("alice", "bob", "joiner")] == [105, 2, 3]
    assert [users["alice"]["on_site"], users["bob"]["on_site"]] == built["facts"]["on_site"]["members"]
    assert users["alice"]["file"] == {
        "id": users["alice"]["file"]["id"],
        "basename": "alice-000.csv",
        "content": "alice,0\n",
        "metadata": {
            "tags": ["csv", "åäö"],
            "description": "File alice-000.csv",
            "dataYear": 2016,
        },
    }


def test_what_comes_later_is_null(built: dict[str, Any]) -> None:
    facts = built["facts"]
    for key in ("oauth2", "oauth2_hook", "public_source", "consent_command"):
        assert facts[key] is None
    assert facts["expired"]["access_token"] is None
    assert facts["users"]["alice"]["public_file"] is None


def test_secrets_are_for_the_owner_only(built: dict[str, Any]) -> None:
    folder = built["folder"]
    assert mode(folder / "facts.json") == mode(folder / "data" / "demo.json") == 0o600
    assert mode(folder / "data") == mode(folder / "data" / "keys") == 0o700


def test_a_person_is_told_how_to_get_in(built: dict[str, Any]) -> None:
    facts, said = built["facts"], built["said"]
    for user in facts["users"].values():
        assert user["password"] in said
    assert len([line for line in said.splitlines() if line.startswith("curl ")]) == 3


def test_a_later_start_finds_the_same_world_at_another_port(run: Run, built: dict[str, Any]) -> None:
    again = start_again(run, built, "--port", "8765")
    assert again["on_site"]["join_url"].startswith("http://127.0.0.1:8765/")
    assert again["expired_download_url"].startswith("http://127.0.0.1:8765/")
    before = deepcopy(built["facts"])
    for changing in ("join_url", "expired_download_url"):
        for facts in (again, again["on_site"], before, before["on_site"]):
            facts.pop(changing, None)
    assert again == before


def test_the_outbox_command_runs_as_it_stands(built: dict[str, Any]) -> None:
    mail = built["folder"] / "data" / "mail"
    mail.mkdir(exist_ok=True)
    (mail / "1.log").write_text(MAILS)
    done = subprocess.run(["sh", "-c", built["facts"]["outbox_command"]], capture_output=True, text=True, check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"to": ["alice@example.org"], "subject": "Grüße", "body": f"One\n{'-' * 79}\nstill one\n"},
        {"to": ["bob@example.org", "c@example.org"], "subject": "Two", "body": "Two\n"},
    ]


MAILS = f"""Content-Type: text/plain; charset="utf-8"
MIME-Version: 1.0
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
From: Consentry <noreply@localhost>
To: alice@example.org

One
{"-" * 79}
still one

{"-" * 79}
Content-Type: text/plain; charset="utf-8"
MIME-Version: 1.0
Subject: Two
From: Consentry <noreply@localhost>
To: bob@example.org, C <c@example.org>

Two

{"-" * 79}
"""


def test_the_reset_command_replaces_the_token(run: Run, built: dict[str, Any]) -> None:
    big = built["facts"]["big"]
    words = shlex.split(built["facts"]["reset_token_command"])[4:]
    done = run(*words, OH_PROJECT_ID=big["id"])
    assert done.returncode == 0, done.stderr
    fresh = done.stdout.strip()
    assert fresh.startswith("csm")
    assert fresh != big["master_token"]
    big["master_token"] = fresh
    assert start_again(run, built)["big"]["master_token"] == fresh


@pytest.mark.parametrize("number", ["", "0", "99999", "-1", "four", "1" * 40, "²"])
def test_the_reset_command_refuses_what_is_no_project(run: Run, built: dict[str, Any], number: str) -> None:
    done = run("reset-token", "--data", built["folder"] / "data", OH_PROJECT_ID=number)
    assert done.returncode == 1
    assert "is not the id of a project" in done.stderr
    assert done.stdout == ""


def test_nothing_is_left_to_reconcile(run: Run, built: dict[str, Any]) -> None:
    kept = json.loads((built["folder"] / "data" / "demo.json").read_text())
    settings = {"DATA": built["folder"] / "data", "DATABASE": kept["database"]}
    done = run("reconcile", "--dry-run", **HERE, **settings)
    assert done.returncode == 0, done.stdout


def test_a_folder_of_something_else_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for more in ([], ["--fresh"]):
        done = run("demo", "--data", tmp_path, "--no-serve", *more, "--facts", tmp_path / "f.json")
        assert done.returncode == 1
        assert "is not the folder of a demo" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_database_with_somebody_in_it_is_left_alone(run: Run, built: dict[str, Any], tmp_path: Path) -> None:
    kept = json.loads((built["folder"] / "data" / "demo.json").read_text())
    if not kept["database"]:
        pytest.skip("an embedded database is always inside the folder")
    words = ["demo", "--data", tmp_path / "other", "--no-serve", "--database", kept["database"]]
    for more in ([], ["--fresh"]):
        done = run(*words, *more, "--facts", tmp_path / "f.json")
        assert done.returncode == 1
        assert "already holds accounts" in done.stderr
    assert not (tmp_path / "f.json").exists()


def test_reset_token_refuses_outside_of_a_demo(run: Run, site: dict[str, str]) -> None:
    done = run("reset-token", **site, OH_PROJECT_ID="1")
    assert done.returncode == 1
    assert "is not the folder of a demo" in done.stderr


def test_fresh_builds_another_world_with_other_secrets(run: Run, tmp_path: Path, database: str) -> None:
    words = ["demo", "--data", tmp_path / "data", "--no-serve", "--facts", tmp_path / "f.json"]
    words += ["--database", database] if database else []
    assert run(*words).returncode == 0
    first = json.loads((tmp_path / "f.json").read_text())
    done = run(*words, "--fresh")
    assert done.returncode == 0, done.stderr
    second = json.loads((tmp_path / "f.json").read_text())
    for key in ("on_site", "source", "big"):
        assert first[key]["id"] == second[key]["id"]
        assert first[key]["master_token"] != second[key]["master_token"]
    assert first["users"]["alice"]["password"] != second["users"]["alice"]["password"]


def test_an_unfinished_world_is_built_anew(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "demo.json").write_text(json.dumps({"site": "", "database": "", "storage": ""}))
    done = run("demo", "--data", data, "--no-serve")
    assert done.returncode == 0, done.stderr


def test_a_bucket_is_not_taken_yet(run: Run, tmp_path: Path) -> None:
    done = run("demo", "--data", tmp_path / "d", "--no-serve", "--storage", "s3://bucket")
    assert done.returncode == 1
    assert "--storage takes a folder" in done.stderr


def test_facts_need_a_folder_to_be_in(run: Run, tmp_path: Path) -> None:
    done = run("demo", "--data", tmp_path / "d", "--no-serve", "--facts", tmp_path / "no" / "f")
    assert done.returncode == 1
    assert not (tmp_path / "d").exists()


def test_the_served_world_answers_as_the_facts_say(demo: Any) -> None:
    facts = demo.facts
    api = f"{demo.url}/api/direct-sharing/project"

    def get(key: str, path: str = "/", **query: Any) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {facts[key]['master_token']}"}
        return httpx.get(f"{api}{path}", headers=bearer, params=query)

    for key in ("on_site", "big", "source"):
        assert get(key).json()["name"] == facts[key]["name"]
    big = get("big", "/members/", limit=200).json()
    assert big["count"] == len(big["results"]) == 104
    members = {row["project_member_id"] for row in get("on_site", "/members/").json()["results"]}
    assert set(facts["on_site"]["members"]) <= members
    alice = get("on_site", "/exchange-member/", project_member_id=facts["users"]["alice"]["on_site"])
    assert alice.json()["count"] == 105
    assert {file["source"] for file in alice.json()["data"]} == {facts["source"]["id_label"]}
    gone = get("on_site", "/exchange-member/", project_member_id=facts["on_site"]["revoked_member"])
    assert gone.status_code == 400
    assert get("expired").json() == {"detail": "Expired token."}
    assert httpx.get(facts["expired_download_url"]).status_code == 403


def test_the_curl_lines_work_as_printed(demo: Any, tmp_path: Path) -> None:
    from consentry_server.ops.world.guide import curl_lines

    lines = list(curl_lines(demo.facts, site=demo.url))
    done = [
        subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True, cwd=tmp_path) for line in lines
    ]
    assert json.loads(done[0].stdout)["id"] == demo.facts["on_site"]["id"]
    assert json.loads(done[1].stdout)["count"] >= 2
    assert done[2].stdout == demo.facts["users"]["alice"]["file"]["content"]


def test_help_comes_at_once(run: Run) -> None:
    from_ = time.monotonic()
    done = run("--help")
    assert done.returncode == 0
    assert "reconcile" in done.stdout
    assert time.monotonic() - from_ < 3
