"""The commands of an operator, each run for real."""

from pathlib import Path

import pytest

from tests.doors.ops.conftest import Run

SAFE = {
    "CONSENTRY_MODE": "production",
    "SITE_URL": "https://data.example.org",
    "PROXIES": "1",
    "SMTP": "smtp://mail.example.org",
}
PAGE = Path(__file__).parents[3] / "docs" / "run" / "settings.md"


def test_check_lets_a_safe_set_up_pass(run: Run, tmp_path: Path) -> None:
    done = run("check", **SAFE, DATA=tmp_path / "data")
    assert done.returncode == 0, done.stderr


def test_check_says_everything_that_is_unsafe(run: Run, tmp_path: Path) -> None:
    unsafe = {"SITE_URL": "http://x.example.org", "ALLOWED_HOSTS": "*", "PROXIES": "0"}
    done = run("check", **SAFE | unsafe, STAFF_SITE="true", DATA=tmp_path / "data")
    assert done.returncode == 1
    for mending in ("SITE_URL=https://", "ALLOWED_HOSTS=", "PROXIES=1", "STAFF_PATH="):
        assert mending in done.stderr


def test_316_production_does_not_start_unsafely(run: Run, tmp_path: Path) -> None:
    settings = SAFE | {"SITE_URL": "http://x.example.org", "DATA": str(tmp_path / "data")}
    done = run("serve", "--port", "0", **settings)
    assert done.returncode == 1
    assert "SITE_URL=https://" in done.stderr


def test_316_a_key_that_others_can_read_stops_every_command(run: Run, tmp_path: Path) -> None:
    assert run("check", **SAFE, DATA=tmp_path).returncode in (0, 1)
    (tmp_path / "keys" / "instance.key").chmod(0o644)
    done = run("check", **SAFE, DATA=tmp_path)
    assert done.returncode == 1
    assert "chmod 600" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_read_is_said_in_a_sentence(run: Run, tmp_path: Path) -> None:
    done = run("check", **SAFE | {"PROXIES": "many"}, DATA=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: PROXIES='many'")


def test_production_does_not_serve_an_older_database(run: Run, tmp_path: Path) -> None:
    done = run("serve", "--port", "0", **SAFE, DATA=tmp_path / "data")
    assert done.returncode == 1
    assert "consentry-server migrate" in done.stderr


def test_a_port_that_is_taken_is_said(run: Run, demo: object, tmp_path: Path) -> None:
    port = str(demo.url).rsplit(":", 1)[1]  # type: ignore[attr-defined]
    done = run("serve", "--port", port, DATA=tmp_path / "data", DATABASE="")
    assert done.returncode == 1
    assert "cannot be served" in done.stderr


def test_migrate_twice_is_fine(run: Run, site: dict[str, str]) -> None:
    assert run("migrate", **site).returncode == 0


def test_manage_passes_on_to_django(run: Run, site: dict[str, str]) -> None:
    done = run("manage", "showmigrations", "members", "--plan", **site)
    assert done.returncode == 0
    assert "[X]" in done.stdout


def test_the_page_of_settings_is_fresh(run: Run, tmp_path: Path) -> None:
    assert run("settings-table", "--check", PAGE, DATA=tmp_path).returncode == 0
    stale = tmp_path / "stale.md"
    stale.write_text("# Settings\n")
    done = run("settings-table", "--check", stale, DATA=tmp_path)
    assert done.returncode == 1
    assert "is stale" in done.stderr


def test_staff_create_makes_somebody_once(run: Run, site: dict[str, str]) -> None:
    words = ["staff", "create", "ines", "--email", "i@example.org", "--password", "long-enough-7"]
    assert run(*words, **site).returncode == 0
    again = run(*words, **site)
    assert again.returncode == 1
    assert "That username is taken." in again.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["ines", "--email", "i@example.org", "--password", "short"],
        ["ines", "--email", "i@example.org", "--password", "password"],
        ["in es", "--email", "i@example.org", "--password", "long-enough-7"],
        ["ines", "--email", "nowhere", "--password", "long-enough-7"],
    ],
)
def test_staff_create_takes_nothing_bad(run: Run, site: dict[str, str], words: list[str]) -> None:
    done = run("staff", "create", *words, **site)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")


def test_an_empty_outbox_prints_nothing(run: Run, tmp_path: Path) -> None:
    done = run("written-mail", "--data", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
