"""The pages of data types: anybody looks, members edit, coordinators register."""

from datetime import UTC, datetime

import pytest

from consentry_server.datatypes.models import DataType
from consentry_server.projects import actions as projects
from consentry_server.projects import queries as project_queries
from tests.doors.web.person import Person, seen
from tests.world import World, make_datatype, make_project

TREE = "/data-management/datatypes"
REGISTER = "/direct-sharing/projects/registered_datatypes"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
STEPS = {"name": "Steps", "parent": "", "description": "How far", "uploadable": "True", "details": "**By** day."}


def test_anybody_sees_the_tree_in_its_order(world: World, anybody: Person) -> None:
    activity = make_datatype("Activity", uploadable=False)
    make_datatype("Weight")
    make_datatype("steps", parent_id=activity)
    make_datatype("Runs", parent_id=activity)

    page = anybody.get(f"{TREE}/")

    words = seen(page)
    assert (
        words.index("Activity") < words.index("Runs files") < words.index("steps files") < words.index("Weight files")
    )
    assert page.text.count("<ul>") - page.text.count("</ul>") + page.text.count("<ul class") == 0


@pytest.mark.parametrize("slash", ["", "/"])
def test_anybody_sees_one_type_and_where_it_lies(world: World, anybody: Person, slash: str) -> None:
    activity = make_datatype("Activity", uploadable=False)
    steps = make_datatype("Steps", parent_id=activity, details="A *table* <script>alert(1)</script>")

    page = anybody.get(f"{TREE}/{steps}{slash}")

    assert page.status_code == 200
    assert f'href="{TREE}/{activity}"' in page.text
    assert "<em>table</em>" in page.text
    assert "<script" not in page.text
    assert f"http://testserver/api/public/datatype/{steps}/" in seen(page)


@pytest.mark.parametrize("path", [f"{TREE}/99", f"{TREE}/{10**18}", f"{TREE}/x"])
def test_what_does_not_exist_is_not_found(world: World, alice: Person, path: str) -> None:
    assert alice.get(path).status_code == 404


