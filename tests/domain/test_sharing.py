"""Joining, agreeing, saying no, leaving and coming back."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from consentry_server.audit.models import Event
from consentry_server.common.errors import NotFound
from consentry_server.files import actions as files
from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project
from consentry_server.sharing import actions, queries
from consentry_server.sharing.models import Authorization, Consent, ProjectMember
from tests.world import THEN, World, authorize, leave, make_member, make_project

LATER = THEN + timedelta(days=1)


def edit(project: Project, **fields: Any) -> None:
    projects.edit(project=project, actor="test", fields=fields, now=LATER)


def count(project: Project) -> int:
    return Project.objects.get(id=project.pk).authorized_members


def agree(member: Member, project: Project, shown: str, *, hidden: bool = False) -> Authorization:
    who = {"member_id": member.pk, "project_id": project.pk}
    return actions.authorize(**who, shown=shown, hidden=hidden, now=LATER)


def join(member: Member, project: Project) -> ProjectMember:
    text = queries.ask(project.pk).text_sha256
    return actions.join(member_id=member.pk, project_id=project.pk, shown=text, now=THEN)


def test_joining_shares_nothing(world: World) -> None:
    join(world.joiner, world.study)

    assert queries.live(member_id=world.joiner.pk, project_id=world.study.pk) is None
    assert count(world.study) == 2


def test_agreeing_grants_exactly_what_was_asked_and_keeps_it_word_for_word(world: World) -> None:
    ask = queries.ask(world.study.pk)
    authorization = authorize(world.joiner, world.study)
    consent = Consent.objects.get(authorization=authorization)

    assert [grant.source_id for grant in authorization.grants.all()] == [world.source.pk]
    assert (consent.text, consent.sha256) == (world.study.consent_text, ask.sha256)
    assert json.loads(consent.request)["sources"] == [[world.source.pk, "Source"]]
    assert count(world.study) == 3


def test_nobody_is_let_in_who_has_not_joined(world: World) -> None:
    with pytest.raises(NotFound):
        agree(world.joiner, world.study, queries.ask(world.study.pk).sha256)
    assert count(world.study) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Renamed"}, {"leader": "Somebody Else"}, {"organization": "Another"},
        {"request_username_access": True}, {"consent_text": "Something else."},
    ],
)  # fmt: skip
def test_081_a_request_that_changed_after_it_was_shown_grants_nothing(world: World, change: dict[str, Any]) -> None:
    join(world.joiner, world.study)
    shown = queries.ask(world.study.pk).sha256
    edit(world.study, **change)

    with pytest.raises(actions.AskChanged):
        agree(world.joiner, world.study, shown)
    assert queries.live(member_id=world.joiner.pk, project_id=world.study.pk) is None


def test_081_a_source_added_after_the_page_was_shown_grants_nothing(world: World) -> None:
    join(world.joiner, world.study)
    shown = queries.ask(world.study.pk).sha256
    edit(world.study, requested_sources=[world.source, world.private])

    with pytest.raises(actions.AskChanged):
        agree(world.joiner, world.study, shown)


def test_082_a_consent_text_that_changed_after_joining_has_to_be_read_again(world: World) -> None:
    join(world.joiner, world.study)
    edit(world.study, consent_text="New terms.")

    with pytest.raises(actions.AskChanged):
        agree(world.joiner, world.study, queries.ask(world.study.pk).sha256)


def test_a_text_that_was_not_shown_cannot_be_agreed_to(world: World) -> None:
    with pytest.raises(actions.AskChanged):
        actions.join(member_id=world.joiner.pk, project_id=world.study.pk, shown="0" * 64, now=THEN)
    assert not ProjectMember.objects.filter(member=world.joiner).exists()


def test_037_what_a_project_asks_for_later_leaves_old_grants_as_they_are(world: World) -> None:
    edit(world.study, requested_sources=[world.source, world.private], request_username_access=True)
    authorization = Authorization.objects.get(id=world.of_alice.pk)

    assert [grant.source_id for grant in authorization.grants.all()] == [world.source.pk]
    assert not authorization.username_shared


def test_agreeing_anew_widens_the_grant_and_adds_a_consent(world: World) -> None:
    edit(world.study, requested_sources=[world.source, world.private], request_username_access=True)
    authorization = authorize(world.alice, world.study, now=LATER)

    assert authorization.pk == world.of_alice.pk
    assert {grant.source_id for grant in authorization.grants.all()} == {
        world.source.pk,
        world.private.pk,
    }
    assert authorization.username_shared
    assert Consent.objects.filter(authorization=authorization).count() == 2
    assert count(world.study) == 2


def test_085_pressing_the_button_twice_leaves_one_member_and_one_consent(world: World) -> None:
    first = authorize(world.joiner, world.study)
    second = agree(world.joiner, world.study, queries.ask(world.study.pk).sha256)

    assert first.pk == second.pk
    assert Consent.objects.filter(authorization=first).count() == 1
    assert count(world.study) == 3


def test_saying_no_records_nothing(world: World) -> None:
    join(world.joiner, world.study)
    actions.decline(member_id=world.joiner.pk, project_id=world.study.pk, now=LATER)

    assert not ProjectMember.objects.filter(member=world.joiner).exists()


def test_saying_no_to_a_new_request_leaves_the_old_one_running(world: World) -> None:
    actions.decline(member_id=world.alice.pk, project_id=world.study.pk, now=LATER)

    assert queries.live(member_id=world.alice.pk, project_id=world.study.pk) == world.of_alice


def test_who_leaves_and_comes_back_keeps_the_number(world: World) -> None:
    leave(world.of_alice)
    assert count(world.study) == 1

    again = authorize(world.alice, world.study, now=LATER)

    assert again.pk != world.of_alice.pk
    assert again.project_member.number == world.alice_number
    assert again.project_member.created_at == THEN
    assert count(world.study) == 2


def test_leaving_twice_counts_once(world: World) -> None:
    stale = replace_nothing(world.of_alice)
    leave(world.of_alice)
    actions.revoke(authorization=stale, by="member", erasure=False, now=LATER)

    assert count(world.study) == 1
    assert Event.objects.filter(name="sharing.leave").count() == 1


def replace_nothing(authorization: Authorization) -> Authorization:
    """Return the row as another request read it before."""
    return Authorization.objects.get(id=authorization.pk)


def test_029_nobody_ends_somebody_elses_sharing(world: World) -> None:
    with pytest.raises(NotFound):
        files.leave(
            member_id=world.bob.pk,
            authorization_id=world.of_alice.pk,
            remove_files=True,
            erasure=False,
            now=LATER,
        )
    assert queries.live(member_id=world.alice.pk, project_id=world.study.pk) == world.of_alice


def test_an_erasure_request_is_kept_with_its_date(world: World) -> None:
    files.leave(
        member_id=world.alice.pk,
        authorization_id=world.of_alice.pk,
        remove_files=False,
        erasure=True,
        now=LATER,
    )

    assert Authorization.objects.get(id=world.of_alice.pk).erasure_requested_at == LATER


def test_a_suspended_member_takes_no_part_until_reinstated(world: World) -> None:
    who = {"member_id": world.alice.pk, "actor": "test", "now": LATER}
    files.suspend(**who, suspended=True)
    assert queries.live(member_id=world.alice.pk, project_id=world.study.pk) is None
    assert count(world.study) == 1

    files.suspend(**who, suspended=False)
    assert queries.live(member_id=world.alice.pk, project_id=world.study.pk) == world.of_alice
    assert count(world.study) == 2


def test_closing_an_account_leaves_everything_and_forgets_the_person(world: World) -> None:
    files.close_account(member_id=world.alice.pk, now=LATER)
    gone = Member.objects.get(id=world.alice.pk)

    assert queries.live(member_id=world.alice.pk, project_id=world.study.pk) is None
    assert (gone.email, gone.name, gone.is_active) == ("", "", False)
    assert "alice" not in gone.username
    assert not gone.has_usable_password()


@pytest.fixture
def capped(world: World) -> Project:
    """A project that waits for approval and has nineteen members."""
    project = make_project(world.coordinator, "Capped", approved=False)
    for n in range(19):
        authorize(make_member(f"capped_{n}"), project)
    return project


def test_the_twentieth_member_of_an_unapproved_project_gets_in_and_the_next_does_not(
    world: World, capped: Project
) -> None:
    authorize(world.alice, capped)
    with pytest.raises(projects.NoSeat):
        authorize(world.bob, capped)
    assert count(capped) == 20

    projects.set_approved(project=capped, approved=True, actor="test", now=LATER)
    authorize(world.bob, capped)
    assert count(capped) == 21


def test_the_cap_lets_members_and_the_coordinator_through(world: World, capped: Project) -> None:
    authorize(world.alice, capped)

    edit(capped, consent_text="Another text.")
    authorize(world.alice, capped)
    authorize(world.coordinator, capped)
    assert count(capped) == 21


@pytest.mark.parametrize("model", [Consent, Event])
def test_the_database_refuses_to_change_or_remove_what_is_written_once(
    world: World, model: type[Consent | Event]
) -> None:
    row = model.objects.first()
    assert row is not None
    for change in (row.delete, row.save):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert model.objects.filter(pk=row.pk).exists()


def test_an_ask_is_the_same_only_if_all_of_it_is(world: World) -> None:
    ask = queries.ask(world.study.pk)
    changes: list[dict[str, Any]] = [
        {"project_id": 0}, {"project": ""}, {"leader": ""}, {"organization": ""}, {"consent_text": ""},
        {"username": True}, {"all_sources": True}, {"sources": ()}, {"terms_url": "https://example.org/"},
    ]  # fmt: skip

    assert len({replace(ask, **change).sha256 for change in changes} | {ask.sha256}) == 10
    assert {field for change in changes for field in change} == set(ask.__dataclass_fields__)
