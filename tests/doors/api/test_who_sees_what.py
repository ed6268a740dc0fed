"""Alice, bob, joiner and whoever is gone, asked of every endpoint with every token."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from django.db import connection

from consentry_server.common import keys
from consentry_server.common.ids import well_formed
from consentry_server.files import actions as files
from consentry_server.projects import actions as projects
from tests.doors.api.calls import (
    DELETE,
    ENDPOINTS,
    EXCHANGE,
    INVALID_MEMBER,
    MEMBERS,
    PROJECT,
    UPLOAD,
    bearer,
    exchange,
    fetch,
    get,
    upload,
)
from tests.doors.api.test_ledger import break_the_ledger
from tests.world import THEN, World, authorize, give, leave, make_token


def listed(client: httpx.Client, token: str) -> dict[str, list[str]]:
    rows = get(client, MEMBERS, token).json()["results"]
    return {row["project_member_id"]: [file["basename"] for file in row["data"]] for row in rows}


def test_alice_and_bob_are_seen_with_what_they_granted(world: World, client: httpx.Client) -> None:
    assert listed(client, world.token) == {
        world.alice_number: ["alice.csv"],
        world.bob_number: ["bob.csv"],
    }


def test_joiner_is_on_no_page(world: World, client: httpx.Client) -> None:
    for address in (PROJECT, MEMBERS, f"{EXCHANGE}?project_member_id={world.alice_number}"):
        text = get(client, address, world.token).text
        assert "joiner" not in text
        assert "secret.csv" not in text


def test_a_project_that_nobody_joined_sees_nobody(world: World, client: httpx.Client) -> None:
    assert listed(client, world.other_token) == {}
    for number in (world.alice_number, world.bob_number):
        assert exchange(client, world.other_token, number).json() == INVALID_MEMBER
        assert upload(client, world.other_token, number).json() == INVALID_MEMBER


def test_035_whoever_is_gone_is_on_no_page(world: World, client: httpx.Client, goes: Callable[[World], None]) -> None:
    number = world.alice_number
    mine = upload(client, world.token, number).json()["id"]
    goes(world)
    page = get(client, MEMBERS, world.token)
    assert page.json()["count"] == 1
    assert [row["project_member_id"] for row in page.json()["results"]] == [world.bob_number]
    assert number not in page.text
    assert get(client, PROJECT, world.token).json()["authorized_members"] == 1
    for answer in (
        exchange(client, world.token, number),
        upload(client, world.token, number),
        client.post(DELETE, headers=bearer(world.token), data={"project_member_id": number, "file_id": mine}),
        client.post(DELETE, headers=bearer(world.token), data={"project_member_id": number}),
    ):
        assert (answer.status_code, answer.json()) == (400, INVALID_MEMBER)


def test_034_a_remembered_number_says_no_more_than_one_that_never_was(world: World, client: httpx.Client) -> None:
    number = world.alice_number
    leave(world.of_alice)
    gone, never = exchange(client, world.token, number), exchange(client, world.token, "99999999")
    assert (gone.status_code, gone.content) == (never.status_code, never.content)
    changing = ("Date", "Expires", "Ratelimit")
    assert {k: v for k, v in gone.headers.items() if k.title() not in changing} == {
        k: v for k, v in never.headers.items() if k.title() not in changing
    }


def test_a_suspended_member_is_back_when_the_account_is(world: World, client: httpx.Client) -> None:
    link = exchange(client, world.token, world.alice_number).json()["data"][0]["download_url"]
    for suspended, status in ((True, 403), (False, 200)):
        files.suspend(member_id=world.alice.pk, suspended=suspended, actor="test", now=datetime.now(UTC))
        assert fetch(client, link).status_code == status
        assert (world.alice_number in listed(client, world.token)) is not suspended


def test_leaving_one_project_changes_nothing_in_another(world: World, client: httpx.Client) -> None:
    number = authorize(world.alice, world.other).project_member.number
    leave(world.of_alice)
    assert listed(client, world.other_token) == {number: ["alice.csv"]}


def test_037_sources_asked_for_later_are_not_opened(world: World, client: httpx.Client) -> None:
    wanted = {"requested_sources": [world.source, world.private]}
    projects.edit(project=world.study, actor="test", fields=wanted, now=THEN)
    assert listed(client, world.token)[world.alice_number] == ["alice.csv"]
    authorize(world.alice, world.study)
    assert sorted(listed(client, world.token)[world.alice_number]) == ["alice.csv", "secret.csv"]
    assert listed(client, world.token)[world.bob_number] == ["bob.csv"]


def test_037_a_source_asked_for_no_more_stays_until_agreed_anew(world: World, client: httpx.Client) -> None:
    projects.edit(project=world.study, actor="test", fields={"requested_sources": []}, now=THEN)
    assert listed(client, world.token)[world.alice_number] == ["alice.csv"]
    authorize(world.alice, world.study)
    assert listed(client, world.token)[world.alice_number] == []


def test_what_a_source_brings_later_follows(world: World, client: httpx.Client) -> None:
    give(world.alice, world.source, "new.csv")
    assert listed(client, world.token)[world.alice_number] == ["alice.csv", "new.csv"]


def test_leaving_the_source_hides_nothing_from_others(world: World, client: httpx.Client) -> None:
    in_source = authorize(world.alice, world.source)
    leave(in_source)
    assert listed(client, world.token)[world.alice_number] == ["alice.csv"]


def test_a_link_for_one_project_is_no_link_of_another(world: World, client: httpx.Client) -> None:
    authorize(world.alice, world.other)
    link = exchange(client, world.token, world.alice_number).json()["data"][0]["download_url"]
    leave(world.of_alice)
    assert client.get(link).status_code == 403


@pytest.mark.parametrize("address", ENDPOINTS)
def test_055_a_read_or_a_refused_write_changes_nobody(world: World, client: httpx.Client, address: str) -> None:
    extra = {
        "approved": "true",
        "is_staff": "true",
        "all_sources_access": "true",
        "coordinator": world.alice.pk,
    }
    client.post(address, headers=bearer(world.token), data=extra)
    client.get(address, headers=bearer(world.token), params=extra)
    world.study.refresh_from_db()
    assert (world.study.all_sources_access, world.study.coordinator_id) == (
        False,
        world.coordinator.pk,
    )


def dump() -> str:
    """Everything in every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            found += [str(bytes(v) if isinstance(v, memoryview) else v) for row in cursor.fetchall() for v in row]
    return "\n".join(found)


