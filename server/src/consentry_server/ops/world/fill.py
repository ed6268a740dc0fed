"""Makes the demo world through the same actions as everything else."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from consentry_server.files import actions as files
from consentry_server.members import actions as members
from consentry_server.ops.samples import Sample
from consentry_server.ops.world import apps, datatypes, own, people, tokens
from consentry_server.ops.world.collections import FIRST, collections
from consentry_server.ops.world.people import ALICE, BOB, JOINER, PEOPLE, ROSA, Person
from consentry_server.ops.world.projects import DRAFT, FEATURED, Plan, plans
from consentry_server.projects import actions as projects
from consentry_server.projects import queries as project_queries
from consentry_server.projects.queries import reviewing, team
from consentry_server.projects.rules.team import Role
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries

FOUNDED = timedelta(days=400)
OVER = timedelta(days=40)  # since when the finished survey has no access


@dataclass
class Made:
    """What was made so far, by name."""

    now: datetime
    members: dict[str, int] = field(default_factory=dict)
    datatypes: dict[str, int] = field(default_factory=dict)
    projects: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[str, str]] = field(default_factory=dict)  # project key, username
    links: dict[str, int] = field(default_factory=dict)  # username: authorization in on_site
    files: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    expired_token: str = ""
    expired_access: str = ""
    client_secrets: dict[str, str] = field(default_factory=dict)

    @property
    def before(self) -> datetime:
        """When the world began."""
        return self.now - FOUNDED


def fill(*, now: datetime) -> dict[str, Any]:
    """Make everything, in the caller's transaction, and return what `facts` needs to know."""
    made = Made(now)
    _register(made)
    coordinator = made.members[people.COORDINATOR.username]
    made.datatypes = datatypes.plant(member_id=coordinator, now=made.before)
    for plan in plans():
        _create(made, plan)
    _share(made)
    for (username, source), samples in collections().items():
        made.files[username, source] = _deposit(made, username, source, samples)
    own.add(made.members, now=made.before + timedelta(days=300))
    _mint(made)
    _list(made)
    _ask_for_more(made)
    _write_down(made)
    _show(made)
    _help(made)
    return _kept(made)


def _register(made: Made) -> None:
    for person in PEOPLE:
        made.passwords[person.username] = new_password()
        _add_member(made, person)
    members.make_staff(member_id=made.members[people.OPERATOR.username], now=made.before)
    for walker in people.walkers():
        _add_member(made, walker)


def _add_member(made: Made, person: Person) -> None:
    made.members[person.username] = members.register(
        username=person.username,
        name=person.name,
        email=person.email,
        password=made.passwords.get(person.username),
        now=made.before,
    )


