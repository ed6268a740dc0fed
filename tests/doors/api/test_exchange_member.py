"""`project/exchange-member/`: one member with all the files that they share."""

import httpx
import pytest

from consentry_server.sharing import actions as sharing
from tests.doors.api.calls import EXCHANGE, INVALID_MEMBER, MEMBERS, bearer, exchange, get
from tests.world import THEN, World, authorize, give, make_project, make_token

KEYS = [
    "count",
    "next",
    "previous",
    "created",
    "project_member_id",
    "message_permission",
    "username_shared",
    "sources_shared",
    "data",
]


def test_the_answer_has_these_keys_in_this_order(world: World, client: httpx.Client) -> None:
    found = exchange(client, world.token, world.alice_number).json()
    assert list(found) == KEYS
    assert found["count"] == 1
    assert (found["next"], found["previous"]) == (None, None)
    assert found["created"] == "2016-04-11T19:50:49.041825Z"
    assert found["project_member_id"] == world.alice_number
    assert found["message_permission"] is True
    assert found["username_shared"] is False
    assert found["sources_shared"] == [f"direct-sharing-{world.source.pk}"]


def test_a_shared_username_stands_before_the_files(world: World, client: httpx.Client) -> None:
    asks = make_project(world.coordinator, "Asks", request_username_access=True)
    number = authorize(world.alice, asks).project_member.number
    found = exchange(client, make_token(asks), number).json()
    assert list(found) == [*KEYS[:-1], "username", "data"]
    assert (found["username_shared"], found["username"]) == (True, "alice")


def wide(world: World, sources: int, each: int) -> tuple[str, str, list[int]]:
    """Return the token of a project of several sources, alice's number and her files in order."""
    made = [make_project(world.coordinator, f"S{n}", returned_data_description="x") for n in range(sources)]
    project = make_project(world.coordinator, "Wide", requested_sources=made)
    files = {source.pk: [give(world.alice, source, f"{n}.csv") for n in range(each)] for source in made}
    number = authorize(world.alice, project).project_member.number
    ordered = sorted(files, key=lambda pk: f"direct-sharing-{pk}")
    return make_token(project), number, [file for pk in ordered for file in files[pk]]


def test_files_come_source_after_source_as_text(world: World, client: httpx.Client) -> None:
    # where the ids pass a power of ten the text turns the order round
    made = [make_project(world.coordinator, f"S{n}") for n in range(4)]
    for n, source in enumerate(made):
        source.pk, source.slug = 99_999_998 + n, f"far{n}"
        source.save(force_insert=True)
    project = make_project(world.coordinator, "Wide", requested_sources=made)
    ids = [give(world.alice, source, f"{n}.csv") for source in made for n in range(2)]
    number = authorize(world.alice, project).project_member.number
    token = make_token(project)
    data = exchange(client, token, number).json()["data"]
    assert [file["id"] for file in data] == ids[4:] + ids[:4]
    assert [file["source"] for file in data] == sorted(file["source"] for file in data)
    listed = get(client, MEMBERS, token).json()["results"][0]["data"]
    assert [file["id"] for file in listed] == ids[4:] + ids[:4]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7])
def test_paging_over_files_of_several_sources_loses_none(world: World, client: httpx.Client, limit: int) -> None:
    token, number, ids = wide(world, 3, 4)
    seen: list[int] = []
    address = f"http://testserver{EXCHANGE}?project_member_id={number}&limit={limit}"
    while address:
        page = client.get(address, headers=bearer(token)).json()
        assert (page["count"], page["project_member_id"]) == (12, number)
        assert len(page["data"]) <= limit
        seen += [file["id"] for file in page["data"]]
        address = page["next"]
    assert seen == ids


def test_a_page_holds_a_hundred_files_unless_told(world: World, client: httpx.Client) -> None:
    for n in range(100):
        give(world.alice, world.source, f"{n}.csv")
    found = exchange(client, world.token, world.alice_number).json()
    assert (found["count"], len(found["data"])) == (101, 100)
    query = f"limit=100&offset=100&project_member_id={world.alice_number}"
    assert found["next"] == f"http://testserver{EXCHANGE}?{query}"
    assert len(exchange(client, world.token, world.alice_number, limit=250).json()["data"]) == 101


@pytest.mark.parametrize("query", ["", "?project_member_id=", "?project_member_id=%20", "?member=1"])
def test_a_missing_id_is_invalid(world: World, client: httpx.Client, query: str) -> None:
    answer = get(client, f"{EXCHANGE}{query}", world.token)
    assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)


def shapes(number: str) -> list[str]:
    wrong = [
        f"0{number}",
        f"{number}0",
        number[:-1],
        f"{number},{number}",
        f"[{number}]",
        f'"{number}"',
        "9" * 10**4,
    ]
    return [
        *wrong,
        f"{number}.0",
        f"{number}\x00",
        "%",
        "_" * 8,
        "' OR 1=1 --",
        "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        f"{number}{number}",
    ]


def test_041_an_id_of_any_other_shape_is_invalid(world: World, client: httpx.Client) -> None:
    for shape in shapes(world.alice_number):
        answer = exchange(client, world.token, shape)
        assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER), shape


def test_031_the_id_of_another_projects_member_is_invalid(world: World, client: httpx.Client) -> None:
    other = authorize(world.alice, world.other).project_member.number
    for token, number in (
        (world.token, other),
        (world.other_token, world.alice_number),
        (world.token, "12345678"),
    ):
        answer = exchange(client, token, number)
        assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)


def test_of_two_ids_the_last_counts(world: World, client: httpx.Client) -> None:
    address = f"{EXCHANGE}?project_member_id={world.alice_number}&project_member_id={world.bob_number}"
    assert get(client, address, world.token).json()["project_member_id"] == world.bob_number


def test_only_what_was_granted_is_listed(world: World, client: httpx.Client) -> None:
    found = exchange(client, world.token, world.alice_number).json()
    assert [file["basename"] for file in found["data"]] == ["alice.csv"]


def test_whoever_muted_the_project_gives_it_no_permission_to_write(world: World, client: httpx.Client) -> None:
    sharing.set_muted(seat_id=world.of_alice.project_member_id, muted=True, now=THEN)
    assert exchange(client, world.token, world.alice_number).json()["message_permission"] is False
    listed = get(client, MEMBERS, world.token).json()["results"]
    assert [row["message_permission"] for row in listed] == [False, True]
