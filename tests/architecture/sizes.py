"""How long files and functions are; ruff counts statements and complexity, as in `make check`."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.house import PACKAGE, ROOT

LONGEST_FILE = 400
COMMON_AT_MOST = 300
GENERATED_NAME = re.compile(r"_auto_|_and_more|_alter_[a-z]+_options")


def long_files(folder: Path) -> list[str]:
    return [
        f"{path.relative_to(folder)} has {lines} lines"
        for path in own_files(folder)
        if (lines := line_count(path)) > LONGEST_FILE
    ]


def crowded_common(source: Path) -> list[str]:
    """`common` has to stay small, or everything ends up in it."""
    lines = sum(map(line_count, own_files(source / PACKAGE / "common")))
    return [f"common has {lines} lines"] if lines > COMMON_AT_MOST else []


def own_files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


def tangled_functions(*folders: Path) -> list[str]:
    """What ruff says with the project's own limits: complexity, statements, parameters."""
    answer = subprocess.run(
        [
            sys.executable, "-m", "ruff", "check", "--quiet", "--no-cache", "--ignore-noqa",
            "--output-format=concise", "--select=C901,PLR0913,PLR0915",
            f"--config={ROOT / 'pyproject.toml'}", *map(str, folders),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if answer.returncode not in (0, 1):
        raise RuntimeError(answer.stderr)
    return answer.stdout.splitlines()


def summary(folder: Path) -> str:
    files = list(own_files(folder))
    functions = [
        1 + (node.end_lineno or node.lineno) - node.lineno
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lines = [count for path in files if (count := line_count(path))]
    return (
        f"{len(functions)} functions, median {middle(functions)} lines (wanted: 8 at most); "
        f"{len(lines)} files, median {middle(lines)} lines (wanted: 40 to 80)"
    )


def middle(counts: list[int]) -> int:
    return int(statistics.median(counts)) if counts else 0


def untidy_migrations(source: Path) -> list[str]:
    """Migrations of each app: numbered in one line without gaps, and named by hand."""
    return [
        complaint
        for folder in sorted({path.parent for path in source.rglob("migrations/[0-9]*.py")})
        for complaint in complaints(folder)
    ]


def complaints(folder: Path) -> Iterator[str]:
    app = folder.parent.name
    for expected, path in enumerate(sorted(folder.glob("[0-9]*.py")), 1):
        if not path.stem.startswith(f"{expected:04}_"):
            yield f"{app}: {path.stem} stands where {expected:04} belongs"
        if GENERATED_NAME.search(path.stem):
            yield f"{app}: {path.stem} was named by a machine"
