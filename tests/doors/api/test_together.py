"""Downloads that wait are looked up together, and each is answered as if it had come alone."""

import pytest
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consentry_server.api import urls
from consentry_server.api.answers import Answer
from consentry_server.api.downloads import Response
from consentry_server.common.keys import derive
from consentry_server.files import queries
from consentry_server.files.rules import TARGET_FOR, Link, sign_link
from tests.world import World, authorize, give, leave

pytestmark = pytest.mark.django_db

OUT_OF_TIME = ("Expires", "RateLimit")  # headers that say when, or how many came before


def target(file_id: int, holder_id: int, *, role: str = "a", seconds: int = TARGET_FOR) -> HttpRequest:
    """Ask for a file as its link says, at the address to which that leads."""
    until = Link("a" if role == "a" else "m", holder_id, int(timezone.now().timestamp()) + seconds)
    signed = sign_link(derive("links"), until, stage="target", file_id=file_id)
    return RequestFactory().get(f"/data-management/datafile/{file_id}/{signed}/name.csv")


@pytest.fixture
def asked(world: World) -> dict[str, HttpRequest]:
    """What can be asked at one time: some of it is answered, some refused, some needs no look-up at all."""
    other = authorize(world.joiner, world.other)
    gone = give(world.bob, world.source, "gone.csv", b"gone\n")
    leave(other)
    queries.DataFile.objects.filter(id=gone).update(deleted_at=timezone.now())
    of_alice, of_bob = world.of_alice.pk, world.of_bob.pk
    return {
        "alice's": target(world.file_id, of_alice),
        "one without a name": RequestFactory().get("/data-management/datafile/1/"),
        "alice's by bob's authorization": target(world.file_id, of_bob),
        "by an authorization that ended": target(world.file_id, other.pk),
        "one that was deleted": target(gone, of_bob),
        "one out of time": target(world.file_id, of_alice, seconds=-1),
        "alice's, again": target(world.file_id, of_alice),
        "her own": target(world.file_id, world.alice.pk, role="m"),
        "somebody's own": target(world.file_id, world.joiner.pk, role="m"),
        "for the head": _with(target(world.file_id, of_alice), "HEAD"),
        "to change something": _with(target(world.file_id, of_alice), "POST"),
        "the project": RequestFactory().get("/api/direct-sharing/project/"),
    }


def _with(request: HttpRequest, method: str) -> HttpRequest:
    request.method = method
    return request


def shown(answer: Response) -> tuple[int, bytes, dict[str, str]]:
    assert isinstance(answer, Answer)
    assert isinstance(answer.content, bytes)
    headers = {name: value for name, value in answer.headers.items() if name not in OUT_OF_TIME}
    return answer.status_code, answer.content, headers


def test_each_is_answered_as_if_it_had_come_alone(asked: dict[str, HttpRequest]) -> None:
    alone = {what: shown(urls.respond(request)) for what, request in asked.items()}
    together = dict(zip(asked, map(shown, urls.respond_to_each(asked.values())), strict=True))
    assert together == alone
    assert {what: status for what, (status, _, _) in together.items()} == {
        "alice's": 200,
        "one without a name": 404,
        "alice's by bob's authorization": 403,
        "by an authorization that ended": 403,
        "one that was deleted": 403,
        "one out of time": 403,
        "alice's, again": 200,
        "her own": 200,
        "somebody's own": 403,
        "for the head": 200,
        "to change something": 405,
        "the project": 401,
    }


def test_many_are_looked_up_in_one_statement(world: World) -> None:
    mine = [give(world.alice, world.source, f"{nth}.csv", b"%d\n" % nth) for nth in range(20)]
    with CaptureQueriesContext(connection) as seen:
        answers = urls.respond_to_each([target(pk, world.of_alice.pk) for pk in mine])
    assert [answer.content for answer in answers if isinstance(answer, Answer)] == [b"%d\n" % nth for nth in range(20)]
    assert len([each for each in seen if "files_datafile" in each["sql"]]) == 1


def test_a_database_that_does_not_answer_is_told_to_each_that_asked_it(
    asked: dict[str, HttpRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_wanted: object) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(queries, "readable_each", fail)
    answers = dict(zip(asked, map(shown, urls.respond_to_each(asked.values())), strict=True))
    assert {what for what, (status, _, _) in answers.items() if status != 503} == {
        "one without a name",
        "one out of time",
        "to change something",
        "the project",
    }
    assert b"away" not in answers["alice's"][1]


def test_the_ledger_has_a_line_for_each(world: World) -> None:
    requests = [target(world.file_id, world.of_alice.pk) for _ in range(3)]
    urls.respond_to_each(requests)
    found = queries.ledger(world.alice.pk, limit=9, offset=0)
    assert [(line.kind, line.basename, line.size) for line in found] == [("download", "alice.csv", 8)] * 3
