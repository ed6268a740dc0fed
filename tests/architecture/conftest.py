import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import house, sizes
from tests.architecture.house import CONTRACTS, DOMAIN, PACKAGE, SOURCE, Layers

DOMAIN_FILES = ("models", "rules", "queries", "actions", "apps")


class Planted:
    """A small whole house in a folder of its own, to plant one breakage into."""

    def __init__(self, folder: Path) -> None:
        self.source = folder
        for room in frozenset().union(*house.layers()):
            files = DOMAIN_FILES if room in DOMAIN else ("front",)
            self.write("", f"{room}/__init__.py")
            for name in files:
                self.write("", f"{room}/{name}.py")
        self.write("", "__init__.py")
        (folder / "consentry").mkdir()
        (folder / "consentry" / "__init__.py").touch()

    def write(self, text: str, place: str, package: str = PACKAGE) -> Path:
        path = self.source / package / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return Planted(tmp_path)


@pytest.fixture
def layers() -> Layers:
    return house.layers()


@pytest.fixture
def broken_contracts() -> Callable[..., set[str]]:
    """Runs import-linter over a source folder, with the project's own contracts."""

    def run(*sources: Path) -> set[str]:
        path = os.pathsep.join(map(str, sources))
        code = "import sys; from importlinter.cli import lint_imports_command as c; c()"
        answer = subprocess.run(
            [sys.executable, "-c", code, f"--config={CONTRACTS}", "--no-cache"],
            cwd=sources[0], env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        verdicts = set(broken(answer.stdout))
        if bool(verdicts) == (answer.returncode == 0):
            raise RuntimeError(answer.stdout + answer.stderr)
        return verdicts

    return run


def broken(report: str) -> Iterator[str]:
    """The ids of contracts that import-linter reports as BROKEN."""
    reader = {
        house.contract(name)["name"]: name for name in ("layers", "inside", "cycles", "storage", "by-hand", "client")
    }
    for line in report.splitlines():
        if line.rstrip().endswith("BROKEN"):
            yield reader[line.rsplit(" ", 1)[0].strip()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"server: {sizes.summary(SOURCE)}")
