"""Every read by a project writes one line of the ledger, or gives nothing."""

from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest
from django.db import IntegrityError, connection

from consentry_server.common.ids import fingerprint
from consentry_server.database import stamp
from consentry_server.files import queries
from consentry_server.files.actions import Line, write_ledger
from consentry_server.files.actions.reading import AT_ONCE
from consentry_server.files.models import Access
from tests.doors.api.calls import (
    EXCHANGE,
    MEMBERS,
    PROJECT,
    bearer,
    exchange,
    fetch,
    get,
    raw,
    upload,
)
from tests.doors.api.test_upload_metadata import having
from tests.world import World, authorize, give, leave, make_project, make_token


def lines() -> list[dict[str, Any]]:
    return list(Access.objects.order_by("id").values())


def link_of(client: httpx.Client, world: World) -> str:
    return str(exchange(client, world.token, world.alice_number).json()["data"][0]["download_url"])


def test_a_page_of_members_is_one_line_for_all_on_it(world: World) -> None:
    environ = {"HTTP_AUTHORIZATION": f"Bearer {world.token}", "REMOTE_ADDR": "203.0.113.9"}
    raw("GET", MEMBERS, environ=environ)
    (line,) = lines()
    assert line["kind"] == "members"
    assert (line["project_id"], line["file_id"]) == (world.study.pk, None)
    assert line["first_member"] == world.of_alice.project_member_id
    assert line["last_member"] == world.of_bob.project_member_id
    assert (line["address"], line["fingerprint"]) == ("203.0.113.9", fingerprint(world.token))


def test_a_page_covers_those_on_it_only(world: World, client: httpx.Client) -> None:
    get(client, MEMBERS, world.token, limit=1, offset=1)
    (line,) = lines()
    assert line["first_member"] == line["last_member"] == world.of_bob.project_member_id
    assert queries.ledger(world.alice.pk, limit=10, offset=0) == []
    assert len(queries.ledger(world.bob.pk, limit=10, offset=0)) == 1


def test_one_member_is_one_line_with_the_files_listed(world: World, client: httpx.Client) -> None:
    for n in range(4):
        give(world.alice, world.source, f"{n}.csv")
    exchange(client, world.token, world.alice_number, limit=2, offset=3)
    (line,) = lines()
    assert (line["kind"], line["first_file"], line["files"]) == ("member", 3, 2)
    assert line["first_member"] == line["last_member"] == world.of_alice.project_member_id


def test_a_download_is_one_line_with_its_bytes(world: World, client: httpx.Client) -> None:
    link = link_of(client, world)
    before = len(lines())
    fetch(client, link)
    (line,) = lines()[before:]
    assert (line["kind"], line["file_id"], line["size"], line["files"]) == (
        "download",
        world.file_id,
        8,
        1,
    )
    assert line["first_member"] == world.of_alice.project_member_id
    fetch(client, link, Range="bytes=0-2")
    assert lines()[-1]["size"] == 3


def test_the_member_sees_who_read_what(world: World, client: httpx.Client) -> None:
    fetch(client, link_of(client, world))
    get(client, MEMBERS, world.token)
    seen = queries.ledger(world.alice.pk, limit=10, offset=0)
    assert [line.kind for line in seen] == ["members", "download", "member"]
    assert {line.project for line in seen} == {"Study"}
    assert (seen[1].basename, seen[1].size) == ("alice.csv", 8)
    assert queries.ledger(world.joiner.pk, limit=10, offset=0) == []


def test_what_was_read_after_a_member_left_is_not_in_their_ledger(world: World, client: httpx.Client) -> None:
    authorize(world.joiner, world.study)
    leave(world.of_bob)
    get(client, MEMBERS, world.token)
    assert queries.ledger(world.bob.pk, limit=10, offset=0) == []
    assert len(queries.ledger(world.joiner.pk, limit=10, offset=0)) == 1


def test_what_gives_nothing_of_anybody_writes_nothing(world: World, client: httpx.Client) -> None:
    empty = make_token(make_project(world.coordinator, "Empty"))
    get(client, PROJECT, world.token)
    get(client, MEMBERS, empty)
    get(client, MEMBERS, "bad")
    get(client, MEMBERS, world.token, offset=10)
    exchange(client, world.token, "12345678")
    client.get(f"/data-management/datafile-download/{world.file_id}/?key=x")
    client.options(MEMBERS, headers=bearer(world.token))
    client.post(MEMBERS, headers=bearer(world.token))
    assert lines() == []


def test_leading_to_the_bytes_is_no_line_yet(world: World, client: httpx.Client) -> None:
    link = link_of(client, world)
    before = len(lines())
    client.get(link)
    assert len(lines()) == before


def test_010_a_line_never_holds_the_token(world: World, client: httpx.Client) -> None:
    client.get(EXCHANGE, params={"access_token": world.token, "project_member_id": world.alice_number})
    assert world.token not in str(lines())
    assert lines()[0]["fingerprint"] == fingerprint(world.token)


BROKEN = {
    "sqlite": [("CREATE TRIGGER broken BEFORE INSERT ON files_access BEGIN SELECT RAISE(ABORT, 'broken'); END")],
    "postgresql": [
        ("CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$"),
        ("CREATE TRIGGER broken BEFORE INSERT ON files_access FOR EACH ROW EXECUTE FUNCTION broken()"),
    ],
}


def break_the_ledger() -> None:
    """Have the database refuse every new line."""
    with connection.cursor() as cursor:
        for sql in BROKEN[connection.vendor]:
            cursor.execute(sql)


@pytest.mark.parametrize("what", ["members", "member", "download"])
def test_302_a_read_that_cannot_be_written_down_is_refused(world: World, client: httpx.Client, what: str) -> None:
    target = f"http://testserver{client.get(link_of(client, world)).headers['Location']}"
    break_the_ledger()
    if what == "download":
        answer = client.get(target)
    elif what == "members":
        answer = get(client, MEMBERS, world.token)
    else:
        answer = exchange(client, world.token, world.alice_number)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"].isdecimal()
    assert list(answer.json()) == ["detail"]
    assert "alice" not in answer.text
    assert "broken" not in answer.text


def test_302_what_reads_nobodys_data_goes_on(world: World, client: httpx.Client) -> None:
    break_the_ledger()
    assert get(client, PROJECT, world.token).status_code == 200
    assert upload(client, world.token, world.alice_number, metadata=having()).status_code == 201


def many(world: World, count: int) -> list[Line]:
    """As many lines as that, each about so many files."""
    seat = world.of_alice.project_member_id
    who = (stamp(datetime.now(UTC)), "links", world.study.pk, "", "", seat, seat)
    return [Line(*who, files=nth) for nth in range(count)]


@pytest.mark.parametrize("count", [1, 2, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 7])
def test_lines_of_many_requests_are_all_written_in_their_order(world: World, count: int) -> None:
    write_ledger(many(world, count))
    assert [line["files"] for line in lines()] == list(range(count))


def test_of_lines_that_are_written_together_one_that_cannot_be_keeps_out_all(world: World) -> None:
    wrong = many(world, 2 * AT_ONCE)
    wrong[-1] = wrong[-1]._replace(address=cast("str", None))
    with pytest.raises(IntegrityError):
        write_ledger(wrong)
    assert lines() == []
