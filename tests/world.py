"""The people that every test uses: alice owns, bob is in the project too, joiner must see nothing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from consentry_server.common.ids import new_secret
from consentry_server.datatypes import actions as datatypes
from consentry_server.datatypes.rules import About
from consentry_server.files import actions as files
from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects import queries as project_queries
from consentry_server.projects.models import Project
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries
from consentry_server.sharing.models import Authorization
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.actions import Pair
from consentry_server.tokens.rules import ACCESS, DEFAULT_SCOPE, REFRESH, Right

THEN = datetime(2016, 4, 11, 19, 50, 49, 41825, tzinfo=UTC)
PASSWORD = "correct horse battery"
METADATA = (
    '{"tags":["GPS","åäö"],"complete":false,"dataYear":2016,'
    '"description":"Runkeeper GPS maps and imported activity data."}'
)


def make_member(username: str) -> Member:
    """Make a person who can log in."""
    member = Member(username=username, email=f"{username}@example.org", name=username.title())
    member.password = _hashed()
    member.save()
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


@lru_cache
def _hashed() -> str:
    """Hash once: it is slow on purpose."""
    return make_password(PASSWORD)


def make_project(
    coordinator: Member, name: str, *, approved: bool = True, kind: str = "on-site", **fields: Any
) -> Project:
    """Make an on-site project that asks for nothing unless told."""
    plain = {
        "name": name,
        "leader": "Ada Leader",
        "organization": "Institute of Sleep",
        "contact_email": "study@example.org",
        "info_url": "https://example.org/study",
        "short_description": "How people sleep",
        "long_description": "A study of how people sleep.",
        "consent_text": "# Consent\n\nI agree to **share**.",
        "is_study": True,
        "is_academic_or_nonprofit": True,
        "request_username_access": False,
        "explore_share": True,
    }
    project = projects.create(coordinator_id=coordinator.pk, kind=kind, fields=plain | fields, now=THEN)
    if approved:
        projects.set_approved(project=project, approved=True, actor="test", now=THEN)
    return project


REDIRECT = "https://app.example.org/complete"


def make_app(coordinator: Member, name: str, **fields: Any) -> tuple[Project, str, str]:
    """Make an OAuth2 project; return it with its client id and its secret."""
    plain = {
        "redirect_uris": REDIRECT,
        "enrollment_url": "https://app.example.org/",
        "terms_url": "https://app.example.org/terms",
        "pkce_required": False,
        "consent_text": "",
    }
    project = make_project(coordinator, name, kind="oauth2", **plain | fields)
    about: dict[str, Any] = {"actor": "test", "now": datetime.now(UTC), "overlap": timedelta(0)}
    secret = tokens.rotate_secret(project_id=project.pk, replacing="", **about)
    client = project_queries.client_of(project.pk)
    assert client is not None
    return project, client.client_id, secret


def allow(member: Member, project: Project, *, scope: str = DEFAULT_SCOPE, now: datetime | None = None) -> Pair:
    """Let an app in, as the member would by its page, and give it its tokens."""
    now = now or datetime.now(UTC)
    asked = tokens.Asked(project.pk, REDIRECT, redirect_given=True, scope=scope)
    shown = sharing_queries.ask(project.pk).sha256
    code = tokens.allow(member_id=member.pk, asked=asked, shown=shown, hidden=False, now=now)
    origin = tokens.redeemable(code=code, project_id=project.pk, now=now)
    assert origin is not None
    pair = Pair(new_secret(ACCESS), new_secret(REFRESH))
    tokens.issue(origin=origin, pair=pair, now=now)
    return pair


def make_token(project: Project, *, replacing: str = "", now: datetime | None = None) -> str:
    """Give a project a master token of a day."""
    who: dict[str, Any] = {"project_id": project.pk, "actor": "test", "now": now or datetime.now(UTC)}
    if replacing:
        return tokens.rotate(replacing=replacing, lifetime=timedelta(days=1), **who)
    return tokens.mint(wanted=tokens.Wanted(timedelta(days=1)), **who)


def make_named_token(project: Project, name: str, *rights: Right, lifetime: timedelta = timedelta(days=1)) -> str:
    """Give a project one more master token, which may do only this."""
    wanted = tokens.Wanted(lifetime, name, rights)
    return tokens.mint(project_id=project.pk, actor="test", wanted=wanted, now=datetime.now(UTC))


def authorize(member: Member, project: Project, *, now: datetime = THEN) -> Authorization:
    """Let a project in, as the member would by the pages."""
    ask = sharing_queries.ask(project.pk)
    who = {"member_id": member.pk, "project_id": project.pk, "now": now}
    sharing.join(shown=ask.text_sha256, **who)
    return sharing.authorize(shown=ask.sha256, hidden=False, **who)


def leave(authorization: Authorization, *, remove_files: bool = False) -> None:
    """End an authorization, as the member would by the pages."""
    files.leave(
        member_id=authorization.member_id,
        authorization_id=authorization.pk,
        remove_files=remove_files,
        erasure=False,
        now=datetime.now(UTC),
    )


def give(member: Member, source: Project, name: str, content: bytes = b"1,2\n") -> int:
    """Put a file into a member's account, as a source would."""
    return files.deposit(
        member_id=member.pk,
        source_id=source.pk,
        name=name,
        metadata=METADATA,
        chunks=[content],
        now=THEN,
    )


def make_datatype(name: str, *, uploadable: bool = True, parent_id: int | None = None, details: str = "") -> int:
    """Add a type to the tree, as any member would."""
    about = About(name, parent_id, f"What {name} is", uploadable, details)
    return datatypes.create(about=about, member_id=0, now=THEN)


@dataclass
class World:
    """Three people, a study that asks for one source, and a second project that is nothing to do with it."""

    coordinator: Member
    alice: Member
    bob: Member
    joiner: Member
    source: Project
    private: Project  # a source that nobody asks for
    study: Project
    other: Project
    token: str
    other_token: str
    of_alice: Authorization = field(init=False)
    of_bob: Authorization = field(init=False)
    file_id: int = field(init=False)

    @property
    def alice_number(self) -> str:
        return self.of_alice.project_member.number

    @property
    def bob_number(self) -> str:
        return self.of_bob.project_member.number


def build() -> World:
    """Build the world that the tests start from."""
    coordinator, alice, bob, joiner = map(make_member, ("coordinator", "alice", "bob", "joiner"))
    brings = {"add_data": True, "returned_data_description": "Step counts by day"}
    source = make_project(coordinator, "Source", **brings)
    private = make_project(coordinator, "Private", **brings)
    study = make_project(coordinator, "Study", requested_sources=[source])
    other = make_project(coordinator, "Other", requested_sources=[source])
    world = World(
        coordinator,
        alice,
        bob,
        joiner,
        source,
        private,
        study,
        other,
        make_token(study),
        make_token(other),
    )
    world.file_id = give(alice, source, "alice.csv", b"alice,0\n")
    give(alice, private, "secret.csv", b"secret\n")
    give(bob, source, "bob.csv", b"bob,0\n")
    give(joiner, source, "joiner.csv", b"joiner,0\n")
    world.of_alice, world.of_bob = authorize(alice, study), authorize(bob, study)
    return world
