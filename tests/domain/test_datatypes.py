"""The tree of data types, who registers them, and what the database itself refuses."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from consentry_server.audit.models import Event
from consentry_server.common.errors import Invalid, NotFound
from consentry_server.datatypes import actions, queries
from consentry_server.datatypes.models import DataType
from consentry_server.datatypes.rules import About
from consentry_server.files import actions as files
from consentry_server.projects import actions as projects
from consentry_server.projects import queries as project_queries
from tests.world import THEN, World, make_datatype, make_project

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def change(world: World, datatype_id: int, **fields: object) -> None:
    row = DataType.objects.get(id=datatype_id)
    known = {name: getattr(row, name) for name in About.__slots__}
    files.edit_datatype(
        datatype_id=datatype_id,
        about=About(**(known | fields)),  # type: ignore[arg-type]
        member_id=world.bob.pk,
        now=NOW,
    )


def test_a_new_type_is_in_the_tree_and_on_the_trail(world: World) -> None:
    health = make_datatype("Health", uploadable=False)

    steps = actions.create(about=About(" steps ", health, " How far ", True), member_id=world.bob.pk, now=NOW)

    row = DataType.objects.get(id=steps)
    assert (row.name, row.parent_id, row.description, row.uploadable) == ("steps", health, "How far", True)
    event = Event.objects.get(name="datatype.create", about=f"datatype:{steps}")
    assert (event.actor, event.detail) == (f"member:{world.bob.pk}", {"called": "steps"})


@pytest.mark.parametrize("name", ["steps", "STEPS", " Steps "])
def test_two_types_of_one_name_are_one_too_many(world: World, name: str) -> None:
    make_datatype("Steps")

    with pytest.raises(Invalid, match="of that name already"):
        actions.create(about=About(name, None, "x", True), member_id=world.bob.pk, now=NOW)
    assert DataType.objects.count() == 1


@pytest.mark.django_db
def test_254_the_database_refuses_a_second_name_too() -> None:
    make_datatype("Ångström")

    with pytest.raises(DatabaseError), transaction.atomic():
        DataType.objects.create(name="other", name_key="ångström", description="x", uploadable=True, created_at=THEN)


def test_every_fault_is_told_at_once(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create(about=About("a/b", 99, "", True), member_id=world.bob.pk, now=NOW)

    assert list(refused.value.faults) == ["name", "description", "parent"]


def test_what_a_change_replaced_is_kept(world: World) -> None:
    steps = make_datatype("Steps", details="By day.")

    change(world, steps, name="Walks", details="")
    change(world, steps, name="Walks")

    (event,) = Event.objects.filter(name="datatype.edit")
    assert (event.actor, event.detail) == (f"member:{world.bob.pk}", {"was": {"name": "Steps", "details": "By day."}})


def test_changing_what_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        files.edit_datatype(datatype_id=1, about=About("a", None, "b", True), member_id=world.bob.pk, now=NOW)


def test_an_approved_project_settles_all_but_the_details(world: World) -> None:
    steps = make_datatype("Steps")
    draft = make_project(world.coordinator, "Draft", approved=False)
    register(draft.pk, steps)
    change(world, steps, description="Before approval")
    projects.set_approved(project=draft, approved=True, actor="test", now=NOW)

    with pytest.raises(Invalid) as refused:
        change(world, steps, name="Walks", description="x", uploadable=False)
    change(world, steps, details="More.")

    assert sorted(refused.value.faults) == ["description", "name", "uploadable"]
    row = DataType.objects.get(id=steps)
    assert (row.name, row.description, row.details) == ("Steps", "Before approval", "More.")


def test_taking_the_approval_back_opens_the_type_again(world: World) -> None:
    steps = make_datatype("Steps")
    draft = make_project(world.coordinator, "Draft", approved=False)
    register(draft.pk, steps)
    for approved in (True, False):
        projects.set_approved(project=draft, approved=approved, actor="test", now=NOW)

    change(world, steps, name="Walks")

    assert DataType.objects.get(id=steps).name == "Walks"


def register(project_id: int, *ids: int) -> None:
    projects.register_datatypes(project_id=project_id, datatype_ids=ids, actor="test", now=NOW)


def test_registering_replaces_what_was_registered(world: World) -> None:
    ids = [make_datatype(name) for name in ("a", "b", "c")]
    draft = make_project(world.coordinator, "Draft", approved=False)

    register(draft.pk, ids[0], ids[1])
    register(draft.pk, ids[1], ids[2], ids[2])

    assert project_queries.registered(draft.pk) == ids[1:]
    assert Event.objects.filter(name="project.datatypes").count() == 2


def test_an_approved_project_registers_nothing_more(world: World) -> None:
    steps = make_datatype("Steps")

    with pytest.raises(projects.AlreadyApproved):
        register(world.study.pk, steps)
    assert project_queries.registered(world.study.pk) == []


@pytest.mark.django_db
@pytest.mark.parametrize("nth", [0, 1, 2])
def test_187_the_database_refuses_a_circle_whoever_writes_it(nth: int) -> None:
    first = make_datatype("a", uploadable=False)
    second = make_datatype("b", uploadable=False, parent_id=first)
    third = make_datatype("c", uploadable=False, parent_id=second)

    with pytest.raises(DatabaseError), transaction.atomic():
        DataType.objects.filter(id=first).update(parent_id=[first, second, third][nth])

    DataType.objects.filter(id=third).update(parent_id=first)
    assert DataType.objects.get(id=first).parent_id is None
    assert len(queries.tree()) == 3


@pytest.mark.django_db
def test_a_tree_is_read_in_one_statement_in_the_order_of_names(django_assert_num_queries: object) -> None:
    for name in ("steps", "Ångström", "Heart rate"):
        make_datatype(name)

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert [each.name for each in queries.tree().values()] == ["Heart rate", "steps", "Ångström"]
