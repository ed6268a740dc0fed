"""`project/members/`: who takes part, each with the first ten files."""

import re

import httpx

from consentry_server.files.models import DataFile
from consentry_server.sharing import actions, queries
from tests.doors.api.calls import MEMBERS, bearer, get
from tests.world import THEN, World, authorize, give, leave, make_project, make_token

KEYS = [
    "created",
    "project_member_id",
    "message_permission",
    "username_shared",
    "file_count",
    "exchange_member",
    "sources_shared",
    "username",
    "data",
]


def rows(client: httpx.Client, token: str) -> list[dict]:  # type: ignore[type-arg]
    return get(client, MEMBERS, token).json()["results"]  # type: ignore[no-any-return]


def test_a_row_has_these_keys_in_this_order(world: World, client: httpx.Client) -> None:
    for row in rows(client, world.token):
        assert list(row) == KEYS


def test_the_values_of_a_row(world: World, client: httpx.Client) -> None:
    row = rows(client, world.token)[0]
    assert row["created"] == "2016-04-11T19:50:49.041825Z"
    assert re.fullmatch(r"[1-9][0-9]{7}", row["project_member_id"])
    assert row["project_member_id"] == world.alice_number
    assert row["message_permission"] is True
    assert row["username_shared"] is False
    assert row["username"] is None
    assert row["file_count"] == len(row["data"]) == 1
    assert row["sources_shared"] == [f"direct-sharing-{world.source.pk}"]


def test_a_time_without_microseconds_has_none(world: World, client: httpx.Client) -> None:
    seat = world.of_alice.project_member
    for micros, written in (
        (0, "19:50:49Z"),
        (100_000, "19:50:49.100000Z"),
        (1, "19:50:49.000001Z"),
    ):
        seat.created_at = THEN.replace(microsecond=micros)
        seat.save()
        assert rows(client, world.token)[0]["created"] == f"2016-04-11T{written}"


def test_the_username_is_given_if_the_project_asked_and_the_member_agreed(world: World, client: httpx.Client) -> None:
    asks = make_project(world.coordinator, "Asks", request_username_access=True)
    authorize(world.alice, asks)
    row = rows(client, make_token(asks))[0]
    assert (row["username_shared"], row["username"]) == (True, "alice")


def test_a_username_asked_for_later_is_not_given(world: World, client: httpx.Client) -> None:
    world.study.request_username_access = True
    world.study.save(update_fields=["request_username_access"])
    row = rows(client, world.token)[0]
    assert (row["username_shared"], row["username"]) == (False, None)


def test_008_exchange_member_carries_the_token_only_if_it_came_in_the_query(world: World, client: httpx.Client) -> None:
    link = f"http://testserver/api/direct-sharing/project/exchange-member/?project_member_id={world.alice_number}"
    assert rows(client, world.token)[0]["exchange_member"] == link
    by_query = client.get(MEMBERS, params={"access_token": world.token}).json()["results"][0]
    assert by_query["exchange_member"] == f"{link}&access_token={world.token}"
    assert client.get(by_query["exchange_member"]).json()["project_member_id"] == world.alice_number


def test_exchange_member_leads_to_the_configured_site(world: World, client: httpx.Client) -> None:
    answer = client.get(f"http://localhost:99{MEMBERS}", headers=bearer(world.token))
    assert answer.json()["results"][0]["exchange_member"].startswith("http://testserver/api/")


def test_of_twelve_files_the_first_ten_are_listed_and_all_counted(world: World, client: httpx.Client) -> None:
    ids = [world.file_id] + [give(world.alice, world.source, f"{n}.csv") for n in range(11)]
    row = rows(client, world.token)[0]
    assert row["file_count"] == 12
    assert [file["id"] for file in row["data"]] == ids[:10]
    assert [file["id"] for file in rows(client, world.token)[1]["data"]] != ids[:10]


