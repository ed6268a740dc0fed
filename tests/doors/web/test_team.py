"""A team by its pages: asking in, answering, leaving, handing over; what strangers, the late and the curious find."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.audit.models import Event
from consentry_server.members.models import Member
from consentry_server.projects.models import Colleague, Invitation, Project
from consentry_server.projects.rules.team import INVITATIONS_A_DAY, INVITED_FOR, Role
from tests.doors.web.conftest import Mails
from tests.doors.web.person import Person, seen
from tests.teams import NOW, help_with, invite
from tests.world import PASSWORD, World, make_member

TEAM = "/direct-sharing/projects/team/study"
DESK = "/direct-sharing/projects/on-site/study/"
MINE = "/member/me/invitations/"
MANAGE = "/direct-sharing/projects/manage/"
VISIT = Callable[[Member | None], Person]


def asked(person: Person, invited: str, role: str = Role.MANAGER) -> Invitation:
    assert person.post(f"{TEAM}/invite/", invited=invited, role=role).status_code == 302
    return Invitation.objects.latest("id")


def test_somebody_invited_by_username_says_yes_and_edits_the_project(
    world: World, coordinator: Person, joiner: Person, mails: Mails
) -> None:
    row = asked(coordinator, "joiner")
    (letter,) = mails()
    assert letter.to == ["joiner@example.org"]
    assert 'coordinator asks you to help run the project "Study"' in letter.body
    assert "http://testserver/member/me/invitations/" in letter.body
    assert joiner.get(DESK).status_code == 404
    assert "You are asked to help run a project" in seen(joiner.get(MANAGE))
    assert "as manager" in seen(joiner.get(MINE))
    yes = joiner.post(f"{MINE}{row.pk}/", answer="yes")

    assert yes.headers["Location"] == DESK
    assert joiner.get("/direct-sharing/projects/on-site/update/study/").status_code == 200
    assert "Study manager" in seen(joiner.get(MANAGE)).replace("You are: ", "")
    names = Event.objects.filter(name__startswith="team.").values_list("name", "actor").order_by("id")
    who = [f"member:{world.coordinator.pk}", f"member:{world.joiner.pk}"]
    assert list(names) == list(zip(["team.invite", "team.accept"], who, strict=True))


def test_somebody_invited_by_address_answers_once_they_have_proved_it(
    world: World, coordinator: Person, visit: VISIT, mails: Mails
) -> None:
    row = asked(coordinator, " New.Person@Example.org ", Role.ANALYST)
    (letter,) = mails()
    assert letter.to == ["New.Person@Example.org"]
    late = make_member("late")
    person = visit(late)
    late.emailaddress_set.create(email="new.person@example.org", verified=False)  # type: ignore[attr-defined]
    assert "Nobody asks you" in seen(person.get(MINE))
    assert person.post(f"{MINE}{row.pk}/", answer="yes").status_code == 404
    late.emailaddress_set.update(verified=True)  # type: ignore[attr-defined]

    assert person.post(f"{MINE}{row.pk}/", answer="yes").status_code == 302
    assert Colleague.objects.get().role == Role.ANALYST


@pytest.mark.parametrize("known", ["joiner", "joiner@example.org"])
def test_127_whether_somebody_is_known_makes_no_difference_to_who_asks(
    world: World, coordinator: Person, known: str
) -> None:
    unknown = known.replace("joiner", "nobody")
    said, counts = [], []
    for invited in (known, unknown):
        with CaptureQueriesContext(connection) as statements:
            answer = coordinator.post(f"{TEAM}/invite/", invited=invited, role="analyst")
        page = seen(coordinator.get(f"{TEAM}/")).replace(invited, "THEM")
        said.append((answer.status_code, answer.headers["Location"], page))
        counts.append(len(statements))
        Invitation.objects.all().delete()

    assert said[0] == said[1]
    assert counts[0] == counts[1]


def test_127_nobody_gets_a_mail_for_a_name_that_nobody_has_nor_takes_the_name_later(
    coordinator: Person, visit: VISIT, mails: Mails
) -> None:
    row = asked(coordinator, "phantom")
    assert mails() == []
    phantom = visit(make_member("phantom"))

    assert "Nobody asks you" in seen(phantom.get(MINE))
    assert phantom.post(f"{MINE}{row.pk}/", answer="yes").status_code == 404


def test_an_invitation_that_is_foreign_over_used_or_taken_back_is_none(
    world: World, coordinator: Person, joiner: Person, alice: Person
) -> None:
    rows = {
        "foreign": invite(world.study, "bob"),
        "expired": invite(world.study, "joiner", now=NOW - INVITED_FOR - timedelta(seconds=1)),
        "withdrawn": invite(world.other, "joiner"),
    }
    assert coordinator.post(f"{TEAM}/invitations/{rows['foreign'].pk + 10_000}/withdraw/").status_code == 409
    elsewhere = f"/direct-sharing/projects/team/other/invitations/{rows['withdrawn'].pk}/withdraw/"
    assert coordinator.post(f"{TEAM}/invitations/{rows['withdrawn'].pk}/withdraw/").status_code == 409
    assert coordinator.post(elsewhere).status_code == 302
    for row in rows.values():
        for answer in ("yes", "no"):
            assert joiner.post(f"{MINE}{row.pk}/", answer=answer).status_code == 404
    used = invite(world.study, "joiner")
    assert joiner.post(f"{MINE}{used.pk}/", answer="maybe").status_code == 400
    assert joiner.post(f"{MINE}{used.pk}/", answer="yes").status_code == 302
    assert joiner.post(f"{MINE}{used.pk}/", answer="yes").status_code == 404
    assert alice.post(f"{MINE}{used.pk}/", answer="yes").status_code == 404
    assert Colleague.objects.count() == 1


def test_saying_no_leaves_nothing_behind_but_that_it_was_said(world: World, joiner: Person) -> None:
    row = invite(world.study, "joiner@example.org")
    assert joiner.post(f"{MINE}{row.pk}/", answer="no").status_code == 302
    row.refresh_from_db()

    assert (row.invited, row.address, row.accepted_at) == ("", "", None)
    assert not Colleague.objects.exists()
    assert "joiner" not in str(Event.objects.filter(name__startswith="team.").values())


def test_asking_once_more_replaces_what_was_asked(world: World, coordinator: Person, joiner: Person) -> None:
    first, second = asked(coordinator, "joiner", Role.AUDITOR), asked(coordinator, "JOINER", Role.MESSENGER)

    assert joiner.post(f"{MINE}{first.pk}/", answer="yes").status_code == 404
    assert joiner.post(f"{MINE}{second.pk}/", answer="yes").status_code == 302
    assert Colleague.objects.get().role == Role.MESSENGER


@pytest.mark.parametrize(
    ("invited", "role"),
    [("", "manager"), ("joiner", "owner"), ("joiner", ""), ("a@b", "manager"), ("x" * 300, "analyst"),
     ("coordinator", "manager"), ("Joiner\ud800".encode("utf-8", "ignore").decode(), "boss")],
)  # fmt: skip
def test_055_what_makes_no_sense_invites_nobody(coordinator: Person, invited: str, role: str) -> None:
    answer = coordinator.post(f"{TEAM}/invite/", invited=invited, role=role, project="2", invited_by="1", member="1")

    assert answer.status_code == 400
    assert "Nobody was invited" in seen(answer)
    assert not Invitation.objects.exists()


def test_nobody_is_asked_more_often_in_a_day_than_they_may_ask(world: World, coordinator: Person, mails: Mails) -> None:
    for nth in range(INVITATIONS_A_DAY):
        invite(world.study, f"n{nth}@example.org")
    answer = coordinator.post(f"{TEAM}/invite/", invited="more@example.org", role="analyst")
    other = coordinator.post("/direct-sharing/projects/team/other/invite/", invited="more@example.org", role="analyst")

    assert (answer.status_code, other.status_code) == (429, 429)
    assert f"{INVITATIONS_A_DAY} people a day" in seen(answer)
    assert len(mails()) == INVITATIONS_A_DAY


def test_an_invitation_that_was_taken_back_before_its_mail_left_is_not_mailed(
    world: World, coordinator: Person, mails: Mails
) -> None:
    row = invite(world.study, "joiner")
    coordinator.post(f"{TEAM}/invitations/{row.pk}/withdraw/")

    assert mails() == []


def test_134_what_stands_in_an_invitation_is_text(world: World, coordinator: Person, joiner: Person) -> None:
    Project.objects.filter(pk=world.study.pk).update(name="<script>alert(1)</script>\r\nBcc: x@example.org")
    asked(coordinator, "<b>joiner</b>")
    invite(world.study, "joiner")

    for page in (coordinator.get(f"{TEAM}/"), joiner.get(MINE)):
        assert "<script>alert" not in page.text
        assert "<b>joiner" not in page.text


def test_241_a_projects_name_breaks_no_line_of_a_mail(world: World, coordinator: Person, mails: Mails) -> None:
    Project.objects.filter(pk=world.study.pk).update(name="Sleep\r\nBcc: x@example.org")
    asked(coordinator, "joiner")
    (letter,) = mails()

    assert letter.subject == "You are asked to help run Sleep Bcc: x@example.org"
    assert letter.recipients() == ["joiner@example.org"]


def test_the_owner_changes_a_role_and_removes_somebody_at_once(
    world: World, coordinator: Person, joiner: Person
) -> None:
    row = help_with(world.study, world.joiner, Role.ANALYST)
    page = f"{TEAM}/{row.pk}"
    assert joiner.get("/direct-sharing/projects/message/study/").status_code == 403
    coordinator.post(f"{page}/role/", role="messenger")
    assert joiner.get("/direct-sharing/projects/message/study/").status_code == 200
    coordinator.post(f"{page}/remove/")
    again = coordinator.post(f"{page}/remove/")

    assert joiner.get(DESK).status_code == 404
    assert again.status_code == 404
    assert "help to run" not in seen(joiner.get(MANAGE))


def test_044_a_colleague_of_another_project_is_nobody_here(world: World, coordinator: Person) -> None:
    row = help_with(world.other, world.joiner)

    assert coordinator.get(f"{TEAM}/{row.pk}/").status_code == 404
    for what in ("role", "remove", "hand-over"):
        answer = coordinator.post(f"{TEAM}/{row.pk}/{what}/", role="analyst", password=PASSWORD)
        assert answer.status_code == 404
    assert Colleague.objects.get().role == Role.MANAGER


def test_somebody_leaves_a_team_by_themselves(world: World, joiner: Person, coordinator: Person) -> None:
    help_with(world.study, world.joiner)

    assert joiner.post(f"{TEAM}/leave/").headers["Location"] == MANAGE
    assert joiner.get(DESK).status_code == 404
    assert coordinator.post(f"{TEAM}/leave/").status_code == 404  # the owner hands over instead
    assert coordinator.get(DESK).status_code == 200


def test_a_project_is_handed_over_when_both_agree(
    world: World, coordinator: Person, joiner: Person, mails: Mails
) -> None:
    row = help_with(world.study, world.joiner, Role.AUDITOR)
    before = mails().copy()
    wrong = coordinator.post(f"{TEAM}/{row.pk}/hand-over/", password="wrong")
    assert (wrong.status_code, joiner.post(f"{TEAM}/take-over/", answer="yes").status_code) == (400, 409)
    coordinator.post(f"{TEAM}/{row.pk}/hand-over/", password=PASSWORD)
    (letter,) = mails()[len(before) :]
    assert letter.to == ["joiner@example.org"]
    assert "would hand it over to you" in letter.body
    assert "offers you this project" in seen(joiner.get(f"{TEAM}/"))
    assert joiner.get("/direct-sharing/projects/on-site/update/study/").status_code == 403
    assert joiner.post(f"{TEAM}/take-over/", answer="yes").status_code == 302

    world.study.refresh_from_db()
    assert world.study.coordinator_id == world.joiner.pk
    assert world.study.contact_email == "study@example.org"
    assert Colleague.objects.get().member_id == world.coordinator.pk
    assert coordinator.get(DESK).status_code == 200
    assert coordinator.post(f"{TEAM}/invite/", invited="bob", role="manager").status_code == 403
    assert Event.objects.get(name="team.take_over").detail == {"was": world.coordinator.pk}


def test_an_offer_can_be_turned_down_or_taken_back(world: World, coordinator: Person, joiner: Person) -> None:
    row = help_with(world.study, world.joiner)
    for end in (lambda: joiner.post(f"{TEAM}/take-over/", answer="no"), lambda: coordinator.post(f"{TEAM}/keep/")):
        coordinator.post(f"{TEAM}/{row.pk}/hand-over/", password=PASSWORD)
        assert end().status_code == 302
        assert joiner.post(f"{TEAM}/take-over/", answer="yes").status_code == 409
    assert coordinator.post(f"{TEAM}/keep/").status_code == 409
    world.study.refresh_from_db()
    assert world.study.coordinator_id == world.coordinator.pk


def test_124_looking_answers_nothing(world: World, joiner: Person) -> None:
    row = invite(world.study, "joiner")

    assert joiner.get(f"{MINE}{row.pk}/", answer="yes").status_code == 405
    assert joiner.get(f"{TEAM}/take-over/").status_code == 405
    assert not Colleague.objects.exists()


def test_122_no_answer_and_no_change_without_the_proof(world: World, joiner: Person, coordinator: Person) -> None:
    row, helper = invite(world.study, "joiner"), help_with(world.study, world.bob)
    assert joiner.browser.post(f"{MINE}{row.pk}/", data={"answer": "yes"}).status_code == 403
    for what in ("role", "remove", "hand-over"):
        refused = coordinator.browser.post(
            f"{TEAM}/{helper.pk}/{what}/", data={"password": PASSWORD, "role": "auditor"}
        )
        assert refused.status_code == 403

    assert Colleague.objects.get().role == Role.MANAGER


def test_the_pages_ask_as_often_for_twelve_colleagues_as_for_two(
    world: World, coordinator: Person, joiner: Person
) -> None:
    help_with(world.study, world.joiner, Role.AUDITOR)
    counts = []
    for size in (2, 12):
        while Colleague.objects.count() < size:
            help_with(world.study, make_member(f"c{Colleague.objects.count()}"))
        invite(world.study, f"{size}@example.org")
        found = []
        for person, page in ((coordinator, f"{TEAM}/"), (joiner, DESK), (joiner, MANAGE), (joiner, f"{TEAM}/")):
            with CaptureQueriesContext(connection) as statements:
                assert person.get(page).status_code == 200
            found.append(len(statements))
        counts.append(found)

    assert counts[0] == counts[1]


def test_what_somebody_is_in_a_team_takes_one_statement(world: World, joiner: Person, coordinator: Person) -> None:
    help_with(world.study, world.joiner)
    for person in (joiner, coordinator):
        with CaptureQueriesContext(connection) as statements:
            person.get("/direct-sharing/projects/members/study/")
        assert sum("projects_colleague" in one["sql"] for one in statements) == 1
