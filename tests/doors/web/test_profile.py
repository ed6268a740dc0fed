"""A member's public page: none unless wanted, and never more than was chosen."""

import pytest

from consentry_server.files import actions as files
from consentry_server.members import actions
from consentry_server.members.models import Member
from consentry_server.projects.models import Project
from consentry_server.sharing import actions as sharing
from tests.doors.web.person import Person, seen
from tests.world import THEN, World, leave

PAGE, EDIT = "/member/alice/", "/member/me/edit/"


@pytest.fixture
def public(world: World) -> World:
    actions.show_in_public(member_id=world.alice.pk, shown=True, about="I <b>walk</b> a lot.", now=THEN)
    Project.objects.filter(pk=world.study.pk).update(approved_at=THEN)
    return world


def test_nobody_has_one_unasked_and_it_looks_as_if_there_were_no_such_member(world: World, anybody: Person) -> None:
    there, nowhere = anybody.get(PAGE), anybody.get("/member/nobody_at_all/")

    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.text.replace("alice", "") == nowhere.text.replace("nobody_at_all", "")


def test_it_shows_what_was_written_and_where_the_member_chose_to_be_listed(public: World, anybody: Person) -> None:
    sharing.set_hidden(member_id=public.alice.pk, project_id=public.study.pk, hidden=False, now=THEN)
    page = anybody.get(PAGE)

    assert "I &lt;b&gt;walk&lt;/b&gt; a lot." in page.text
    assert public.study.name in seen(page)
    for secret in (public.alice_number, "alice@", public.alice.name):
        assert not secret or secret not in page.text


def test_a_project_that_hides_the_member_was_left_or_is_not_reviewed_is_not_shown(
    public: World, anybody: Person
) -> None:
    hide = {"member_id": public.alice.pk, "project_id": public.study.pk, "now": THEN}
    sharing.set_hidden(hidden=True, **hide)
    assert public.study.name not in seen(anybody.get(PAGE))

    sharing.set_hidden(hidden=False, **hide)
    Project.objects.filter(pk=public.study.pk).update(approved_at=None)
    assert public.study.name not in seen(anybody.get(PAGE))

    Project.objects.filter(pk=public.study.pk).update(approved_at=THEN)
    leave(public.of_alice)
    assert public.study.name not in seen(anybody.get(PAGE))


def test_a_member_writes_it_looks_at_it_and_takes_it_away(world: World, alice: Person, anybody: Person) -> None:
    assert "Off: there is none." in seen(alice.get("/member/me/account-settings/"))
    assert alice.post(EDIT, shown="on", about="Hello.").headers["Location"] == EDIT
    assert PAGE in alice.get(EDIT).text
    assert "Hello." in seen(anybody.get(PAGE))
    assert "On: anybody can see it." in seen(alice.get("/member/me/account-settings/"))

    alice.post(EDIT, about="Hello.")
    assert anybody.get(PAGE).status_code == 404
    assert "Hello." in alice.get(EDIT).text


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("x" * 1001, "Say it in 1,000 characters."),
        ("see https://spam.example", "Leave out links."),
        ("see WWW.spam.example", "Leave out links."),
        ("javascript:/alert", "Leave out links."),
    ],
)
def test_what_cannot_stand_there_comes_back_with_a_reason(
    world: World, alice: Person, anybody: Person, about: str, said: str
) -> None:
    answer = alice.post(EDIT, shown="on", about=about)

    assert answer.status_code == 400
    assert said in seen(answer)
    assert about in answer.text
    assert anybody.get(PAGE).status_code == 404


def test_a_switch_that_is_unclear_shows_nothing(world: World, alice: Person, anybody: Person) -> None:
    assert alice.post(EDIT, shown="maybe", about="").status_code == 400
    assert anybody.get(PAGE).status_code == 404


def test_it_goes_with_the_account_and_while_the_account_is_shut(public: World, anybody: Person) -> None:
    files.suspend(member_id=public.alice.pk, suspended=True, actor="test", now=THEN)
    assert anybody.get(PAGE).status_code == 404

    files.suspend(member_id=public.alice.pk, suspended=False, actor="test", now=THEN)
    assert anybody.get(PAGE).status_code == 200
    files.close_account(member_id=public.alice.pk, now=THEN)
    assert anybody.get(PAGE).status_code == 404
    assert Member.objects.get(pk=public.alice.pk).about == ""


def test_nobody_edits_the_page_of_somebody_else(world: World, bob: Person, anybody: Person) -> None:
    bob.post(EDIT, shown="on", about="I am bob.", username="alice", member_id=str(world.alice.pk))

    assert anybody.get(PAGE).status_code == 404
    assert anybody.get(EDIT).headers["Location"] == f"/account/login/?next={EDIT}"