def test_the_first_ten_go_over_sources_in_the_order_of_their_names(world: World, client: httpx.Client) -> None:
    more = make_project(world.coordinator, "More", returned_data_description="x")
    wide = make_project(world.coordinator, "Wide", requested_sources=[world.source, more])
    first = [world.file_id] + [give(world.alice, world.source, f"{n}.csv") for n in range(5)]
    second = [give(world.alice, more, f"{n}.csv") for n in range(8)]
    authorize(world.alice, wide)
    by_name = sorted([(f"direct-sharing-{world.source.pk}", first), (f"direct-sharing-{more.pk}", second)])
    row = rows(client, make_token(wide))[0]
    assert [file["id"] for file in row["data"]] == [file for _, ids in by_name for file in ids][:10]
    assert row["file_count"] == 14


def test_a_file_of_the_project_itself_is_listed_but_no_source_of_it(world: World, client: httpx.Client) -> None:
    own = give(world.alice, world.study, "own.csv")
    row = rows(client, world.token)[0]
    assert own in [file["id"] for file in row["data"]]
    assert row["sources_shared"] == [f"direct-sharing-{world.source.pk}"]


def test_under_all_sources_every_file_is_listed_and_no_source_named(world: World, client: httpx.Client) -> None:
    everything = make_project(world.coordinator, "Everything", requested_sources=[world.source])
    everything.all_sources_access = True
    everything.save(update_fields=["all_sources_access"])
    authorize(world.alice, everything)
    row = rows(client, make_token(everything))[0]
    assert row["sources_shared"] == []
    assert {file["basename"] for file in row["data"]} == {"alice.csv", "secret.csv"}


def test_047_an_incomplete_or_deleted_file_is_neither_listed_nor_counted(world: World, client: httpx.Client) -> None:
    token = make_token(world.source)
    authorize(world.alice, world.source)
    keep = give(world.alice, world.source, "keep.csv")
    DataFile.objects.create(
        member=world.alice,
        source=world.source,
        key="k",
        basename="half.csv",
        size=1,
        sha256="",
        metadata="{}",
        created_at=THEN,
    )
    data = {
        "project_member_id": rows(client, token)[0]["project_member_id"],
        "file_id": world.file_id,
    }
    client.post("/api/direct-sharing/project/files/delete/", headers=bearer(token), data=data)
    row = rows(client, world.token)[0]
    assert ([file["id"] for file in row["data"]], row["file_count"]) == ([keep], 1)


def test_a_member_without_files_has_an_empty_list(world: World, client: httpx.Client) -> None:
    empty = make_project(world.coordinator, "Empty")
    authorize(world.alice, empty)
    row = rows(client, make_token(empty))[0]
    assert (row["file_count"], row["data"], row["sources_shared"]) == (0, [], [])


def test_a_project_without_members_has_an_empty_list(world: World, client: httpx.Client) -> None:
    page = get(client, MEMBERS, make_token(make_project(world.coordinator, "Nobody"))).content
    assert page == b'{"count":0,"next":null,"previous":null,"results":[]}'


def test_whoever_joined_without_authorizing_is_not_listed(world: World, client: httpx.Client) -> None:
    shown = queries.ask(world.study.pk).text_sha256
    actions.join(member_id=world.joiner.pk, project_id=world.study.pk, shown=shown, now=THEN)
    page = get(client, MEMBERS, world.token).json()
    assert (page["count"], len(page["results"])) == (2, 2)


def test_a_member_who_left_is_gone_and_comes_back_under_the_same_number(world: World, client: httpx.Client) -> None:
    number, created = world.alice_number, rows(client, world.token)[0]["created"]
    leave(world.of_alice)
    page = get(client, MEMBERS, world.token).json()
    assert (page["count"], [row["project_member_id"] for row in page["results"]]) == (
        1,
        [world.bob_number],
    )
    authorize(world.alice, world.study)
    back = rows(client, world.token)[0]
    assert (back["project_member_id"], back["created"]) == (number, created)


def test_a_member_has_another_number_in_every_project(world: World, client: httpx.Client) -> None:
    authorize(world.alice, world.other)
    assert rows(client, world.other_token)[0]["project_member_id"] != world.alice_number
