"""How many SQL statements a request takes: the same, however many members and files there are."""

import itertools
from collections.abc import Iterator

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.files.models import Access, DataFile, FileTotal
from consentry_server.members.models import Member
from consentry_server.projects.models import Project
from consentry_server.sharing.models import Authorization, Grant, ProjectMember
from tests.doors.api.calls import EXCHANGE, MEMBERS, METADATA, PROJECT, bearer, get
from tests.world import THEN, World

MOST = 5


def fill(world: World, members: int, files: int) -> str:
    """Put members with files straight into the tables; return the first one's number."""
    people = Member.objects.bulk_create(
        Member(username=f"bulk{n}", email=f"bulk{n}@example.org") for n in range(members)
    )
    seats = ProjectMember.objects.bulk_create(
        ProjectMember(
            member=one,
            project=world.study,
            number=str(30_000_000 + n),
            created_at=THEN,
            joined_at=THEN,
        )
        for n, one in enumerate(people)
    )
    rows = Authorization.objects.bulk_create(
        Authorization(
            project_member=seat,
            member=seat.member,
            project=world.study,
            authorized_at=THEN,
            username_shared=False,
        )
        for seat in seats
    )
    Grant.objects.bulk_create(Grant(authorization=row, source=world.source) for row in rows)
    FileTotal.objects.bulk_create(
        FileTotal(member=one, source=world.source, files=files, size=files) for one in people
    )
    made = (
        DataFile(
            member=one,
            source=world.source,
            key=f"{one.pk}-{n}",
            basename="f.csv",
            size=1,
            sha256="",
            metadata=METADATA,
            created_at=THEN,
            completed_at=THEN,
        )
        for one, n in itertools.product(people, range(files))
    )
    for batch in batches(made, 10_000):
        DataFile.objects.bulk_create(batch)
    Project.objects.filter(id=world.study.pk).update(authorized_members=2 + members)
    return "30000000"


def batches(made: Iterator[DataFile], size: int) -> Iterator[list[DataFile]]:
    while batch := list(itertools.islice(made, size)):
        yield batch


def statements(client: httpx.Client, address: str, token: str) -> list[str]:
    before = Access.objects.count()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address, headers=bearer(token))
    assert answer.status_code == 200
    written = [
        query["sql"]
        for query in asked
        if not query["sql"].lstrip().upper().startswith(("SELECT", "WITH"))
    ]
    assert len(written) == Access.objects.count() - before
    assert all(sql.startswith("INSERT INTO files_access") for sql in written)
    return [query["sql"] for query in asked]


SIZES = [(10, 1), (100, 1), (10, 1000), pytest.param(100, 1000, marks=pytest.mark.slow)]


@pytest.mark.parametrize(("members", "files"), SIZES)
def test_reading_takes_the_same_few_statements_whatever_there_is(
    world: World, client: httpx.Client, members: int, files: int
) -> None:
    small = {}
    number = world.alice_number
    addresses = {
        PROJECT: PROJECT,
        MEMBERS: f"{MEMBERS}?limit=1000",
        EXCHANGE: f"{EXCHANGE}?project_member_id={{number}}&limit=1000",
    }
    for name, address in addresses.items():
        small[name] = len(statements(client, address.format(number=number), world.token))
    number = fill(world, members, files)
    for name, address in addresses.items():
        asked = statements(client, address.format(number=number), world.token)
        assert len(asked) == small[name] <= MOST
    page = get(client, f"{MEMBERS}?limit=1000", world.token).json()
    assert len(page["results"]) == members + 2
    assert page["results"][2]["file_count"] == files
    assert len(page["results"][-1]["data"]) == min(files, 10)


def test_each_read_writes_its_line_and_nothing_else(world: World, client: httpx.Client) -> None:
    assert not any("INSERT" in sql for sql in statements(client, PROJECT, world.token))
    for address in (MEMBERS, f"{EXCHANGE}?project_member_id={world.alice_number}"):
        assert sum("INSERT" in sql for sql in statements(client, address, world.token)) == 1


def test_an_unknown_token_costs_one_statement(world: World, client: httpx.Client) -> None:
    from consentry_server.common.ids import new_secret  # noqa: PLC0415

    with CaptureQueriesContext(connection) as asked:
        assert get(client, MEMBERS, new_secret("csm")).status_code == 401
    assert len(asked) == 1
