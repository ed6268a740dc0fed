"""What is different between what was agreed to and what is asked for now."""

from dataclasses import replace
from typing import Any

import pytest

from consentry_server.sharing.rules import Ask
from consentry_server.sharing.rules.changes import Change, agreed_to, change

BEFORE = Ask(
    project_id=1,
    project="Study",
    leader="Ada",
    organization="",
    consent_text="I agree.",
    username=False,
    all_sources=False,
    sources=((7, "Steps"), (8, "Sleep")),
)
NOTHING = Change(added=(), dropped=(), everything=0, username=0, told=(), text=None)


def test_the_same_ask_is_no_change() -> None:
    assert change(BEFORE, replace(BEFORE)) is None


@pytest.mark.parametrize(
    ("now", "expected", "wider"),
    [
        ({"sources": ((7, "Steps"), (8, "Sleep"), (9, "Places"))}, {"added": ("Places",)}, True),
        ({"sources": ((8, "Sleep"),)}, {"dropped": ("Steps",)}, False),
        ({"sources": ((7, "Walks"), (8, "Sleep"))}, {"told": (("source", "Steps", "Walks"),)}, False),
        ({"sources": (), "all_sources": True}, {"everything": 1}, True),
        ({"username": True}, {"username": 1}, True),
        ({"organization": "Institute"}, {"told": (("organization", "", "Institute"),)}, False),
        ({"consent_text": "I do agree."}, {"text": ("I agree.", "I do agree.")}, False),
    ],
)
def test_each_part_that_changed_is_named(now: dict[str, Any], expected: dict[str, Any], wider: bool) -> None:
    found = change(BEFORE, replace(BEFORE, **now))

    assert found == replace(NOTHING, **expected)
    assert found.wider is wider


def test_less_than_before_is_the_other_way_round() -> None:
    asked = replace(BEFORE, username=True, all_sources=True, sources=())
    found = change(asked, BEFORE)

    assert found is not None
    assert (found.everything, found.username, found.added, found.wider) == (-1, -1, (), False)


def test_what_a_consent_keeps_is_the_ask_that_was_shown() -> None:
    assert agreed_to(BEFORE.canonical()) == BEFORE
    assert agreed_to(BEFORE.canonical()).sha256 == BEFORE.sha256
