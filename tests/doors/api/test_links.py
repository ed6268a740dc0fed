"""`files/links/`: fresh links for many files at once, for those only that may be read."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.files import queries
from consentry_server.files.models import Access
from tests.doors.api.calls import PROJECT, bearer, fetch
from tests.doors.api.conftest import Clock
from tests.world import World, authorize, give, make_project, make_token

LINKS = f"{PROJECT}files/links/"


def ask(client: httpx.Client, token: str, ids: object) -> httpx.Response:
    return client.post(LINKS, headers=bearer(token), json={"file_ids": ids})


def test_each_link_opens_its_file_for_an_hour(world: World, client: httpx.Client, clock: Clock) -> None:
    (of_bob,) = queries.own(world.bob.pk).values_list("id", flat=True)

    found = ask(client, world.token, [of_bob, world.file_id]).json()

    assert [each["id"] for each in found["links"]] == [of_bob, world.file_id]
    assert found["not_readable"] == []
    assert datetime.fromisoformat(found["expires"]) == clock.now + timedelta(hours=1)
    contents = [fetch(client, each["download_url"]).content for each in found["links"]]
    assert contents == [b"bob,0\n", b"alice,0\n"]
    clock.move(hours=1)
    assert fetch(client, found["links"][0]["download_url"]).status_code == 403


def test_files_that_may_not_be_read_are_named_and_no_error(world: World, client: httpx.Client) -> None:
    private = give(world.alice, world.private, "more.csv")
    foreign = queries.own(world.joiner.pk)[0].pk

    found = ask(client, world.token, [private, world.file_id, foreign, 10**17, -1, 0]).json()

    assert [each["id"] for each in found["links"]] == [world.file_id]
    assert found["not_readable"] == [private, foreign, 10**17, -1, 0]


def test_031_another_project_gets_no_link(world: World, client: httpx.Client) -> None:
    assert ask(client, world.other_token, [world.file_id]).json()["not_readable"] == [world.file_id]


def test_034_a_member_who_is_gone_is_gone_here_too(
    world: World, client: httpx.Client, goes: Callable[[World], None]
) -> None:
    goes(world)

    assert ask(client, world.token, [world.file_id]).json()["links"] == []
    assert not Access.objects.filter(kind="links").exists()


def test_a_link_dies_with_the_consent_as_others_do(
    world: World, client: httpx.Client, goes: Callable[[World], None]
) -> None:
    (link,) = ask(client, world.token, [world.file_id]).json()["links"]
    goes(world)
    assert fetch(client, link["download_url"]).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"file_ids": "{}"}},
        {"data": {"file_ids": "{}"}},
        {"data": {"file_ids": ["{}", "{}"]}},
        {"data": {"file_ids": " {}, {}\n"}},
        {"json": {"file_ids": ["{}"]}},
    ],
)
def test_ids_come_in_a_list_or_a_form(world: World, client: httpx.Client, sent: dict[str, dict[str, object]]) -> None:
    ((kind, fields),) = sent.items()
    text = str(fields["file_ids"]).replace("{}", str(world.file_id)) if isinstance(fields["file_ids"], str) else None
    value = text if text is not None else [each.replace("{}", str(world.file_id)) for each in fields["file_ids"]]  # type: ignore[attr-defined]

    answer = client.post(LINKS, headers=bearer(world.token), **{kind: {"file_ids": value}})  # type: ignore[arg-type]

    assert [each["id"] for each in answer.json()["links"]] == [world.file_id]


@pytest.mark.parametrize(
    "ids",
    [
        None,
        [],
        "",
        "x",
        ["x"],
        [1, "x"],
        [1.5],
        [None],
        [True],
        [[1]],
        [{}],
        {},
        [10**18],
        ["1e3"],
        ["٣"],
        list(range(1001)),
    ],
)
def test_176_anything_else_is_refused_and_nothing_noted(world: World, client: httpx.Client, ids: object) -> None:
    answer = ask(client, world.token, ids)

    assert (answer.status_code, list(answer.json())) == (400, ["file_ids"])
    assert not Access.objects.filter(kind="links").exists()


def test_one_statement_decides_and_each_member_has_a_line(world: World, client: httpx.Client) -> None:
    """A range would say of members in between that something of theirs was read."""
    third = authorize(world.joiner, world.study)
    of_joiner = queries.own(world.joiner.pk)[0].pk
    ids = [world.file_id, of_joiner, *(give(world.alice, world.source, f"{n}.csv") for n in range(5))]

    with CaptureQueriesContext(connection) as captured:
        answer = ask(client, world.token, ids)

    assert len(answer.json()["links"]) == 7
    reads = [entry["sql"] for entry in captured.captured_queries if "files_datafile" in entry["sql"]]
    assert len(reads) == 1
    lines = Access.objects.filter(kind="links").order_by("first_member")
    seats = [(world.of_alice.project_member_id, 6), (third.project_member_id, 1)]
    assert [(line.first_member, line.files) for line in lines] == seats
    assert all(line.first_member == line.last_member for line in lines)
    assert [line.kind for line in queries.ledger(world.bob.pk, limit=9, offset=0)] == []


def test_a_thousand_links_at_once(world: World, client: httpx.Client) -> None:
    found = ask(client, world.token, [*range(10**6, 10**6 + 999), world.file_id]).json()

    assert (len(found["links"]), len(found["not_readable"])) == (1, 999)


def test_a_project_of_its_own_files_gets_links_to_them(world: World, client: httpx.Client) -> None:
    brings = make_project(world.coordinator, "Brings", returned_data_description="x")
    authorize(world.alice, brings)
    own = give(world.alice, brings, "own.csv", b"own\n")

    (link,) = ask(client, make_token(brings), [own, world.file_id]).json()["links"]

    assert fetch(client, link["download_url"]).content == b"own\n"
