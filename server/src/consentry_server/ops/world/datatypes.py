"""The data types of the demo, and which project brings files of which."""

from datetime import datetime

from consentry_server.datatypes import actions
from consentry_server.datatypes.actions import About

# name, what it lies under, in one sentence, whether files can be of it
_TREE = [
    ("activity", None, "What people do with their bodies", False),
    ("steps", "activity", "How many steps, by day or by minute", True),
    ("runs and rides", "activity", "Where somebody went, and how fast", True),
    ("body", None, "What bodies do by themselves", False),
    ("heart rate", "body", "Beats per minute", True),
    ("sleep", "body", "When, how long and how deep", True),
    ("genome", None, "What is written in the cells", False),
    ("genotype", "genome", "The variants that a test looked for", True),
]
REGISTERED = {
    "source": ("steps", "heart rate", "sleep", "runs and rides"),
    "unasked": ("genotype",),
    "public_source": ("runs and rides",),
    "oauth2": ("steps",),
}


def plant(*, member_id: int, now: datetime) -> dict[str, int]:
    """Make the tree; return the ids by name."""
    made: dict[str, int] = {}
    for name, parent, description, uploadable in _TREE:
        about = About(name, made[parent] if parent else None, description, uploadable)
        made[name] = actions.create(about=about, member_id=member_id, now=now)
    return made
