"""How many SQL statements a request takes: the same, however much there is."""

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.files.models import DataFile, FileTotal
from consentry_server.members.models import Member
from consentry_server.projects.models import Project
from consentry_server.sharing.models import Authorization, Grant, ProjectMember
from tests.world import METADATA, THEN, World

PROJECT = "/api/direct-sharing/project/"


def crowd(world: World, members: int, files: int) -> None:
    """Let more members share files of the source with the study, in a few statements."""
    people = Member.objects.bulk_create([Member(username=f"m{n}", email=f"m{n}@example.org") for n in range(members)])
    seats = ProjectMember.objects.bulk_create(
        [
            ProjectMember(member=who, project=world.study, number=f"1{n:07}", created_at=THEN)
            for n, who in enumerate(people)
        ]
    )
    rows = Authorization.objects.bulk_create(
        [
            Authorization(
                project_member=seat,
                member=seat.member,
                project=world.study,
                authorized_at=THEN,
                username_shared=False,
            )
            for seat in seats
        ]
    )
    Grant.objects.bulk_create([Grant(authorization=row, source=world.source) for row in rows])
    Project.objects.filter(id=world.study.pk).update(authorized_members=members + 2)
    FileTotal.objects.bulk_create(
        [FileTotal(member=who, source=world.source, files=files, size=files) for who in people]
    )
    for who in people:
        DataFile.objects.bulk_create(
            [
                DataFile(
                    member=who,
                    source=world.source,
                    key=f"{who.pk}-{n}",
                    basename=f"{n}.csv",
                    size=1,
                    sha256="0" * 64,
                    metadata=METADATA,
                    created_at=THEN,
                    completed_at=THEN,
                )
                for n in range(files)
            ]
        )


def statements(client: httpx.Client, path: str, **query: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        client.get(PROJECT + path, params=query).raise_for_status()
    return [entry["sql"].strip() for entry in captured.captured_queries]


def writes(found: list[str]) -> list[str]:
    return [sql for sql in found if not sql.startswith(("SELECT", "WITH"))]


@pytest.mark.parametrize(("members", "files"), [(8, 1), (98, 1), (8, 1000), (98, 100)])
def test_a_page_of_members_takes_four_statements(world: World, client: httpx.Client, members: int, files: int) -> None:
    crowd(world, members, files)

    found = statements(client, "members/", access_token=world.token)

    assert len(found) == 4
    (ledger,) = writes(found)
    assert ledger.startswith("INSERT INTO files_access")


@pytest.mark.slow
def test_a_page_of_a_hundred_members_with_a_thousand_files_each_takes_no_more(
    world: World, client: httpx.Client
) -> None:
    crowd(world, 98, 1000)

    assert len(statements(client, "members/", access_token=world.token)) == 4


@pytest.mark.parametrize("files", [1, 1000])
def test_a_page_of_files_takes_four_statements(world: World, client: httpx.Client, files: int) -> None:
    crowd(world, 1, files)

    found = statements(client, "exchange-member/", access_token=world.token, project_member_id="10000000")

    assert len(found) == 4
    (ledger,) = writes(found)
    assert ledger.startswith("INSERT INTO files_access")


@pytest.mark.parametrize("members", [1, 100])
def test_the_project_takes_two_statements_and_writes_nothing(world: World, client: httpx.Client, members: int) -> None:
    crowd(world, members, 1)

    found = statements(client, "", access_token=world.token)

    assert len(found) == 2
    assert writes(found) == []


def test_a_download_takes_three_statements_in_its_two_steps(world: World, client: httpx.Client) -> None:
    query = {"access_token": world.token, "project_member_id": world.alice_number}
    link = client.get(f"{PROJECT}exchange-member/", params=query).json()["data"][0]["download_url"]

    with CaptureQueriesContext(connection) as captured:
        client.get(link, follow_redirects=True).raise_for_status()

    found = [entry["sql"].strip() for entry in captured.captured_queries]
    assert len(found) == 3
    assert len(writes(found)) == 1
