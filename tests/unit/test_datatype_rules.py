"""What is wrong with a data type, and walks through the tree, however deep or broken it is."""

import pytest

from consentry_server.datatypes import rules
from consentry_server.datatypes.rules import DEEPEST, About, Node, Tree


def node(node_id: int, parent_id: int | None = None, *, uploadable: bool = False) -> Node:
    return Node(node_id, f"type {node_id}", parent_id, "", uploadable)


def tree(*nodes: Node) -> Tree:
    return {each.id: each for each in nodes}


def chain(length: int, *, start: int = 1) -> Tree:
    """A line of nodes, each under the one before."""
    return tree(*(node(n, n - 1 if n > start else None) for n in range(start, start + length)))


def about(parent_id: int | None = None, *, name: str = "Steps", uploadable: bool = False) -> About:
    return About(name, parent_id, "How far", uploadable)


FAMILY = tree(node(1), node(2, 1), node(3, 2), node(4, 1, uploadable=True), node(5))


@pytest.mark.parametrize("name", ["Steps", "heart-rate 2", "a_b", "日本 語", "x" * 40])
def test_letters_digits_hyphens_underscores_and_spaces_make_a_name(name: str) -> None:
    assert rules.text_faults(about(name=name)) == {}


@pytest.mark.parametrize("name", ["", "x" * 41, "a/b", "<b>", "a.b", "é!", "a\x07", "a\u202eb", "🧬"])
def test_anything_else_does_not(name: str) -> None:
    assert list(rules.text_faults(about(name=name))) == ["name"]


def test_188_lengths_are_counted_in_characters() -> None:
    assert rules.text_faults(About("日" * 40, None, "é" * 100, True, "🧬" * 10_000)) == {}
    assert list(rules.text_faults(About("日" * 41, None, "é" * 101, True, "🧬" * 10_001))) == [
        "name",
        "description",
        "details",
    ]


def test_a_description_is_needed_and_details_are_not() -> None:
    assert rules.text_faults(About("a", None, "", True)) == {"description": ["This field is required."]}


@pytest.mark.parametrize(
    ("one", "other"), [("Steps", "sTEPS"), ("ÅNGSTRÖM", "ångström"), ("heart  rate", "Heart Rate")]
)
def test_names_that_differ_in_case_or_space_are_the_same(one: str, other: str) -> None:
    assert rules.folded(one) == rules.folded(other)


def test_white_space_around_a_name_is_dropped() -> None:
    assert rules.tidy(about(name=" heart\t rate\n")).name == "heart rate"


@pytest.mark.parametrize(
    ("itself", "parent", "says"),
    [
        (1, 1, "under itself"),
        (1, 2, "lies under this data type"),
        (1, 3, "lies under this data type"),
        (5, 4, "nothing can lie under it"),
        (None, 4, "nothing can lie under it"),
        (5, 99, "that exists"),
    ],
)
def test_187_what_cannot_be_a_parent(itself: int | None, parent: int, says: str) -> None:
    faults = rules.place_faults(FAMILY, about(parent), itself=itself)

    assert list(faults) == ["parent"]
    assert says in faults["parent"][0]


@pytest.mark.parametrize(("itself", "parent"), [(None, None), (None, 3), (3, 1), (5, 3), (4, 5), (2, None)])
def test_what_can_be_a_parent(itself: int | None, parent: int | None) -> None:
    assert rules.place_faults(FAMILY, about(parent), itself=itself) == {}


def test_files_cannot_be_of_a_type_that_has_types_under_it() -> None:
    assert list(rules.place_faults(FAMILY, about(uploadable=True), itself=1)) == ["uploadable"]
    assert rules.place_faults(FAMILY, about(uploadable=True), itself=5) == {}


def test_the_tree_has_twenty_levels_at_most() -> None:
    full, below = chain(DEEPEST), chain(DEEPEST - 1)

    assert rules.place_faults(below, about(DEEPEST - 1), itself=None) == {}
    assert "20 levels" in str(rules.place_faults(full, about(DEEPEST), itself=None))


def test_a_branch_moves_with_all_that_hangs_on_it() -> None:
    both = chain(10) | chain(11, start=101)

    assert "20 levels" in str(rules.place_faults(both, about(10), itself=101))
    assert rules.place_faults(both, about(9), itself=101) == {}


def test_187_a_walk_over_a_tree_with_a_circle_in_it_ends() -> None:
    broken = tree(node(1, 3), node(2, 1), node(3, 2), node(4))

    assert [each.id for each, _ in rules.walk(broken)] == [4]
    assert [each.id for each in rules.above(broken, 1)] == [3, 2, 1]
    assert "lies under" in str(rules.place_faults(broken, about(2), itself=1))


def test_187_a_walk_goes_down_five_thousand_levels_without_falling() -> None:
    deep = chain(5000)

    assert [level for _, level in rules.walk(deep)] == list(range(5000))
    assert rules.height(deep, 1) == 5000
    assert len(rules.above(deep, 5000)) == 4999


def test_a_walk_names_parents_first_in_the_order_of_the_tree() -> None:
    assert [(each.id, level) for each, level in rules.walk(FAMILY)] == [(1, 0), (2, 1), (3, 2), (4, 1), (5, 0)]


def test_an_approved_projects_type_changes_in_its_details_only() -> None:
    before = About("Steps", 1, "How far", True, "old")

    assert rules.settled_faults(before, About("Steps", 1, "How far", True, "new")) == {}
    assert list(rules.settled_faults(before, About("Walks", 2, "x", False, "new"))) == [
        "name",
        "parent",
        "description",
        "uploadable",
    ]
