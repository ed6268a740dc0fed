"""Every kind of effect that is put down is one that the worker can do, and nothing is listed in vain."""

import ast
from collections.abc import Iterator

from consentry_server.ops.effects import HANDLERS, SCHEDULES
from tests.architecture.house import SOURCE, Module, modules
from tests.architecture.rooms import called

MODULES = [module for module in modules(SOURCE) if module.room != "ops"]


def kinds_put_down(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and called(node) == "put":
            values = (word.value for word in node.keywords if word.arg == "kind")
            yield from (str(value.value) for value in values if isinstance(value, ast.Constant))


def texts(module: Module) -> Iterator[str]:
    yield from (str(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Constant))


def test_every_kind_that_is_put_down_has_a_handler() -> None:
    found = {kind for module in MODULES for kind in kinds_put_down(module)}
    assert "mail.send" in found
    assert found - set(HANDLERS) == set()


def test_every_handler_is_used_and_only_known_kinds_have_a_patience_of_their_own() -> None:
    written = {text for module in MODULES for text in texts(module)}
    assert set(HANDLERS) - written == set()
    assert set(SCHEDULES) - set(HANDLERS) == set()
