"""The statements of the seed page about access to an on-site project's data, one test each."""

from datetime import timedelta

import httpx
import pytest

from consentry_server.tokens import actions as tokens
from consentry_server.tokens.models import MasterToken
from tests.doors.api.calls import EXCHANGE, MEMBERS, PROJECT, fetch
from tests.doors.api.conftest import Clock
from tests.world import THEN, World, authorize, give, make_project, make_token


def ask(client: httpx.Client, address: str, token: str, **query: str | int) -> httpx.Response:
    """Call as the seed says: a GET request with the token as a parameter."""
    return client.get(address, params={"access_token": token} | query)


def test_once_a_member_authorizes_data_sharing_you_will_be_able_to_immediately_access_that_data(
    world: World, client: httpx.Client
) -> None:
    number = authorize(world.joiner, world.study).project_member.number
    row = ask(client, MEMBERS, world.token).json()["results"][-1]
    assert row["project_member_id"] == number
    assert fetch(client, row["data"][0]["download_url"]).content == b"joiner,0\n"


def test_send_a_get_request_with_the_master_access_token_and_the_project_member_id(
    world: World, client: httpx.Client
) -> None:
    answer = ask(client, EXCHANGE, world.token, project_member_id=world.bob_number)
    assert answer.status_code == 200
    assert answer.json()["project_member_id"] == world.bob_number


def test_this_returns_json_to_access_and_retrieve_data_files_for_this_specific_project_member(
    world: World, client: httpx.Client
) -> None:
    answer = ask(client, EXCHANGE, world.token, project_member_id=world.bob_number)
    assert answer.headers["Content-Type"] == "application/json"
    (file,) = answer.json()["data"]
    assert fetch(client, file["download_url"]).content == b"bob,0\n"


def test_data_file_information_is_paginated_and_by_default_lists_a_maximum_of_100_data_files(
    world: World, client: httpx.Client
) -> None:
    for n in range(100):
        give(world.alice, world.source, f"{n}.csv")
    answer = ask(client, EXCHANGE, world.token, project_member_id=world.alice_number)
    assert len(answer.json()["data"]) == 100


def test_count_is_the_total_number_of_data_files_next_and_previous_are_urls_if_there_are_such_pages(
    world: World, client: httpx.Client
) -> None:
    for n in range(2):
        give(world.alice, world.source, f"{n}.csv")
    first = ask(client, EXCHANGE, world.token, project_member_id=world.alice_number, limit=2).json()
    assert (first["count"], first["previous"], len(first["data"])) == (3, None, 2)
    second = client.get(first["next"]).json()
    assert (second["count"], second["next"], len(second["data"])) == (3, None, 1)
    assert client.get(second["previous"]).json()["data"][0]["id"] == first["data"][0]["id"]


def test_each_project_has_a_master_access_token_used_for_api_calls(world: World, client: httpx.Client) -> None:
    assert world.token != world.other_token
    assert ask(client, PROJECT, world.token).json()["name"] == "Study"
    assert ask(client, PROJECT, world.other_token).json()["name"] == "Other"


def test_the_master_access_token_should_be_listed_in_your_projects_details(world: World) -> None:
    token = MasterToken.objects.get(project=world.study)
    assert tokens.reveal(project_id=world.study.pk, actor="test", token_id=token.pk, now=THEN) == world.token


def test_this_token_is_a_password_for_your_project_without_it_nothing_is_given(
    world: World, client: httpx.Client
) -> None:
    for address in (PROJECT, MEMBERS, f"{EXCHANGE}?project_member_id={world.alice_number}"):
        assert client.get(address).status_code == 401


