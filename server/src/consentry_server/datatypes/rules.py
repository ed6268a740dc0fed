"""What is wrong with a data type or with its place in the tree."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext, gettext_noop

LONGEST_NAME = 40
LONGEST_DESCRIPTION = 100
LONGEST_DETAILS = 10_000
DEEPEST = 20  # levels
NAME_TAKEN = gettext_noop("There is a data type of that name already.")
_REQUIRED = gettext_noop("This field is required.")
_STAYS = gettext_noop("An approved project uses this data type, so this stays as it is.")
_SETTLED = ("name", "parent_id", "description", "uploadable")


@dataclass(frozen=True, slots=True)
class About:
    """What is said about a data type."""

    name: str
    parent_id: int | None
    description: str
    uploadable: bool
    details: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A data type in the tree."""

    id: int
    name: str
    parent_id: int | None
    description: str
    uploadable: bool


Tree = dict[int, Node]
Faults = dict[str, list[str] | str]


def tidy(about: About) -> About:
    """Return the same with one spelling of its texts."""
    name = " ".join(unicodedata.normalize("NFC", about.name).split())
    return replace(about, name=name, description=about.description.strip(), details=about.details.strip())


def folded(name: str) -> str:
    """Return what two names share that differ in case or white space only."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def text_faults(about: About) -> Faults:
    """Say which texts are missing, too long or of other characters."""
    found = {
        "name": _name_fault(about.name),
        "description": _length_fault(about.description, LONGEST_DESCRIPTION, required=True),
        "details": _length_fault(about.details, LONGEST_DETAILS, required=False),
    }
    return {field: [fault] for field, fault in found.items() if fault}


def _name_fault(name: str) -> str | None:
    if name and not re.fullmatch(r"[-\w\s]+", name):
        return gettext("Use letters, digits, hyphens, underscores and spaces only.")
    return _length_fault(name, LONGEST_NAME, required=True)


def _length_fault(text: str, most: int, *, required: bool) -> str | None:
    if required and not text:
        return gettext(_REQUIRED)
    return gettext("Use at most {most} characters.").format(most=most) if len(text) > most else None


def place_faults(tree: Tree, about: About, *, itself: int | None) -> Faults:
    """Say why a data type cannot be where it wants to be in the tree."""
    fault = _parent_fault(tree, about, itself)
    if fault:
        return {"parent": [fault]}
    if about.uploadable and itself is not None and children(tree, itself):
        return {"uploadable": [gettext("Other data types lie under this one, so files cannot be of it itself.")]}
    return {}


def _parent_fault(tree: Tree, about: About, itself: int | None) -> str | None:
    if about.parent_id is None:
        return None
    if about.parent_id == itself:
        return gettext("A data type cannot lie under itself.")
    parent = tree.get(about.parent_id)
    if parent is None:
        return gettext("Choose a data type that exists.")
    if any(node.id == itself for node in above(tree, parent.id)):
        return gettext("That one lies under this data type itself.")
    if parent.uploadable:
        return gettext("Files are of that data type itself, so nothing can lie under it.")
    levels = len(above(tree, parent.id)) + 1 + (height(tree, itself) if itself else 1)
    return gettext("The tree has {most} levels at most.").format(most=DEEPEST) if levels > DEEPEST else None


def above(tree: Tree, node_id: int) -> list[Node]:
    """Return the nodes over one, the nearest first; a circle that should not be ends where it began."""
    found: dict[int, Node] = {}
    parent_id = tree[node_id].parent_id
    while parent_id is not None and parent_id in tree and parent_id not in found:
        found[parent_id] = tree[parent_id]
        parent_id = tree[parent_id].parent_id
    return list(found.values())


def children(tree: Tree, node_id: int | None) -> list[Node]:
    """Return the nodes right under one, or the roots, in the order of the tree."""
    return [node for node in tree.values() if node.parent_id == node_id]


def walk(tree: Tree, start: int | None = None) -> Iterator[tuple[Node, int]]:
    """Go over all nodes under one, or over all, parents first, each with its level below the start."""
    under: dict[int | None, list[Node]] = {}
    for node in tree.values():
        under.setdefault(node.parent_id, []).append(node)
    waiting = [(node, 0) for node in reversed(under.pop(start, []))]
    while waiting:
        node, level = waiting.pop()
        yield node, level
        waiting += [(child, level + 1) for child in reversed(under.pop(node.id, []))]


def height(tree: Tree, node_id: int) -> int:
    """Return how many levels a node and all under it take."""
    return 2 + max((level for _, level in walk(tree, node_id)), default=-1)


def settled_faults(before: About, after: About) -> Faults:
    """Say what may not change while an approved project uses a data type."""
    changed = [name for name in _SETTLED if getattr(before, name) != getattr(after, name)]
    return {name.removesuffix("_id"): [gettext(_STAYS)] for name in changed}
