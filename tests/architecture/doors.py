"""Doors build no query and save no row: what they need comes from queries and actions."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.house import PACKAGE, Module, modules

MANAGERS = {"objects", "_default_manager", "_base_manager", "_meta"}
READS = {
    "aggregate", "all", "alias", "annotate", "defer", "distinct", "exclude", "filter", "first",
    "in_bulk", "iterator", "last", "latest", "order_by", "prefetch_related", "raw",
    "refresh_from_db", "select_for_update", "select_related", "using", "values", "values_list",
}  # fmt: skip
WRITES = {
    "abulk_create", "acreate", "adelete", "asave", "bulk_create", "bulk_update", "create", "delete",
    "get_or_create", "save", "save_base", "update_or_create",
}  # fmt: skip
SQL = {"execute", "executemany", "cursor"}
DATABASE_NAMES = {"get_list_or_404", "get_object_or_404", "ModelForm", "modelform_factory"}
TEMPLATE_QUERY = re.compile(r"{[{%][^}]*(\.objects\b|\.all\b|_set\b|\.exists\b|\.first\.)")

# What each door may not do. `staff` reads in ModelAdmin.get_queryset only; commands may speak to
# the connection itself (health, backup), never to tables.
FORBIDDEN = {
    "api": MANAGERS | READS | WRITES | SQL,
    "oauth": MANAGERS | READS | WRITES | SQL,
    "web": MANAGERS | READS | WRITES | SQL,
    "staff": (MANAGERS - {"_meta"}) | READS | WRITES | SQL,
    "ops": MANAGERS | READS | WRITES,
}
MAY_IMPORT_DATABASE = {"staff", "ops"}
# A door answers 503 when the database is away; that is neither a query nor a row.
DATABASE_IS_AWAY = {"DatabaseError", "Error", "InterfaceError", "OperationalError"}


def queries_in_doors(source: Path) -> list[str]:
    return [
        f"{module.name}:{line} {what}"
        for module in modules(source)
        if module.room in FORBIDDEN
        for line, what in sorted(offences(module))
    ]


def offences(module: Module) -> Iterator[tuple[int, str]]:
    excused = innocents(module.tree)
    if module.room == "staff":
        excused |= reads_in_get_queryset(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            yield from database_imports(node, module.room)
        elif (
            isinstance(node, ast.Attribute)
            and id(node) not in excused
            and (node.attr in FORBIDDEN[module.room] or node.attr.endswith("_set"))
        ):
            yield node.lineno, f"uses .{node.attr}"


def innocents(tree: ast.Module) -> set[int]:
    """Functions of an imported module (`actions.delete(...)`), and a dictionary's `values()`."""
    imported = imported_names(tree)
    bare = {
        id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and not node.args and not node.keywords
    }
    return {
        id(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (
            (isinstance(node.value, ast.Name) and node.value.id in imported)
            or (node.attr == "values" and id(node) in bare)
        )
    }


def imported_names(tree: ast.Module) -> set[str]:
    """Names in lower case that an import binds: modules and functions, never classes."""
    return {
        name.asname or name.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
        if (name.asname or name.name)[0].islower()
    }


def reads_in_get_queryset(tree: ast.Module) -> set[int]:
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "get_queryset"
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and inner.attr in READS
    }


def database_imports(node: ast.Import | ast.ImportFrom, room: str) -> Iterator[tuple[int, str]]:
    origin = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    for name in node.names:
        full = f"{origin}.{name.name}" if origin else name.name
        if name.name in DATABASE_NAMES or (reaches_database(full) and room not in MAY_IMPORT_DATABASE):
            yield node.lineno, f"imports {full}"


def reaches_database(imported: str) -> bool:
    excused = {f"django.db.{error}" for error in DATABASE_IS_AWAY}
    return imported.startswith("django.db") and imported not in excused


def queries_in_templates(source: Path) -> list[str]:
    """A template can walk from a row to its relations, which is a query nobody sees."""
    return [
        f"{path.relative_to(source)}:{number} {line.strip()}"
        for path in sorted((source / PACKAGE).rglob("templates/**/*.*"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if TEMPLATE_QUERY.search(line)
    ]
