"""`project/`: 22 keys in one order."""

import httpx
import pytest

from consentry_server.projects import actions as projects
from tests.doors.api.calls import PROJECT, get
from tests.world import THEN, World, authorize, leave, make_project, make_token

pytestmark = pytest.mark.django_db


def test_the_answer_is_this_byte_for_byte(world: World, client: httpx.Client) -> None:
    study, source = world.study.pk, world.source.pk
    expected = (
        '{"active":true,"approved":true,"authorized_members":2,"badge_image":null,'
        f'"contact_email":"study@example.org","id":{study},"id_label":"direct-sharing-{study}",'
        '"info_url":"https://example.org/study","is_academic_or_nonprofit":true,"is_study":true,'
        '"leader":"Ada Leader","long_description":"A study of how people sleep.","name":"Study",'
        '"organization":"Institute of Sleep","registered_datatypes":[],'
        f'"requested_sources":["/api/public/project/{source}/"],'
        f'"request_sources_access":["direct-sharing-{source}"],"request_username_access":false,'
        '"returned_data_description":"","short_description":"How people sleep",'
        '"slug":"study","type":"on-site"}'
    )
    assert get(client, PROJECT, world.token).content.decode() == expected


def test_there_are_exactly_22_keys_whatever_the_project_is(world: World, client: httpx.Client) -> None:
    assert len(get(client, PROJECT, world.token).json()) == 22
    bare = make_project(world.coordinator, "Bare", approved=False, organization="", info_url="", active=False)
    found = get(client, PROJECT, make_token(bare)).json()
    assert len(found) == 22
    assert (found["active"], found["approved"]) == (False, False)
    assert (found["organization"], found["info_url"], found["requested_sources"]) == ("", "", [])
    assert found["authorized_members"] == 0


def test_values_are_those_of_the_project(world: World, client: httpx.Client) -> None:
    fields = {
        "name": "Ünïcode “quoted” \\ / <b>",
        "request_username_access": True,
        "is_study": False,
        "is_academic_or_nonprofit": False,
        "returned_data_description": "Steps",
        "long_description": "Two\nlines\tand a tab",
        "requested_sources": [world.private, world.source],
    }
    projects.edit(project=world.study, actor="test", fields=dict(fields), now=THEN)
    found = get(client, PROJECT, world.token).json()
    for key in (
        "name",
        "request_username_access",
        "is_study",
        "returned_data_description",
        "long_description",
    ):
        assert found[key] == fields[key]
    assert found["is_academic_or_nonprofit"] is False
    ids = sorted([world.private.pk, world.source.pk])
    assert found["requested_sources"] == [f"/api/public/project/{pk}/" for pk in ids]
    assert found["request_sources_access"] == [f"direct-sharing-{pk}" for pk in ids]
    assert found["slug"] == "unicode-quoted-b"


def test_the_badge_is_an_absolute_address(world: World, client: httpx.Client) -> None:
    world.study.badge_image = "abc123"
    world.study.save(update_fields=["badge_image"])
    assert get(client, PROJECT, world.token).json()["badge_image"].startswith("http://testserver/")


def test_the_count_of_members_changes_at_once(world: World, client: httpx.Client) -> None:
    authorize(world.joiner, world.study)
    assert get(client, PROJECT, world.token).json()["authorized_members"] == 3
    leave(world.of_bob)
    assert get(client, PROJECT, world.token).json()["authorized_members"] == 2


def test_a_failure_has_the_key_detail(client: httpx.Client) -> None:
    assert "detail" in get(client, PROJECT, "bad").json()
