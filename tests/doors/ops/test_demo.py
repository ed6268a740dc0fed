"""The demo: one command makes the world, later starts find it again."""

import json
import shlex
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.doors.ops.conftest import Run
from tests.servers import own_database

HERE = {"CONSENTRY_MODE": "demo"}


@pytest.fixture(scope="module")
def built(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A demo that was built once, for tests that only look, or add."""
    folder = tmp_path_factory.mktemp("demo")
    with own_database(empty=True) as database:
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
    app = {"client_id", "client_secret", "redirect_uri"}
    assert set(facts["oauth2"]) == label | app | {"members", "datatype"}
    assert set(facts["oauth2_hook"]) == label | app | {"deauth_webhook", "webhook_secret"}
    assert facts["big"]["n_members"] == 104
    login = {"username", "password", "email", "n_files"}
    member = login | {"on_site", "oauth2"}
    alice = member | {"access_token", "refresh_token", "file", "public_file"}
    assert {name: set(user) for name, user in facts["users"].items()} == {
        "alice": alice, "bob": member, "joiner": login,
    }  # fmt: skip
    assert facts["on_site"]["id_label"] == f"direct-sharing-{facts['on_site']['id']}"


def test_the_people_are_as_the_specification_says(built: dict[str, Any]) -> None:
    users = built["facts"]["users"]
    assert [users[name]["n_files"] for name in ("alice", "bob", "joiner")] == [105, 2, 3]
    for project in ("on_site", "oauth2"):
        assert [users[name][project] for name in ("alice", "bob")] == built["facts"][project]["members"]
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
    assert facts["public_source"] is None
    assert facts["users"]["alice"]["public_file"] is None


def test_secrets_are_for_the_owner_only(built: dict[str, Any]) -> None:
    folder = built["folder"]
    assert mode(folder / "facts.json") == mode(folder / "data" / "demo.json") == 0o600
    assert mode(folder / "data") == mode(folder / "data" / "keys") == 0o700


def test_a_person_is_told_how_to_get_in(built: dict[str, Any]) -> None:
    facts, said = built["facts"], built["said"]
    for user in facts["users"].values():
        assert user["password"] in said
    assert len([line for line in said.splitlines() if line.startswith("curl ")]) == 4
    assert f"/oauth2/authorize/?client_id={facts['oauth2_hook']['client_id']}&" in said


def test_the_webhook_of_the_demo_is_beside_the_return_of_its_app(built: dict[str, Any]) -> None:
    app = built["facts"]["oauth2_hook"]
    back, hook = urlsplit(app["redirect_uri"]), urlsplit(app["deauth_webhook"])
    assert back.geturl() == "http://127.0.0.1:5000/openhumans/complete"
    assert (hook.scheme, hook.hostname, hook.path) == ("http", "127.0.0.1", "/openhumans/deauth")
    assert 16 <= len(app["webhook_secret"]) <= 64
    with socket.create_server(("127.0.0.1", hook.port or 0)):
        """The port is free."""


def test_a_later_start_finds_the_same_world_at_another_port(run: Run, built: dict[str, Any]) -> None:
    again = start_again(run, built, "--port", "8765")
    assert again["on_site"]["join_url"].startswith("http://127.0.0.1:8765/")
    assert again["expired_download_url"].startswith("http://127.0.0.1:8765/")
    before = deepcopy(built["facts"])
    for key in ("access_token", "refresh_token"):
        assert again["users"]["alice"][key] != before["users"]["alice"][key]
    for changing in ("join_url", "expired_download_url", "access_token", "refresh_token"):
        for facts in (again, again["on_site"], again["users"]["alice"], *(before, before["on_site"])):
            facts.pop(changing, None)
        before["users"]["alice"].pop(changing, None)
    assert again == before


def manage(run: Run, built: dict[str, Any], code: str) -> None:
    """Change the world as somebody would by its pages."""
    data = built["folder"] / "data"
    settings = {"DATA": data, "DATABASE": json.loads((data / "demo.json").read_text())["database"]}
    lines = "from consentry_server.projects.models import Project\nfrom consentry_server.ops._start import now\n" + code
    done = run("manage", "shell", "--no-imports", "-c", lines, **HERE, **settings)
    assert done.returncode == 0, done.stderr


def test_a_secret_that_was_replaced_on_its_page_gets_a_successor_at_the_next_start(
    run: Run, built: dict[str, Any]
) -> None:
    app = built["facts"]["oauth2_hook"]
    rotate = (
        "from datetime import timedelta\nfrom consentry_server.tokens import actions\n"
        "from consentry_server.tokens.queries import acting\n"
        f"old = acting.secrets_of({app['id']}, now=now())[0].fingerprint\n"
        f"about = {{'project_id': {app['id']}, 'actor': 'member:1', 'replacing': old, 'now': now()}}\n"
        "actions.rotate_secret(overlap=timedelta(0), **about)"
    )
    manage(run, built, rotate)
    fresh = start_again(run, built)["oauth2_hook"]["client_secret"]
    assert fresh != app["client_secret"]
    assert start_again(run, built)["oauth2_hook"]["client_secret"] == fresh
    app["client_secret"] = fresh


def test_alices_app_gets_no_tokens_for_what_she_did_not_agree_to(run: Run, built: dict[str, Any]) -> None:
    app = built["facts"]["oauth2"]["id"]
    change = "Project.objects.filter(id=%d).update(request_username_access=%s)"
    manage(run, built, change % (app, False))
    alice = start_again(run, built)["users"]["alice"]
    manage(run, built, change % (app, True))
    assert (alice["access_token"], alice["refresh_token"]) == (None, None)


def test_a_webhook_whose_port_was_taken_moves_to_a_free_one(run: Run, built: dict[str, Any]) -> None:
    before = built["facts"]["oauth2_hook"]["deauth_webhook"]
    with socket.create_server(("127.0.0.1", urlsplit(before).port or 0)):
        moved = start_again(run, built)["oauth2_hook"]["deauth_webhook"]
    assert moved != before
    assert urlsplit(moved).path == urlsplit(before).path
    built["facts"]["oauth2_hook"]["deauth_webhook"] = moved


def test_a_demo_of_an_earlier_version_says_how_to_go_on(run: Run, tmp_path: Path, built: dict[str, Any]) -> None:
    kept = built["folder"] / "data" / "demo.json"
    whole = kept.read_text()
    old = json.loads(whole)
    del old["world"]["client_secrets"]
    kept.write_text(json.dumps(old))
    done = run(*built["words"], "--facts", tmp_path / "f.json")
    kept.write_text(whole)
    assert done.returncode == 1
    assert "Use --fresh" in done.stderr
    assert not (tmp_path / "f.json").exists()


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


def test_a_bucket_that_cannot_be_had_is_told_of_in_a_line(run: Run, tmp_path: Path) -> None:
    done = run("demo", "--data", tmp_path / "d", "--no-serve", "--storage", "s3://bucket")
    assert done.returncode == 1
    assert "Look at --storage" in done.stderr
    assert "Traceback" not in done.stderr.splitlines()[-1]


def test_facts_need_a_folder_to_be_in(run: Run, tmp_path: Path) -> None:
    done = run("demo", "--data", tmp_path / "d", "--no-serve", "--facts", tmp_path / "no" / "f")
    assert done.returncode == 1
    assert not (tmp_path / "d").exists()


def test_help_comes_before_anything_heavy_is_loaded() -> None:
    asks = "import sys\nfrom consentry_server.ops.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    says = "print(*{'django', 'granian', 'psycopg', 'allauth'} & set(sys.modules), sep='!')"
    done = subprocess.run([sys.executable, "-c", asks + says], capture_output=True, text=True, check=True)
    assert "reconcile" in done.stdout
    assert done.stdout.endswith("\n\n")