def test_any_member_adds_a_type(world: World, joiner: Person) -> None:
    answer = joiner.press(f"{TREE}/create/", **STEPS)

    row = DataType.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{TREE}/{row.pk}")
    assert (row.name, row.parent_id, row.description, row.uploadable) == ("Steps", None, "How far", True)
    assert "made" in seen(joiner.get(f"{TREE}/{row.pk}"))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "a/b"}, "letters, digits"),
        ({"name": "x" * 41}, "at most 40 characters (it has 41)"),
        ({"name": "a\x00b"}, "cannot be stored"),
        ({"name": "weight"}, "of that name already"),
        ({"description": "x" * 101}, "at most 100 characters"),
        ({"uploadable": ""}, "This field is required."),
        ({"uploadable": "maybe"}, "Select a valid choice."),
        ({"parent": "99"}, "Select a valid choice."),
        ({"parent": "x"}, "Select a valid choice."),
        ({"parent": "1" * 40}, "Select a valid choice."),
        ({"details": "x" * 10_001}, "at most 10000 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_made(world: World, alice: Person, fields: dict[str, str], says: str) -> None:
    make_datatype("Weight")

    answer = alice.press(f"{TREE}/create/", **(STEPS | fields))

    assert answer.status_code == 400
    assert says in seen(answer)
    assert DataType.objects.count() == 1


def test_a_member_changes_a_type_and_the_page_tells_what_it_was(world: World, alice: Person) -> None:
    steps, activity = make_datatype("Steps", details="Old."), make_datatype("Activity", uploadable=False)

    changed = {"name": "Walks", "parent": str(activity), "details": ""}
    answer = alice.press(f"{TREE}/update/{steps}", **(STEPS | changed))

    row = DataType.objects.get(id=steps)
    assert (answer.status_code, row.name, row.parent_id) == (302, "Walks", activity)
    words = seen(alice.get(f"{TREE}/{steps}"))
    for part in ("name, was “ Steps ”", "place, was at the top", "details, was “ Old. ”"):
        assert part in words


def test_187_a_type_is_not_offered_to_itself_or_to_what_lies_under_it(world: World, alice: Person) -> None:
    first = make_datatype("First", uploadable=False)
    second = make_datatype("Second", uploadable=False, parent_id=first)
    leaf = make_datatype("Leaf")

    page = alice.get(f"{TREE}/update/{first}").text
    answers = [
        alice.press(f"{TREE}/update/{first}", **(STEPS | {"uploadable": "False", "parent": str(parent)}))
        for parent in (first, second, leaf)
    ]

    assert 'value="">nothing' in page.replace(" selected", "")
    assert f'<option value="{second}"' not in page
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert DataType.objects.get(id=first).parent_id is None


def test_only_the_details_of_a_type_in_use_are_open(world: World, alice: Person) -> None:
    steps = make_datatype("Steps")
    draft = make_project(world.coordinator, "Draft", approved=False)
    projects.register_datatypes(project_id=draft.pk, datatype_ids=[steps], actor="test", now=NOW)
    projects.set_approved(project=draft, approved=True, actor="test", now=NOW)

    answer = alice.post(f"{TREE}/update/{steps}", name="Walks", uploadable="False", details="More.")

    row = DataType.objects.get(id=steps)
    assert (answer.status_code, row.name, row.uploadable, row.details) == (302, "Steps", True, "More.")
    assert "only its details can change" in seen(alice.get(f"{TREE}/update/{steps}"))
    assert "Draft" in seen(alice.get(f"{TREE}/{steps}"))


def test_a_coordinator_registers_types_until_the_project_is_approved(world: World, coordinator: Person) -> None:
    steps, weight, group = make_datatype("Steps"), make_datatype("Weight"), make_datatype("Group", uploadable=False)
    draft = make_project(world.coordinator, "Draft", approved=False)

    page = coordinator.get(f"{REGISTER}/draft/").text
    saved = coordinator.press(f"{REGISTER}/draft/", datatypes=[str(steps), str(weight)])
    wrong = coordinator.press(f"{REGISTER}/draft/", datatypes=[str(group)])

    assert f'value="{steps}"' in page
    assert f'value="{group}"' not in page
    assert (saved.status_code, wrong.status_code) == (302, 400)
    assert project_queries.registered(draft.pk) == [steps, weight]

    projects.set_approved(project=draft, approved=True, actor="test", now=NOW)
    refused = coordinator.post(f"{REGISTER}/draft/", datatypes=[])
    assert refused.status_code == 403
    assert "Ask staff" in seen(refused)
    assert project_queries.registered(draft.pk) == [steps, weight]
    assert "<button" not in coordinator.get(f"{REGISTER}/draft/").text.split("<main")[1].split("</main>")[0]


def test_044_another_members_project_is_not_found(world: World, alice: Person) -> None:
    make_project(world.coordinator, "Draft", approved=False)

    assert alice.get(f"{REGISTER}/draft/").status_code == 404
    assert alice.post(f"{REGISTER}/draft/", datatypes=[]).status_code == 404
    assert alice.get(f"{REGISTER}/nothing/").status_code == 404


def test_187_a_deep_tree_with_a_circle_in_it_is_still_a_page(world: World, alice: Person) -> None:
    """Nothing of ours makes one; a page must not hang on it."""
    parent = None
    rows = []
    for n in range(300):
        key = f"deep {n}"
        rows.append(
            DataType.objects.create(
                name=key, name_key=key, parent_id=parent, description="d", uploadable=False, created_at=NOW
            )
        )
        parent = rows[-1].pk

    assert alice.get(f"{TREE}/").text.count("<li><a") == 300 + alice.get("/terms/").text.count("<li><a")
    assert alice.get(f"{TREE}/{parent}").status_code == 200
    assert alice.get(f"{TREE}/update/{rows[0].pk}").status_code == 200
