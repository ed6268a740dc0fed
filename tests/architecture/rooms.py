"""What each file of a domain app may import, and who may touch whose tables."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.house import (
    DOMAIN,
    PACKAGE,
    Import,
    Layers,
    Module,
    imports,
    modules,
)

DJANGOS_OWN = ("apps", "migrations")
OWN_FILES = {
    "models": {"models"},
    "rules": {"rules"},
    "queries": {"queries", "models", "rules"},
    "actions": {"actions", "models", "queries", "rules"},
}
LOWER_FILES: dict[str, set[str]] = {
    "models": set(),
    "rules": set(),
    "queries": {"queries"},
    "actions": {"queries", "actions"},
}
TABLE_FINDERS = {"get_model", "get_user_model", "get_models"}


def misplaced_imports(source: Path, layers: Layers) -> list[str]:
    """Imports of domain files that the table `The five file names` does not allow."""
    return [
        f"{module.name}:{found.line} imports {found.target}"
        for module in modules(source)
        if module.room in DOMAIN and module.file not in DJANGOS_OWN
        for found in imports(module)
        if found.target.startswith(PACKAGE) and not may_import(module, found, layers)
    ]


def may_import(module: Module, found: Import, layers: Layers) -> bool:
    if found.room == "common":
        return True
    if found.room == module.room:
        return found.file in OWN_FILES.get(module.file, set())
    if not layers.goes_down(module.room, found.room):
        return False
    if found.room == "database":
        return module.file in ("queries", "actions")
    if found.room not in DOMAIN and module.file == "actions":
        return found.file != "models"
    return found.file in LOWER_FILES.get(module.file, set())


def foreign_tables(source: Path) -> list[str]:
    """Where one app reaches for another's tables, by import or by asking Django for them."""
    return [
        f"{module.name}:{line} {what}"
        for module in modules(source)
        if module.room != "staff" and module.file != "migrations"
        for line, what in [*table_imports(module), *table_lookups(module)]
    ]


def table_imports(module: Module) -> Iterator[tuple[int, str]]:
    for found in imports(module):
        if found.room in ("", module.room, "common"):
            continue
        if found.file == "models" or (found.room in DOMAIN and not found.file):
            yield found.line, f"imports {found.target}"


def table_lookups(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and called(node) in TABLE_FINDERS:
            yield node.lineno, f"calls {called(node)}"


def called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