def test_if_the_token_may_have_been_compromised_it_is_reset_to_a_new_value(world: World, client: httpx.Client) -> None:
    # our coordinators do it themselves, support can as well
    for actor in (f"member:{world.coordinator.pk}", "staff:1"):
        current = MasterToken.objects.get(project=world.study, replaced_at=None)
        old = tokens.reveal(project_id=world.study.pk, actor=actor, token_id=current.pk, now=THEN)
        new = tokens.rotate(
            project_id=world.study.pk,
            actor=actor,
            replacing=current.fingerprint,
            lifetime=timedelta(days=1),
            now=current.created_at,
        )
        assert ask(client, MEMBERS, old).status_code == 401
        assert ask(client, MEMBERS, new).status_code == 200


def test_members_returns_json_with_a_list_of_the_projects_members(world: World, client: httpx.Client) -> None:
    rows = ask(client, MEMBERS, world.token).json()["results"]
    assert [row["project_member_id"] for row in rows] == [world.alice_number, world.bob_number]


def test_as_well_as_the_first_ten_files_that_member_has_shared_with_the_project(
    world: World, client: httpx.Client
) -> None:
    for n in range(11):
        give(world.alice, world.source, f"{n}.csv")
    row = ask(client, MEMBERS, world.token).json()["results"][0]
    assert [file["basename"] for file in row["data"]] == ["alice.csv"] + [f"{n}.csv" for n in range(9)]


def test_file_count_tallies_the_total_number_of_files_the_member_has_shared_with_the_project(
    world: World, client: httpx.Client
) -> None:
    for n in range(11):
        give(world.alice, world.source, f"{n}.csv")
    assert ask(client, MEMBERS, world.token).json()["results"][0]["file_count"] == 12


def test_exchange_member_has_a_link_providing_access_to_the_full_set_of_files(
    world: World, client: httpx.Client
) -> None:
    for n in range(11):
        give(world.alice, world.source, f"{n}.csv")
    row = ask(client, MEMBERS, world.token).json()["results"][0]
    assert len(client.get(row["exchange_member"]).json()["data"]) == 12


def test_the_example_of_a_project_with_a_single_member(world: World, client: httpx.Client) -> None:
    single = make_project(world.coordinator, "Single", requested_sources=[world.source])
    authorize(world.alice, single)
    page = ask(client, MEMBERS, make_token(single)).json()
    assert (page["count"], page["next"], page["previous"]) == (1, None, None)
    (row,) = page["results"]
    assert {"created", "project_member_id", "message_permission", "username_shared"} <= set(row)
    assert (row["username_shared"], row["username"]) == (False, None)
    (file,) = row["data"]
    assert {"id", "basename", "created", "download_url", "metadata", "source"} <= set(file)
    assert file["source"] in row["sources_shared"]
    assert list(file["metadata"]) == ["tags", "complete", "dataYear", "description"]
    assert file["metadata"]["complete"] is False


def test_data_files_can_be_retrieved_using_the_download_url(world: World, client: httpx.Client) -> None:
    file = ask(client, MEMBERS, world.token).json()["results"][0]["data"][0]
    assert fetch(client, file["download_url"]).content == b"alice,0\n"


def test_these_urls_are_temporary_authorizations_that_will_expire(
    world: World, client: httpx.Client, clock: Clock
) -> None:
    file = ask(client, MEMBERS, world.token).json()["results"][0]["data"][0]
    clock.move(hours=1)
    assert client.get(file["download_url"]).status_code == 403


@pytest.mark.parametrize(("limit", "rows"), [(1, 1), (2, 2), (1000, 2)])
def test_pagination_via_offset_and_a_smaller_or_larger_page_size_with_limit(
    world: World, client: httpx.Client, limit: int, rows: int
) -> None:
    assert len(ask(client, MEMBERS, world.token, limit=limit).json()["results"]) == rows
    second = ask(client, MEMBERS, world.token, limit=limit, offset=1).json()["results"]
    assert second[0]["project_member_id"] == world.bob_number


def test_master_access_tokens_can_also_be_used_to_retrieve_information_about_the_project(
    world: World, client: httpx.Client
) -> None:
    answer = ask(client, PROJECT, world.token)
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.json()["id"], answer.json()["name"]) == (world.study.pk, "Study")