def test_011_the_database_holds_no_secret_that_opens_anything(world: World, client: httpx.Client) -> None:
    make_token(world.private)
    links = []
    for token in (world.token, world.other_token):
        client.get(MEMBERS, params={"access_token": token})
    for file in exchange(client, world.token, world.alice_number).json()["data"]:
        links.append(file["download_url"].partition("key=")[2])
        fetch(client, file["download_url"])
    everything = dump()
    assert "study@example.org" in everything
    for secret in (world.token, world.other_token, *links):
        assert secret not in everything
    assert not [word for word in everything.split() if well_formed(word, "csm")]


def test_011_what_is_sealed_opens_with_the_instance_key_only(world: World, settings: object) -> None:
    from consentry_server.tokens.models import MasterToken

    sealed = MasterToken.objects.get(project=world.study).sealed
    assert keys.unseal(sealed) == world.token
    settings.INSTANCE_KEY = b"x" * 32  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="another instance key"):
        keys.unseal(sealed)


@pytest.mark.parametrize("bad", ["", "&format=xml", "&project_member_id=1", "&limit=%00"])
@pytest.mark.parametrize("address", [*ENDPOINTS, "/api/nothing/", "/data-management/datafile-download/1/"])
def test_001_002_013_no_log_line_and_no_answer_repeats_a_token(
    world: World, client: httpx.Client, caplog: pytest.LogCaptureFixture, address: str, bad: str
) -> None:
    caplog.set_level("DEBUG", "consentry_server")
    caplog.set_level("DEBUG", "django")
    answer = client.post(f"{address}?access_token={world.token}{bad}", data={"a": "b"})
    assert answer.status_code in (400, 404, 405)
    ours = [record for record in caplog.records if not record.name.startswith("http")]
    assert world.token not in "".join(record.getMessage() for record in ours)
    assert world.token not in answer.text


def test_002_a_failure_is_logged_without_the_query(
    world: World, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    break_the_ledger()
    answer = client.get(MEMBERS, params={"access_token": world.token})
    assert answer.status_code == 503
    ours = [record for record in caplog.records if record.name.startswith("consentry")]
    assert ours
    for record in ours:
        assert world.token not in caplog.handler.format(record)


def test_003_a_token_in_a_pages_address_is_ignored(world: World, client: httpx.Client) -> None:
    for address in ("/member/me/data/", "/account/delete/", "/direct-sharing/projects/manage/"):
        plain, with_token = (
            client.get(address),
            client.get(address, params={"access_token": world.token}),
        )
        assert plain.status_code == with_token.status_code
        assert with_token.status_code != 200


def test_uploading_names_the_member_of_this_project_only(world: World, client: httpx.Client) -> None:
    authorize(world.alice, world.other)
    upload(client, world.token, world.alice_number, name="mine.csv")
    assert "mine.csv" not in str(listed(client, world.other_token))
    assert client.get(UPLOAD, headers=bearer(world.token)).status_code == 405