def new_password() -> str:
    """Return a password that is random and can still be typed: three groups of five."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(3))


def _create(made: Made, plan: Plan) -> None:
    coordinator = made.members[people.COORDINATOR.username]
    sources = [made.projects[key] for key in plan.asks_for]
    project = projects.create(
        coordinator_id=coordinator,
        kind=plan.kind,
        fields=plan.about | {"requested_sources": sources},
        now=made.before,
    )
    chosen = [made.datatypes[name] for name in datatypes.REGISTERED.get(plan.key, ())]
    if chosen:
        projects.register_datatypes(project_id=project.pk, datatype_ids=chosen, actor="command", now=made.before)
    if plan.approved:
        projects.set_approved(project=project, approved=True, actor="command", now=made.before)
    made.projects[plan.key] = project.pk
    if plan.key in apps.APPS:
        made.client_secrets[plan.key] = apps.first_secret(project.pk, now=made.before)


def _share(made: Made) -> None:
    """Let everybody in where they are members; one of them leaves again."""
    for person in (ALICE, BOB, JOINER, ROSA):
        _enter(made, person, "source")
    _enter(made, ALICE, "unasked")
    for person in (ALICE, BOB):
        _enter(made, person, "public_source")
        made.links[person.username] = _enter(made, person, "on_site")
        _enter(made, person, "oauth2")
    _leave(made, ROSA, authorization_id=_enter(made, ROSA, "on_site"))
    for walker in people.walkers():
        _enter(made, walker, "big")
    _enter(made, ALICE, "expired")


def _leave(made: Made, person: Person, *, authorization_id: int) -> None:
    files.leave(
        member_id=made.members[person.username],
        authorization_id=authorization_id,
        remove_files=False,
        erasure=False,
        now=made.now - OVER,
    )


def _enter(made: Made, person: Person, key: str) -> int:
    """Read the consent text, join, look at what is asked, and say yes; return the authorization."""
    member_id, project_id = made.members[person.username], made.projects[key]
    now = made.before + timedelta(days=10, minutes=len(made.numbers) + member_id)
    ask = sharing_queries.ask(project_id)
    seat = sharing.join(member_id=member_id, project_id=project_id, shown=ask.text_sha256, now=now)
    made.numbers.setdefault(key, {})[person.username] = seat.number
    authorization = sharing.authorize(
        member_id=member_id, project_id=project_id, shown=ask.sha256, hidden=False, now=now
    )
    return authorization.pk


def _deposit(made: Made, username: str, source: str, samples: Iterable[Sample]) -> list[int]:
    return [
        files.deposit(
            member_id=made.members[username],
            source_id=made.projects[source],
            name=sample.name,
            metadata=sample.metadata_json(),
            chunks=[sample.content],
            now=made.before + timedelta(days=11, minutes=nth),
        )
        for nth, sample in enumerate(samples)
    ]


def _list(made: Made) -> None:
    """Put some projects on the front page, and have one ask for a review."""
    for key in FEATURED:
        projects.set_featured(project_id=made.projects[key], featured=True, actor="command", now=made.now)
    draft = project_queries.get(made.projects[DRAFT])
    projects.ask_for_review(
        project_id=draft.pk,
        member_id=made.members[people.COORDINATOR.username],
        shown=reviewing.described(draft).sha256,
        note="The ethics committee of the union has seen the text (reference 2026-7).",
        now=made.now,
    )


def _ask_for_more(made: Made) -> None:
    """Have one project ask for something that alice has not agreed to yet."""
    project = project_queries.get(made.projects["expired"])
    projects.edit(project=project, actor="command", fields={"request_username_access": True}, now=made.now)


def _show(made: Made) -> None:
    """Give one member a public page."""
    said = "I walk to work along the river, and sleep well after it."
    members.show_in_public(member_id=made.members[ALICE.username], shown=True, about=said, now=made.now)


def _write_down(made: Made) -> None:
    """Have a coordinator note something of members."""
    for person, tags, note in (
        (ALICE, ["pilot", "spring"], "Asked for the results of the pilot."),
        (BOB, ["pilot"], ""),
    ):
        sharing.describe(
            project_id=made.projects["on_site"],
            number=made.numbers["on_site"][person.username],
            tags=tags,
            note=note,
            actor="command",
            now=made.now,
        )


def _help(made: Made) -> None:
    """Have somebody help with the study, and somebody else asked to."""
    owner: dict[str, Any] = {
        "project_id": made.projects["on_site"],
        "member_id": made.members[people.COORDINATOR.username],
        "now": made.now,
    }
    analyst = made.members[people.ANALYST.username]
    projects.invite(**owner, invited=people.ANALYST.username, role=Role.ANALYST)
    for asked in team.open_invitations(analyst, now=made.now):
        projects.accept(invitation_id=asked.pk, member_id=analyst, now=made.now)
    projects.invite(**owner, invited=JOINER.email, role=Role.MESSENGER)


def _mint(made: Made) -> None:
    for key, project_id in made.projects.items():
        if key == "expired":
            born = made.now - OVER - tokens.MONTH
            made.expired_token = tokens.first(project_id, now=born, lifetime=tokens.MONTH)
        else:
            tokens.first(project_id, now=made.now)
    past = apps.pair(made.projects["oauth2"], made.members[ALICE.username], now=made.now - OVER)
    made.expired_access = past.access if past else ""


def _kept(made: Made) -> dict[str, Any]:
    return {
        "passwords": made.passwords,
        "projects": made.projects,
        "members": {ALICE.username: made.members[ALICE.username]},
        "datatypes": {name: made.datatypes[name] for name in datatypes.REGISTERED["oauth2"]},
        "numbers": {key: made.numbers[key] for key in ("on_site", "oauth2")},
        "alice_in_on_site": made.links[ALICE.username],
        "client_secrets": made.client_secrets,
        "expired_access": made.expired_access,
        "expired_token": made.expired_token,
        "n_files": {name: len(ids) for (name, source), ids in made.files.items() if source == "source"},
        "file": {
            "id": made.files[ALICE.username, "source"][0],
            "basename": FIRST.name,
            "content": FIRST.content.decode(),
            "metadata": FIRST.metadata,
        },
    }
