"""Each role at each page and action of a project: let in, told no in words, or told nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import httpx
import pytest

from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project
from consentry_server.projects.rules.team import MAY, Do, Role
from consentry_server.sharing import queries as sharing
from consentry_server.tokens.models import MasterToken
from consentry_server.tokens.rules import Right
from consentry_server.web.urls import _PROJECTS, _TEAM
from tests.doors.web.person import Person, seen
from tests.doors.web.walking import App
from tests.teams import NOW, help_with, make_team
from tests.world import PASSWORD, World, authorize, make_app, make_member, make_named_token, make_project

P, REVIEW = "/direct-sharing/projects", "/direct-sharing/projects/review"
VISIT = Callable[[Member | None], Person]
NAMES = count()
# page or action, its address, what it takes to look, what it takes to send a form; "" is no such thing
TABLE: list[tuple[str, str, Do | str, Do | str]] = [
    ("project", f"{P}/on-site/study/", Do.LOOK, ""),
    ("team", f"{P}/team/study/", Do.LOOK, ""),
    ("project_history", f"{P}/history/study/", Do.HISTORY, ""),
    ("update_project", f"{P}/on-site/update/study/", Do.EDIT, Do.EDIT),
    ("project_members", f"{P}/members/study/", Do.MEMBERS, Do.NOTE),
    ("seat", f"{P}/members/study/NUMBER/", Do.MEMBERS, Do.NOTE),
    ("message_members", f"{P}/message/study/", Do.MESSAGES, Do.WRITE),
    ("remove_members", f"{P}/remove-members/study/", Do.REMOVE, Do.REMOVE),
    ("registered_datatypes", f"{P}/registered_datatypes/study/", Do.SETTINGS, Do.EDIT),
    ("withdrawn_members", f"{P}/withdrawn-members/study/", Do.HISTORY, Do.DEPARTURES),
    ("deliveries", f"{P}/deliveries/study/", Do.HISTORY, ""),
    ("reveal_webhook_secret", f"{P}/deliveries/study/reveal-secret/", "", Do.WEBHOOK),
    ("replace_webhook_secret", f"{P}/deliveries/study/replace-secret/", "", Do.WEBHOOK),
    ("new_token", f"{P}/tokens/study/create/", Do.READ_TOKENS, Do.READ_TOKENS),
    ("token", f"{P}/tokens/study/TOKEN/", Do.SETTINGS, ""),
    ("reveal_token", f"{P}/tokens/study/TOKEN/reveal/", "", Do.TOKENS),
    ("rotate_token", f"{P}/tokens/study/TOKEN/rotate/", "", Do.TOKENS),
    ("revoke_token", f"{P}/tokens/study/TOKEN/revoke/", "", Do.TOKENS),
    ("client_secrets", f"{P}/secrets/tracker/", Do.SETTINGS, ""),
    ("replace_client_secret", f"{P}/secrets/tracker/replace/", "", Do.CLIENT),
    ("try_app", f"{P}/try/tracker/", Do.TRY, Do.TRY),
    ("project_review", f"{REVIEW}/study/", Do.HISTORY, ""),
    ("ask_review", f"{REVIEW}/study/ask/", "", Do.REVIEW),
    ("withdraw_review", f"{REVIEW}/study/withdraw/", "", Do.REVIEW),
    ("colleague", f"{P}/team/study/COLLEAGUE/", Do.TEAM, ""),
    ("invite", f"{P}/team/study/invite/", "", Do.TEAM),
    ("set_role", f"{P}/team/study/COLLEAGUE/role/", "", Do.TEAM),
    ("remove_colleague", f"{P}/team/study/COLLEAGUE/remove/", "", Do.TEAM),
    ("hand_over", f"{P}/team/study/COLLEAGUE/hand-over/", "", Do.TEAM),
    ("keep_project", f"{P}/team/study/keep/", "", Do.TEAM),
    ("take_over", f"{P}/team/study/take-over/", "", Do.LOOK),
]
# these need a row to act on before they say what else they think, and have tests of their own below
APART = {"replay_webhook", "end_client_secret", "remark_own_review", "withdraw_invitation", "leave_team"}
OPEN = {"manage", "create_project", "join", "authorize", "leave"}  # pages of whoever is logged in


@dataclass
class Team:
    world: World
    app: Project
    people: dict[str, Member]

    def address(self, path: str) -> str:
        """Fill in an address with something that is still to be acted on."""
        name = f"new_{next(NAMES)}"
        path = path.replace("NUMBER", self.world.alice_number)
        if "TOKEN" in path:
            make_named_token(self.world.study, name, *Right)
            return path.replace("TOKEN", str(MasterToken.objects.get(name=name).pk))
        if "COLLEAGUE" in path:
            return path.replace("COLLEAGUE", str(help_with(self.world.study, make_member(name)).pk))
        return path


@pytest.fixture
def team(world: World, tracker: App) -> Team:
    people = make_team(world.study, tracker[0])
    return Team(world, tracker[0], people | {Role.OWNER.value: world.coordinator})


def became_of(answer: httpx.Response, role: str) -> str:
    if answer.status_code == 403 and f"You are in the team as {role}" in seen(answer):
        return "refused"
    return {404: "unknown", 405: "no such thing"}.get(answer.status_code, "let in")


def expected(role: str, needed: Do | str) -> str:
    if not needed:
        return "no such thing"
    return "let in" if needed in MAY[Role(role)] else "refused"


ROWS = pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])


@ROWS
def test_044_each_role_may_do_what_its_table_says(team: Team, visit: VISIT, row: tuple[str, str, str, str]) -> None:
    _, path, look, act = row
    for role, member in team.people.items():
        person, address = visit(member), team.address(path)
        looked, acted = person.get(address), person.post(address, password="x")
        assert became_of(looked, role) == expected(role, look), role
        assert became_of(acted, role) == expected(role, act), role


@ROWS
def test_044_a_stranger_and_a_departed_colleague_learn_nothing(
    team: Team, visit: VISIT, row: tuple[str, str, str, str]
) -> None:
    _, path, look, act = row
    left = help_with(team.world.study, make_member("left"))
    who = {"project_id": team.world.study.pk, "now": NOW}
    projects.remove(member_id=team.world.coordinator.pk, colleague_id=left.pk, **who)
    address = team.address(path)
    for member in (team.world.alice, left.member):
        person = visit(member)
        answers = {person.get(address).status_code} if look else set()
        answers |= {person.post(address, password="x").status_code} if act else set()
        assert answers == {404}


def test_044_no_page_of_a_project_is_missing_in_the_table() -> None:
    named = {pattern.name for pattern in [*_PROJECTS, *_TEAM]}

    assert named - {row[0] for row in TABLE} - APART - OPEN == set()


def test_a_role_in_one_project_is_none_in_another(team: Team, visit: VISIT) -> None:
    manager = visit(team.people["manager"])

    assert manager.get(f"{P}/on-site/other/").status_code == 404
    assert manager.get(f"{P}/oauth2/study/").status_code == 404


def form(role: str, **rights: list[str]) -> dict[str, str | list[str]]:
    return {"name": f"of {role}", "lifetime": "24 hours", "password": PASSWORD, **rights}


def test_an_analyst_makes_and_shows_tokens_that_read_and_no_others(team: Team, visit: VISIT) -> None:
    analyst = visit(team.people["analyst"])
    page = f"{P}/tokens/study"
    assert "Add data" not in analyst.get(f"{page}/create/").text
    refused = analyst.post(f"{page}/create/", **form("analyst", rights=[Right.READ, Right.ADD]))
    made = analyst.post(f"{page}/create/", **form("analyst", rights=[Right.READ]))
    token = MasterToken.objects.get(name="of analyst")
    shown = analyst.post(f"{page}/{token.pk}/reveal/", reveal__password=PASSWORD)
    main = MasterToken.objects.get(project=team.world.study, name="main")
    kept = analyst.post(f"{page}/{main.pk}/reveal/", reveal__password=PASSWORD)

    assert (refused.status_code, made.status_code, shown.status_code, kept.status_code) == (400, 200, 200, 403)
    assert token.rights == Right.READ
    assert "csm" in shown.text
    assert team.world.token not in kept.text
    for what in ("rotate", "revoke"):
        assert analyst.post(f"{page}/{token.pk}/{what}/", rotate__password=PASSWORD).status_code == 403
    for gone in ("Replace it", "Revoke it"):
        assert gone not in seen(analyst.get(f"{page}/{token.pk}/"))


def test_each_showing_of_a_secret_is_in_the_trail_with_who_did_it(team: Team, visit: VISIT) -> None:
    manager, auditor = visit(team.people["manager"]), visit(team.people["auditor"])
    main = MasterToken.objects.get(project=team.world.study, name="main")
    wrong = manager.post(f"{P}/tokens/study/{main.pk}/reveal/", reveal__password="wrong")
    right = manager.post(f"{P}/tokens/study/{main.pk}/reveal/", reveal__password=PASSWORD)
    history = seen(auditor.get(f"{P}/history/study/"))

    assert (wrong.status_code, right.status_code) == (400, 200)
    assert history.count("the_manager looked at a token ( main )") == 1
    assert team.world.token not in auditor.get(f"{P}/tokens/study/{main.pk}/").text


def test_an_auditor_sees_everything_and_no_form(team: Team, visit: VISIT) -> None:
    auditor = visit(team.people["auditor"])
    for path in [row[1] for row in TABLE if row[2] in MAY[Role.AUDITOR] and row[0] != "team"]:
        main = auditor.get(team.address(path)).text.split("<main", 1)[1].split("</main>")[0]
        assert 'method="post"' not in main, path


def test_the_trail_names_no_member_who_takes_part_and_no_reviewer(team: Team, visit: VISIT) -> None:
    reviewer = make_member("judge")
    projects.appoint(member_id=reviewer.pk, actor="test", now=NOW)
    page = seen(visit(team.people["auditor"]).get(f"{P}/history/study/"))

    assert "came into the team" in page
    for name in ("alice", "bob", "judge"):
        assert name not in page


def test_a_messenger_knows_members_by_number_only(world: World, visit: VISIT) -> None:
    named = make_project(world.coordinator, "Named", request_username_access=True)
    authorize(world.alice, named)
    people = make_team(named)
    pages = {role: visit(member).get(f"{P}/members/named/").text for role, member in people.items()}

    assert "alice" not in pages["messenger"]
    assert all("alice" in pages[role] for role in ("manager", "analyst", "auditor"))


def test_a_messenger_writes_and_is_named_for_it(team: Team, visit: VISIT) -> None:
    messenger = visit(team.people["messenger"])
    page = f"{P}/message/study/"
    sent = messenger.press(page, all_members="on", subject="Hi", message="Hello", send="send")

    assert sent.status_code == 302
    assert "Hello" in messenger.get(page).text
    assert "the_messenger wrote to members ( 2 )" in seen(visit(team.people["auditor"]).get(f"{P}/history/study/"))


def test_the_public_page_leads_helpers_to_the_desk_and_managers_to_the_review(team: Team, visit: VISIT) -> None:
    pages = {role: seen(visit(member).get("/activity/study/")) for role, member in team.people.items()}

    assert all("You run this project" in pages[role] for role in ("owner", "manager"))
    assert all("You help to run this project" in pages[role] for role in ("analyst", "messenger", "auditor"))


def tried_at(app: App, person: Person) -> httpx.Response:
    return person.get(
        "/direct-sharing/projects/oauth2/authorize/",
        client_id=app[1],
        response_type="code",
        redirect_uri=f"http://testserver{P}/try/tracker/",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method="S256",
    )


def test_059_only_those_who_may_try_an_app_are_sent_back_to_this_site(team: Team, tracker: App, visit: VISIT) -> None:
    answers = {role: tried_at(tracker, visit(member)).status_code for role, member in team.people.items()}
    answers["nobody"] = tried_at(tracker, visit(team.world.joiner)).status_code

    assert answers == {"owner": 200, "manager": 200} | dict.fromkeys(("analyst", "messenger", "auditor", "nobody"), 400)


def test_a_manager_is_no_way_around_the_cap(world: World, visit: VISIT) -> None:
    app, *_ = make_app(world.coordinator, "Small", approved=False)
    Project.objects.filter(pk=app.pk).update(authorized_members=20)
    manager = make_member("extra")
    help_with(app, manager)

    assert not sharing.has_room(member_id=manager.pk, project_id=app.pk)
    assert sharing.has_room(member_id=world.coordinator.pk, project_id=app.pk)


@pytest.mark.parametrize("role", ["analyst", "messenger", "auditor"])
def test_what_acts_on_a_row_is_refused_before_the_row_is_looked_for(team: Team, visit: VISIT, role: str) -> None:
    person = visit(team.people[role])
    for path in (
        f"{P}/deliveries/study/replay/",
        f"{P}/secrets/tracker/1/end/",
        f"{REVIEW}/study/remark/",
        f"{P}/team/study/invitations/1/withdraw/",
    ):
        assert person.post(path, effect="1", text="Hi").status_code == 403


def test_055_a_manager_edits_a_project_and_neither_closes_it_nor_takes_it(team: Team, visit: VISIT) -> None:
    page = f"{P}/on-site/update/study/"
    said = {
        "name": "Study", "leader": "Eve", "contact_email": "eve@example.org", "info_url": "https://example.org/",
        "short_description": "s", "long_description": "l", "consent_text": "c", "is_study": "True",
        "is_academic_or_nonprofit": "True", "request_username_access": "False", "explore_share": "on",
    }  # fmt: skip
    manager = visit(team.people["manager"])
    assert "Is it open to new members?" not in seen(manager.get(page))
    more = {"active": "False", "coordinator": str(team.people["manager"].pk), "role": "owner", "approved_at": ""}
    assert manager.post(page, **said, **more).status_code == 302
    team.world.study.refresh_from_db()

    assert (team.world.study.leader, team.world.study.active) == ("Eve", True)
    assert team.world.study.coordinator_id == team.world.coordinator.pk
    assert team.world.study.approved_at is not None
    assert visit(team.world.coordinator).post(page, **said, active="False").status_code == 302
    team.world.study.refresh_from_db()
    assert not team.world.study.active
