"""The house as its files say it: the layers, the modules, and who imports what."""

import ast
import configparser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / ".importlinter"
SOURCE = ROOT / "server" / "src"
PACKAGE = "consentry_server"
DOMAIN = (
    "publishing", "messaging", "files", "tokens", "sharing", "datatypes", "projects", "members",
)  # fmt: skip


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        return part(self.name, 1)

    @property
    def file(self) -> str:
        return part(self.name, 2)


@dataclass(frozen=True)
class Import:
    line: int
    target: str

    @property
    def room(self) -> str:
        return part(self.target, 1)

    @property
    def file(self) -> str:
        return part(self.target, 2)


class Layers(tuple[frozenset[str], ...]):
    """Rooms from top to bottom; those of one layer know nothing of each other."""

    __slots__ = ()

    def depth(self, room: str) -> int:
        """How far down a room lies; everything that is not ours is the ground below."""
        return next((depth for depth, rooms in enumerate(self) if room in rooms), len(self))

    def goes_down(self, above: str, below: str) -> bool:
        return above == below or self.depth(above) < self.depth(below)


def part(dotted: str, position: int) -> str:
    parts = dotted.split(".")
    ours = parts[0] == PACKAGE and len(parts) > position
    return parts[position] if ours else ""


def contract(name: str, contracts: Path = CONTRACTS) -> configparser.SectionProxy:
    reader = configparser.ConfigParser()
    reader.read(contracts)
    return reader[f"importlinter:contract:{name}"]


def layers(contracts: Path = CONTRACTS) -> Layers:
    lines = contract("layers", contracts)["layers"].strip().splitlines()
    return Layers(frozenset(room.strip(" ()") for room in line.replace(":", "|").split("|")) for line in lines)


def modules(source: Path) -> Iterator[Module]:
    for path in sorted((source / PACKAGE).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield Module(name, path, ast.parse(path.read_text(), str(path)))


def imports(module: Module) -> Iterator[Import]:
    """Every import at any depth of the file, for types too, ending in the imported name."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module)
            yield from (Import(node.lineno, f"{base}.{name.name}") for name in node.names)


def absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    if module.path.name == "__init__.py":
        package.append("")
    return ".".join([*package[: -node.level], *([node.module] if node.module else [])])


def unplaced_rooms(source: Path, layers: Layers) -> list[str]:
    """Folders and files of the package that the layers do not know, `__init__.py` or not."""
    known = frozenset().union(*layers)
    return sorted(
        entry.name
        for entry in (source / PACKAGE).iterdir()
        if entry.stem not in known | {"__init__", "__pycache__"} and holds_code(entry)
    )


def holds_code(entry: Path) -> bool:
    return entry.suffix == ".py" or (entry.is_dir() and any(entry.rglob("*.py")))


def hidden_folders(source: Path) -> list[str]:
    """Folders with code but without `__init__.py`: import-linter does not see into them."""
    folders = {path.parent for path in (source / PACKAGE).rglob("*.py")}
    return sorted(str(folder.relative_to(source)) for folder in folders if not (folder / "__init__.py").exists())
