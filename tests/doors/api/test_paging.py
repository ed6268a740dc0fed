"""Pages of a listing and their links, byte for byte."""

import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from consentry_server.projects.models import Project
from consentry_server.sharing.models import Authorization, ProjectMember
from tests.doors.api.calls import EXCHANGE, MEMBERS, bearer, exchange, get, raw
from tests.world import THEN, World, authorize, give, make_member

SITE = "http://testserver"


def fill(world: World, members: int) -> None:
    """Give the study more members than alice and bob, straight into the tables."""
    seats = ProjectMember.objects.bulk_create(
        ProjectMember(
            member_id=world.joiner.pk if n == 0 else make_member(f"more{n}").pk,
            project=world.study,
            number=str(20_000_000 + n),
            created_at=THEN,
            joined_at=THEN,
        )
        for n in range(members)
    )
    Authorization.objects.bulk_create(
        Authorization(
            project_member=seat,
            member_id=seat.member_id,
            project=world.study,
            authorized_at=THEN,
            username_shared=False,
        )
        for seat in seats
    )
    Project.objects.filter(id=world.study.pk).update(authorized_members=2 + members)


def test_a_single_page_has_no_links(world: World, client: httpx.Client) -> None:
    page = get(client, MEMBERS, world.token).json()
    assert list(page) == ["count", "next", "previous", "results"]
    assert (page["count"], page["next"], page["previous"], len(page["results"])) == (
        2,
        None,
        None,
        2,
    )


def test_a_hundred_rows_are_a_page_unless_another_limit_is_sent(world: World, client: httpx.Client) -> None:
    fill(world, 100)
    page = get(client, MEMBERS, world.token).json()
    assert (page["count"], len(page["results"])) == (102, 100)
    assert page["next"] == f"{SITE}{MEMBERS}?limit=100&offset=100"
    second = client.get(page["next"], headers=bearer(world.token)).json()
    assert (len(second["results"]), second["next"]) == (2, None)
    assert second["previous"] == f"{SITE}{MEMBERS}?limit=100"
    assert len(get(client, MEMBERS, world.token, limit=102).json()["results"]) == 102


@pytest.mark.parametrize("limit", ["0", "-1", "abc", "", "1.5", "0x10", "٣", " ", "1e2", "+1", "null", "-0"])
def test_a_limit_that_makes_no_sense_falls_back_to_a_hundred(world: World, client: httpx.Client, limit: str) -> None:
    page = get(client, MEMBERS, world.token, limit=limit, offset=1).json()
    assert len(page["results"]) == 1
    assert page["previous"] == f"{SITE}{MEMBERS}?limit=100"


@pytest.mark.parametrize("limit", ["1001", "5000", str(2**31), str(2**63 - 1), str(2**63), "1" + "0" * 40, "9" * 5000])
def test_193_a_limit_above_a_thousand_is_cut_and_the_links_say_so(
    world: World, client: httpx.Client, limit: str
) -> None:
    page = get(client, MEMBERS, world.token, limit=limit, offset=1).json()
    assert page["previous"] == f"{SITE}{MEMBERS}?limit=1000"


@pytest.mark.parametrize("offset", ["-1", "abc", "", "1.5", "٣", "-5", "0x1", "+1"])
def test_an_offset_that_makes_no_sense_is_none(world: World, client: httpx.Client, offset: str) -> None:
    page = get(client, MEMBERS, world.token, offset=offset).json()
    assert (len(page["results"]), page["previous"]) == (2, None)


@pytest.mark.parametrize("offset", ["2", "3", "100", str(2**31), str(2**63), str(10**40), "9" * 5000])
@pytest.mark.parametrize("listing", ["members", "exchange"])
def test_193_an_offset_past_the_end_gives_an_empty_page(
    world: World, client: httpx.Client, offset: str, listing: str
) -> None:
    if listing == "members":
        page = get(client, MEMBERS, world.token, offset=offset).json()
        assert (page["count"], page["results"], page["next"]) == (2, [], None)
    else:
        page = exchange(client, world.token, world.alice_number, offset=offset).json()
        assert (page["count"], page["data"], page["next"]) == (1, [], None)
    assert page["previous"].startswith(f"{SITE}{'/api/direct-sharing/project/'}")


def test_links_carry_the_limit_and_only_a_positive_offset(world: World, client: httpx.Client) -> None:
    fill(world, 3)
    middle = get(client, MEMBERS, world.token, limit=2, offset=1).json()
    assert middle["next"] == f"{SITE}{MEMBERS}?limit=2&offset=3"
    assert middle["previous"] == f"{SITE}{MEMBERS}?limit=2"
    assert get(client, MEMBERS, world.token, limit=2, offset=3).json()["previous"] == (
        f"{SITE}{MEMBERS}?limit=2&offset=1"
    )


