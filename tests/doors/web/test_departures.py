"""The coordinator's page of who left, and what the member sees of the answer."""

from datetime import UTC, datetime

import pytest

from consentry_server.files import actions as files
from consentry_server.projects import actions as projects
from consentry_server.sharing.models import Authorization
from tests.doors.web.person import Person, seen
from tests.world import THEN, World, authorize, make_member

PAGE = "/direct-sharing/projects/withdrawn-members/study/"


def leave(row: Authorization, *, erasure: bool) -> Authorization:
    who = {"member_id": row.member_id, "authorization_id": row.pk}
    files.leave(**who, remove_files=False, erasure=erasure, now=datetime.now(UTC))
    return Authorization.objects.get(pk=row.pk)


@pytest.fixture
def asked(world: World) -> Authorization:
    """Alice left and asked for erasure."""
    return leave(world.of_alice, erasure=True)


def test_the_page_names_who_left_by_number_only(world: World, coordinator: Person, asked: Authorization) -> None:
    leave(world.of_bob, erasure=False)
    page = coordinator.get(PAGE)

    assert f"{world.alice_number} " in seen(page)
    assert "asked for on" in seen(page)
    assert "not asked for" in seen(page)
    assert "alice" not in page.text.lower()


def test_nobody_left_is_said(coordinator: Person) -> None:
    assert "Nobody has left." in seen(coordinator.get(PAGE))


def test_who_came_back_is_marked(world: World, coordinator: Person, asked: Authorization) -> None:
    authorize(world.alice, world.study, now=datetime.now(UTC))

    assert "is back" in seen(coordinator.get(PAGE))


def test_293_seen_then_done_and_the_member_reads_it(coordinator: Person, alice: Person, asked: Authorization) -> None:
    assert "they have not answered yet" in seen(alice.get("/member/me/connections/"))
    answer = coordinator.post(PAGE, authorization=str(asked.pk), step="seen")
    assert answer.headers["Location"] == PAGE
    assert "they have seen it" in seen(alice.get("/member/me/connections/"))
    coordinator.post(PAGE, authorization=str(asked.pk), step="done")

    assert "that they did" in seen(alice.get("/member/me/connections/"))
    assert "We have erased it" not in seen(coordinator.get(PAGE))


def test_293_what_is_kept_needs_a_reason_which_the_member_reads_as_text(
    coordinator: Person, alice: Person, asked: Authorization
) -> None:
    without = coordinator.post(PAGE, authorization=str(asked.pk), step="kept", kept_because=" ")
    assert without.status_code == 400
    assert "Say why you keep some of it" in seen(without)
    coordinator.post(PAGE, authorization=str(asked.pk), step="kept", kept_because="<b>The law</b>")

    assert "because <b>The law</b>" in seen(alice.get("/member/me/connections/")).replace("“", "")
    assert "<b>The law" not in alice.get("/member/me/connections/").text


def test_a_settled_request_is_not_settled_again(coordinator: Person, asked: Authorization) -> None:
    coordinator.post(PAGE, authorization=str(asked.pk), step="done")
    coordinator.post(PAGE, authorization=str(asked.pk), step="kept", kept_because="No")

    assert "settled already" in seen(coordinator.get(PAGE))
    assert Authorization.objects.get(pk=asked.pk).erasure_kept_because == ""


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"authorization": "0", "step": "done"}, 400),
        ({"authorization": "x", "step": "done"}, 400),
        ({"authorization": "9" * 30, "step": "done"}, 400),
        ({"step": "done"}, 400),
        ({"authorization": "999999", "step": "done"}, 404),
        ({"authorization": "1", "step": "undone"}, 400),
        ({"authorization": "1"}, 400),
        ({"authorization": "1", "step": "kept", "kept_because": "x" * 301}, 400),
        ({"authorization": "1", "step": "kept", "kept_because": "\x00"}, 400),
    ],
)
def test_176_bad_answers_change_nothing(
    coordinator: Person, asked: Authorization, fields: dict[str, str], status: int
) -> None:
    answer = coordinator.post(PAGE, **fields)

    assert answer.status_code == status
    assert Authorization.objects.get(pk=asked.pk).erasure_done_at is None


def test_044_only_the_coordinator_sees_who_left(
    world: World, alice: Person, anybody: Person, asked: Authorization
) -> None:
    for path in (PAGE, "/direct-sharing/projects/deliveries/study/"):
        assert alice.get(path).status_code == 404
        assert anybody.get(path).headers["Location"].startswith("/account/login/")
    assert alice.post(PAGE, authorization=str(asked.pk), step="done").status_code == 404
    assert Authorization.objects.get(pk=asked.pk).erasure_done_at is None


def test_another_projects_coordinator_settles_nothing_here(world: World, visit: object, asked: Authorization) -> None:
    elsewhere = make_member("elsewhere")
    projects.create(
        coordinator_id=elsewhere.pk, kind="on-site", now=THEN,
        fields={
            "name": "Elsewhere", "is_study": False, "is_academic_or_nonprofit": False, "request_username_access": False,
        },
    )  # fmt: skip
    person: Person = visit(elsewhere)  # type: ignore[operator]
    answer = person.post(
        "/direct-sharing/projects/withdrawn-members/elsewhere/", authorization=str(asked.pk), step="done"
    )

    assert answer.status_code == 404
    assert Authorization.objects.get(pk=asked.pk).erasure_done_at is None
