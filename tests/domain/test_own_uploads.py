"""What members add themselves: a source that nobody runs, files that need no project."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import IntegrityError
from pytest_django import Settings

from consentry_server.common.errors import Invalid, Refused
from consentry_server.files import actions, queries
from consentry_server.files.actions import Addition, adding
from consentry_server.files.actions.repeating import GoneSince
from consentry_server.files.models import DataFile, FileTotal
from consentry_server.members.models import Member
from consentry_server.projects import queries as projects
from consentry_server.projects.actions.own import own_source
from consentry_server.projects.models import Project
from consentry_server.sharing import queries as sharing
from tests.domain.test_files import blobs, check_totals
from tests.world import THEN, World, authorize, make_project, make_token

ROOM = 1_000_000


def add(member: Member, content: bytes = b"1,2\n", name: str = "a.csv", *, ticket: str = "t", room: int = ROOM) -> int:
    blob = actions.stage()
    blob.write(content)
    addition = Addition(name, "My steps", ticket, blob)
    return actions.add_own(member_id=member.pk, addition=addition, room=room, now=datetime.now(UTC))


def test_a_member_who_is_in_no_project_adds_a_file(world: World) -> None:
    file = DataFile.objects.get(id=add(world.joiner, name="My steps, März.csv"))

    assert (file.member, file.source_id, file.size) == (world.joiner, own_source(now=THEN), 4)
    assert file.basename == "My steps, März.csv"
    assert json.loads(file.metadata) == {"description": "My steps", "tags": []}
    check_totals()


def test_the_source_of_own_uploads_is_there_once_and_runs_itself(world: World) -> None:
    first = own_source(now=THEN)

    assert own_source(now=THEN) == first
    source = Project.objects.get(id=first)
    assert source.coordinator is None
    assert (projects.by_slug(source.slug), projects.by_id(first)) == (None, None)
    assert projects.open_on_site(source.slug) is None


def test_another_source_of_own_uploads_or_a_project_without_a_coordinator_cannot_be(world: World) -> None:
    source = Project.objects.get(id=own_source(now=THEN))
    source.pk, source.slug = None, "another"
    with pytest.raises(IntegrityError):
        source.save()


def test_a_project_without_a_coordinator_cannot_be(world: World) -> None:
    with pytest.raises(IntegrityError):
        Project.objects.filter(id=world.study.pk).update(coordinator=None)


def test_a_project_that_has_the_address_of_it_already_keeps_it(world: World) -> None:
    theirs = make_project(world.coordinator, "Your uploads")
    ours = Project.objects.get(id=own_source(now=THEN))

    assert (theirs.slug, ours.slug) == ("your-uploads", "your-uploads-2")
    assert projects.by_slug("your-uploads") == theirs


def test_the_source_of_own_uploads_gets_no_token(world: World) -> None:
    with pytest.raises(Refused):
        make_token(Project.objects.get(id=own_source(now=THEN)))


def test_projects_can_ask_for_it_and_read_it_once_a_member_agreed(world: World) -> None:
    own = own_source(now=THEN)
    assert own in [source.pk for source in projects.requestable_sources()]
    asking = make_project(world.coordinator, "Asking", requested_sources=[own])
    file_id = add(world.alice)
    assert (own, "Your uploads", 1) in queries.opened_by(
        sharing.ask(asking.pk).sources, all_of_them=False, member_id=world.alice.pk
    )
    assert queries.members_page(asking.pk, limit=10, offset=0) == []
    authorization = authorize(world.alice, asking)

    (row,) = queries.members_page(asking.pk, limit=10, offset=0)
    assert [file[0] for file in row.files] == [file_id]
    assert queries.readable(file_id=file_id, authorization_id=world.of_alice.pk) is None
    assert queries.readable(file_id=file_id, authorization_id=authorization.pk) is not None


@pytest.mark.parametrize(("content", "name"), [(b"", "a.csv"), (b"1", "/"), (b"1", ".."), (b"1", "\u202e\u0007")])
def test_150_what_is_refused_leaves_no_byte_behind(world: World, settings: Settings, content: bytes, name: str) -> None:
    before = blobs(settings)
    with pytest.raises(Invalid):
        add(world.alice, content, name)

    assert blobs(settings) == before
    assert list((Path(settings.STORAGE) / "staging").iterdir()) == []
    assert not FileTotal.objects.filter(source_id=own_source(now=THEN)).exists()


def test_218_own_files_have_exactly_the_room_that_there_is(world: World, settings: Settings) -> None:
    add(world.alice, b"123", room=8)
    add(world.alice, b"12345", room=8)
    add(world.bob, b"12345678", room=8)
    before = blobs(settings)
    with pytest.raises(Invalid, match="not enough room"):
        add(world.alice, b"1", room=8)

    assert blobs(settings) == before
    check_totals()


def test_197_tiny_files_have_an_end_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "MOST_OWN", 2)
    for nth in range(2):
        add(world.alice, name=f"{nth}.csv")
    with pytest.raises(Invalid, match="added 2 files"):
        add(world.alice, name="3.csv")


def test_215_the_same_form_sent_twice_adds_one_file(world: World, settings: Settings) -> None:
    first, before = add(world.alice), blobs(settings)

    assert add(world.alice) == first
    assert blobs(settings) == before
    assert add(world.alice, ticket="another") != first
    assert add(world.alice, b"other bytes") != first
    assert add(world.bob) != first
    check_totals()


def test_215_a_form_sent_again_brings_no_file_back_that_was_deleted(world: World) -> None:
    file_id = add(world.alice)
    actions.delete_own(member_id=world.alice.pk, file_id=file_id, now=THEN)
    with pytest.raises(GoneSince):
        add(world.alice)

    assert queries.total(member_id=world.alice.pk, source_id=own_source(now=THEN)) is not None
    check_totals()


def test_whoever_closed_the_account_or_is_shut_out_adds_nothing(world: World, settings: Settings) -> None:
    before = blobs(settings)
    actions.suspend(member_id=world.joiner.pk, suspended=True, actor="test", now=THEN)
    with pytest.raises(Refused):
        add(world.joiner)
    actions.close_account(member_id=world.bob.pk, now=THEN)
    with pytest.raises(Refused):
        add(world.bob)

    assert blobs(settings) == before
    assert not queries.own(world.bob.pk).exists()


def test_closing_the_account_deletes_own_files(world: World) -> None:
    file_id = add(world.joiner)
    actions.close_account(member_id=world.joiner.pk, now=THEN)

    assert DataFile.objects.get(id=file_id).deleted_at is not None
