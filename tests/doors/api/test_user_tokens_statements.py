"""How many SQL statements a call with the token of a member takes: the same, however much there is of all else."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.common.ids import new_secret
from consentry_server.files.models import DataFile, FileTotal
from consentry_server.tokens.rules import SECRET
from tests.doors.api.acting import LINKS, Acting, refresh
from tests.doors.api.calls import DELETE, EXCHANGE, MESSAGE, METADATA, PROJECT, REMOVE, UPLOAD, bearer
from tests.doors.api.files import DIRECT
from tests.doors.api.test_statements import crowd, writes
from tests.world import THEN, World

Call = Callable[[httpx.Client, dict[str, str]], httpx.Response]


def more(world: World, acting: Acting, count: int) -> None:
    """Give alice more files from the source, and let as many others share as much with the same app."""
    about: dict[str, Any] = {"member": world.alice, "source": world.source, "created_at": THEN, "completed_at": THEN}
    about |= {"size": 1, "sha256": "0" * 64, "metadata": METADATA}
    DataFile.objects.bulk_create(DataFile(key=f"more-{n}", basename=f"{n}.csv", **about) for n in range(count))
    FileTotal.objects.filter(member=world.alice, source=world.source).update(files=count + 1)
    study, world.study = world.study, acting.app
    crowd(world, count, 1)
    world.study = study


def taken(client: httpx.Client, token: str, call: Call) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        call(client, bearer(token)).raise_for_status()
    return [entry["sql"].strip() for entry in captured.captured_queries]


def upload(client: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    return client.post(UPLOAD, headers=headers, data={"metadata": METADATA}, files={"data_file": ("a.csv", b"1")})


CALLS: dict[str, tuple[int, Call]] = {
    "project": (2, lambda client, who: client.get(PROJECT, headers=who)),
    "exchange-member": (4, lambda client, who: client.get(EXCHANGE, headers=who)),
    "message": (0, lambda client, who: client.post(MESSAGE, headers=who, data={"message": "Hi"})),
    "upload": (0, upload),
    "direct": (0, lambda client, who: client.post(DIRECT, headers=who, data={"metadata": METADATA, "filename": "a"})),
    "delete": (0, lambda client, who: client.post(DELETE, headers=who, data={"file_basename": "a.csv"})),
    "remove-members": (0, lambda client, who: client.post(REMOVE, headers=who)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_takes_no_more_with_many_files_and_many_members(
    world: World, acting: Acting, client: httpx.Client, name: str
) -> None:
    wanted, call = CALLS[name]
    few = taken(client, acting.bob.access, call)
    more(world, acting, 300)
    many = taken(client, acting.alice.access, call)
    assert len(many) == len(few), many
    if wanted:
        assert len(many) == wanted
        assert len(writes(many)) == (0 if name == "project" else 1)


def test_links_to_many_files_take_three(world: World, acting: Acting, client: httpx.Client) -> None:
    more(world, acting, 300)
    everything = list(DataFile.objects.values_list("id", flat=True))
    for ids in ([world.file_id], everything):
        body = {"file_ids": ids}
        found = taken(client, acting.alice.access, lambda client, who: client.post(LINKS, headers=who, json=body))  # noqa: B023 - called at once
        assert (len(found), len(writes(found))) == (3, 1)


def test_the_caller_is_found_in_the_first_of_them(acting: Acting, client: httpx.Client) -> None:
    for _, call in CALLS.values():
        first, *rest = taken(client, acting.alice.access, call)
        assert "tokens_accesstoken" in first
        assert not [sql for sql in rest if "tokens_accesstoken" in sql or "tokens_family" in sql]


def test_a_refresh_takes_no_more_with_many_before_it(acting: Acting, client: httpx.Client) -> None:
    counts, token = set(), acting.alice.refresh
    for _ in range(30):
        with CaptureQueriesContext(connection) as captured:
            token = refresh(client, acting, token).json()["refresh_token"]
        counts.add(len(captured))
    assert len(counts) == 1


def test_a_refresh_takes_few_statements_and_holds_nothing_before_the_app_has_proven_itself(
    acting: Acting, client: httpx.Client
) -> None:
    with CaptureQueriesContext(connection) as captured:
        refresh(client, acting, acting.alice.refresh).raise_for_status()
    found = [entry["sql"].strip() for entry in captured.captured_queries]
    # the transaction is a savepoint here, as it is inside that of the test
    begun = next(nth for nth, sql in enumerate(found) if sql.startswith("SAVEPOINT"))
    assert ["projects_client" in found[0], "tokens_clientsecret" in found[1], begun] == [True, True, 2]
    assert found[-1].startswith("RELEASE")
    assert len(found) == 10
    acting.secret = new_secret(SECRET)
    with CaptureQueriesContext(connection) as captured:
        assert refresh(client, acting, acting.alice.refresh).status_code == 401
    assert len(captured) == 2
