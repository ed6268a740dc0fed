"""Rule 8: nothing grows past what a person can hold in view. Rule 9: migrations, locks."""

from pathlib import Path

import pytest

from tests.architecture import locks, sizes
from tests.architecture.conftest import Planted
from tests.architecture.house import ROOT, SOURCE

CODE = [ROOT / "server" / "src", ROOT / "client" / "src", ROOT / "tests", ROOT / "bench"]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MODULES = ROOT / "requirements" / "package-lock.json"


def test_no_file_is_longer_than_400_lines() -> None:
    assert [said for folder in CODE for said in sizes.long_files(folder)] == []


def test_no_function_is_long_tangled_or_greedy() -> None:
    assert sizes.tangled_functions(*(folder for folder in CODE[:2])) == []


def test_common_stays_small() -> None:
    assert sizes.crowded_common(SOURCE) == []


def test_migrations_are_linear_and_named_by_hand() -> None:
    assert sizes.untidy_migrations(SOURCE) == []


def test_a_planted_long_file_is_caught(planted: Planted) -> None:
    planted.write("x = 1\n" * 401, "web/pages.py")

    assert sizes.long_files(planted.source) == ["consentry_server/web/pages.py has 401 lines"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("def f():\n" + "    print()\n" * 31, "PLR0915"),
        ("def f(a):  # noqa: C901\n" + "    if a:\n        print()\n" * 8, "C901"),
        ("def f(a, b, c, d, e, f, g):\n    return a\n", "PLR0913"),
    ],
)
def test_a_planted_long_tangled_or_greedy_function_is_caught(planted: Planted, text: str, rule: str) -> None:
    path = planted.write(text, "web/pages.py")

    complaints = sizes.tangled_functions(planted.source)

    assert len(complaints) == 1
    assert rule in complaints[0]
    assert str(path) in complaints[0]


def test_a_planted_crowd_in_common_is_caught(planted: Planted) -> None:
    planted.write("x = 1\n" * 200, "common/ids.py")
    planted.write("x = 1\n" * 101, "common/errors.py")

    assert sizes.crowded_common(planted.source) == ["common has 301 lines"]


@pytest.mark.parametrize(
    "names",
    [
        ["0001_initial", "0003_close_accounts"],
        ["0001_initial", "0002_close_accounts", "0002_rename_members"],
        ["0001_initial", "0002_auto_20261123_1037"],
        ["0001_initial", "0002_member_name_and_more"],
    ],
)
def test_a_planted_untidy_migration_is_caught(planted: Planted, names: list[str]) -> None:
    for name in names:
        planted.write("", f"members/migrations/{name}.py")

    assert len(sizes.untidy_migrations(planted.source)) == 1


def test_requirements_are_pinned_hashed_and_free_of_addresses() -> None:
    assert {lock.name for lock in LOCKS} >= {"client.txt", "dev.txt", "server.txt"}
    assert [said for lock in LOCKS for said in locks.loose_requirements(lock)] == []
    assert [said for lock in LOCKS for said in locks.addresses(lock)] == []


def test_what_npm_fetches_is_pinned_hashed_and_free_of_addresses() -> None:
    assert locks.loose_modules(MODULES) == []
    assert "://" not in MODULES.read_text()


@pytest.mark.parametrize("package", ["{}", '{"version": "4.14.0"}', '{"version": "4.14.0", "integrity": "sha1-x"}'])
def test_a_planted_loose_module_is_caught(tmp_path: Path, package: str) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(f'{{"packages": {{"": {{}}, "node_modules/axe-core": {package}}}}}')

    assert len(locks.loose_modules(lock)) == 1


@pytest.mark.parametrize("line", ["httpx>=0.28", "httpx==0.28.1", "httpx @ file:///tmp/httpx.whl"])
def test_a_planted_loose_requirement_is_caught(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "server.txt"
    lock.write_text(f"{line}\n")

    assert len(locks.loose_requirements(lock)) == 1


@pytest.mark.parametrize(
    "line",
    ["--index-url https://example.org/simple", "# from /home/me/wheels", "--find-links wheels"],
)
def test_a_planted_address_is_caught(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "server.txt"
    lock.write_text(f"{line}\n")

    assert len(locks.addresses(lock)) == 1
