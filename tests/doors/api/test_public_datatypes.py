"""`public/datatypes/` and `public/datatype/<id>/`: what the addresses in listings lead to, for everybody."""

from datetime import UTC, datetime

import httpx
import pytest

from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project
from tests.doors.api.calls import exchange, upload
from tests.world import World, make_datatype

LIST, ONE = "/api/public/datatypes/", "/api/public/datatype"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def register(project: Project, *ids: int) -> None:
    Project.objects.filter(id=project.pk).update(approved_at=None)
    projects.register_datatypes(project_id=project.pk, datatype_ids=ids, actor="test", now=NOW)
    Project.objects.filter(id=project.pk).update(approved_at=NOW)


def test_a_listing_leads_to_a_type_and_its_relatives(world: World, client: httpx.Client) -> None:
    activity = make_datatype("Activity", uploadable=False)
    steps = make_datatype("Steps", parent_id=activity, details="**By** day")
    register(world.study, steps)
    upload(client, world.token, world.alice_number, datatypes='["steps"]')
    (address,) = exchange(client, world.token, world.alice_number).json()["data"][1]["datatypes"]

    found = client.get(address)

    assert found.text == (
        f'{{"id":{steps},"name":"Steps","parent":{activity},"children":[],"description":"What Steps is",'
        f'"details":"**By** day","uploadable":true,"source_projects":["/api/public/project/{world.study.pk}/"]}}'
    )
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"{ONE}/{activity}/").json()["children"] == [steps]


def test_the_list_comes_in_pages(world: World, client: httpx.Client) -> None:
    ids = [make_datatype(f"Type {n}") for n in range(5)]

    first = client.get(LIST, params={"limit": 2}).json()
    second = client.get(first["next"]).json()

    assert (first["count"], first["previous"]) == (5, None)
    assert [row["id"] for row in first["results"] + second["results"]] == ids[:4]


def test_the_list_is_filtered(world: World, client: httpx.Client) -> None:
    group, steps, sleep = make_datatype("Group", uploadable=False), make_datatype("Steps"), make_datatype("Sleep")
    register(world.study, sleep)
    project = str(world.study.pk)

    def ids(**query: str) -> list[int]:
        return [row["id"] for row in client.get(LIST, params=query).json()["results"]]

    assert ids(uploadable="true") == [steps, sleep]
    assert ids(uploadable="False") == [group]
    assert ids(uploadable="maybe") == ids(source_project_id="") == [group, steps, sleep]
    assert ids(source_project_id=project) == [sleep]
    assert ids(source_project_id="99") == []
    Project.objects.filter(id=world.study.pk).update(approved_at=None)
    assert ids(source_project_id=project) == []
    assert client.get(f"{ONE}/{sleep}/").json()["source_projects"] == []


@pytest.mark.parametrize("number", ["x", "1.5", "1e3", "9" * 40, "' OR 1=1"])
def test_184_a_filter_that_is_no_number_is_refused(world: World, client: httpx.Client, number: str) -> None:
    answer = client.get(LIST, params={"source_project_id": number})
    assert (answer.status_code, answer.json()) == (400, {"source_project_id": ["Enter a number."]})


def test_what_does_not_exist_is_not_found(world: World, client: httpx.Client) -> None:
    answer = client.get(f"{ONE}/99/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "No DataType matches the given query."})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_053_it_is_for_looking_only(world: World, client: httpx.Client, method: str) -> None:
    answer = client.request(method, LIST)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