def test_007_links_carry_the_token_only_if_it_came_in_the_query(world: World, client: httpx.Client) -> None:
    by_query = client.get(MEMBERS, params={"limit": 1, "access_token": world.token})
    assert by_query.json()["next"] == f"{SITE}{MEMBERS}?access_token={world.token}&limit=1&offset=1"
    assert "no-store" in by_query.headers["Cache-Control"]
    by_header = client.get(MEMBERS, params={"limit": 1}, headers=bearer(world.token))
    assert world.token not in by_header.text
    again = client.get(by_query.json()["next"]).json()
    assert again["results"][0]["project_member_id"] == world.bob_number


def test_the_parameters_of_a_link_are_sorted(world: World, client: httpx.Client) -> None:
    give(world.alice, world.source, "second.csv")
    query = f"project_member_id={world.alice_number}&limit=1&access_token={world.token}"
    page = client.get(f"{EXCHANGE}?{query}").json()
    assert page["next"] == (
        f"{SITE}{EXCHANGE}?access_token={world.token}&limit=1&offset=1&project_member_id={world.alice_number}"
    )


def test_other_parameters_stay_in_the_links(world: World, client: httpx.Client) -> None:
    answer = client.get(f"{MEMBERS}?z=%C3%A9+%26&limit=1&a=&a=2", headers=bearer(world.token))
    assert answer.json()["next"] == f"{SITE}{MEMBERS}?a=&a=2&limit=1&offset=1&z=%C3%A9+%26"


def test_links_lead_to_the_host_that_was_asked(world: World, client: httpx.Client) -> None:
    answer = client.get(f"http://localhost:8123{MEMBERS}", params={"limit": 1}, headers=bearer(world.token))
    assert answer.json()["next"] == f"http://localhost:8123{MEMBERS}?limit=1&offset=1"


def test_links_keep_the_suffix(world: World, client: httpx.Client) -> None:
    answer = get(client, f"{MEMBERS[:-1]}.json", world.token, limit=1)
    assert answer.json()["next"] == f"{SITE}{MEMBERS[:-1]}.json?limit=1&offset=1"


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_194_following_the_links_sees_each_member_once_in_order(world: World, client: httpx.Client, limit: int) -> None:
    fill(world, 3)
    seen, address = [], f"{SITE}{MEMBERS}?limit={limit}&access_token={world.token}"
    while address:
        page = client.get(address).json()
        seen += [row["project_member_id"] for row in page["results"]]
        address = page["next"]
    assert seen == [world.alice_number, world.bob_number, "20000000", "20000001", "20000002"]


def test_the_previous_links_lead_back_to_the_beginning(world: World, client: httpx.Client) -> None:
    fill(world, 3)
    page = get(client, MEMBERS, world.token, limit=2, offset=4).json()
    steps = 0
    while page["previous"]:
        page = client.get(page["previous"], headers=bearer(world.token)).json()
        steps += 1
    assert steps == 2
    assert page["results"][0]["project_member_id"] == world.alice_number


@pytest.mark.parametrize(
    "query",
    ["%", "%zz", "a=%ff%fe", "%00=%00", "a=%ED%A0%80", "&&&==", ";", "?", "offset", "a" * 50_000],
)
def test_178_a_strange_query_is_read_as_it_can_be(world: World, client: httpx.Client, query: str) -> None:
    answer = client.get(f"{MEMBERS}?limit=1&{query}", headers=bearer(world.token))
    assert answer.status_code == 200
    following = answer.json()["next"]
    assert parse_qs(urlsplit(following).query)["offset"] == ["1"]
    assert client.get(following, headers=bearer(world.token)).status_code == 200


def test_178_ten_thousand_parameters_are_too_many(world: World) -> None:
    query = "&".join(f"p{n}=1" for n in range(10_000))
    for kind in ("", "application/json; charset=utf-8"):
        environ = {"HTTP_AUTHORIZATION": f"Bearer {world.token}", "CONTENT_TYPE": kind}
        answer = raw("GET", f"{MEMBERS}?{query}", environ=environ)
        assert (answer.status, list(json.loads(answer.body))) == (400, ["detail"])


def test_members_keep_the_order_in_which_they_came(world: World, client: httpx.Client) -> None:
    authorize(world.joiner, world.study)
    rows = get(client, MEMBERS, world.token).json()["results"]
    numbers = [row["project_member_id"] for row in rows]
    assert numbers[:2] == [world.alice_number, world.bob_number]
    assert len(numbers) == 3
