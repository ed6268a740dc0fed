"""Reads of projects."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Q, QuerySet

from consentry_server import database
from consentry_server.projects.models import ON_SITE, OWN, Client, Project, Registration, WebhookSecret


def by_slug(slug: str) -> Project | None:
    """Return the project with that slug, if somebody runs it."""
    return Project.objects.filter(slug=slug).exclude(kind=OWN).first()


def by_id(project_id: int) -> Project | None:
    """Return the project with that id, if somebody runs it."""
    return Project.objects.filter(id=project_id).exclude(kind=OWN).first()


def own_source_id() -> int | None:
    """Return the id of the source of members' own uploads, once there is one."""
    return Project.objects.filter(kind=OWN).values_list("id", flat=True).first()


def coordinated_by(member_id: int) -> QuerySet[Project]:
    """Return the projects that a member runs, newest first."""
    return Project.objects.filter(coordinator_id=member_id).order_by("-id")


def of_kind(rows: QuerySet[Project], kind: str) -> QuerySet[Project]:
    """Return those of these projects that are of one kind."""
    return rows.filter(kind=kind)


def open_on_site(slug: str) -> Project | None:
    """Return an on-site project that takes members."""
    return Project.objects.filter(slug=slug, kind=ON_SITE, paused_at=None).first()


# Raw: apps say who they are in each call for tokens, and the ORM takes ten times as long to write it.
_CLIENT = """
    SELECT id, project_id, client_id, redirect_uris, enrollment_url, terms_url, public, pkce_required, device_allowed
    FROM projects_client WHERE client_id = %s"""


def client(client_id: str) -> Client | None:
    """Return the app of that id."""
    return next(iter(Client.objects.raw(_CLIENT, [client_id])), None)


def client_of(project_id: int) -> Client | None:
    """Return an OAuth2 project as an app."""
    return Client.objects.filter(project_id=project_id).first()


def clients_of(project_ids: Iterable[int]) -> dict[int, Client]:
    """Return those of these projects that are apps, as apps."""
    return {client.project_id: client for client in Client.objects.filter(project_id__in=project_ids)}


def requestable_sources() -> QuerySet[Project]:
    """Return the approved projects that say what data they bring."""
    return Project.objects.exclude(approved_at=None).exclude(returned_data_description="").order_by("name")


def requested_sources(project: Project) -> list[Project]:
    """Return the sources that a project asks for now, by id."""
    return list(project.requested_sources.order_by("id"))


def requested_by(project_ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """Return id and name of each source that these projects ask for now, by id. One statement."""
    found: dict[int, list[tuple[int, str]]] = {}
    links = Project.requested_sources.through.objects.filter(from_project_id__in=project_ids)
    rows = links.order_by("to_project_id").values_list("from_project_id", "to_project_id", "to_project__name")
    for project_id, source_id, name in rows:
        found.setdefault(project_id, []).append((source_id, name))
    return found


def slug_taken(slug: str, *, besides: int | None) -> bool:
    """Say whether another project has this slug."""
    return Project.objects.filter(slug=slug).exclude(id=besides or 0).exists()


def locked(project_id: int) -> Project:
    """Return a project that no other transaction changes until this one ends."""
    return Project.objects.select_for_update().get(id=project_id)


class Description(NamedTuple):
    """A project as `project/` tells of it; the ids of its data types and of the sources that it asks for are joined."""

    active: bool
    approved: bool
    authorized_members: int
    badge_image: str
    contact_email: str
    id: int
    info_url: str
    is_academic_or_nonprofit: bool
    is_study: bool
    leader: str
    long_description: str
    name: str
    organization: str
    request_username_access: bool
    returned_data_description: str
    short_description: str
    slug: str
    kind: str
    registered: str | None
    requested: str | None


# What is no plain column. Yes and no are asked for as such: SQLite's driver takes long to read columns declared so.
_SAID = {
    "active": "p.paused_at IS NULL",
    "approved": "p.approved_at IS NOT NULL",
    "is_academic_or_nonprofit": "p.is_academic_or_nonprofit IS TRUE",
    "is_study": "p.is_study IS TRUE",
    "request_username_access": "p.request_username_access IS TRUE",
    "registered": """(SELECT string_agg(CAST(t.datatype_id AS text), ',')
        FROM projects_registration t WHERE t.project_id = p.id)""",
    "requested": """(SELECT string_agg(CAST(r.to_project_id AS text), ',')
        FROM projects_project_requested_sources r WHERE r.from_project_id = p.id)""",
}
# Raw: clients ask it before every page of theirs, and the ORM takes ten times as long to write it.
_DESCRIPTION = f"""
    SELECT {", ".join(_SAID.get(name, f"p.{name}") for name in Description._fields)}
    FROM projects_project p WHERE p.id = %s"""


def description(project_id: int) -> Description:
    """Return what `project/` tells of a project. One statement."""
    (row,) = database.rows(_DESCRIPTION, [project_id])
    return Description._make(row)


def ids(joined: str | None) -> list[int]:
    """Return the ids that a description has joined, in their order."""
    return sorted(map(int, joined.split(","))) if joined else []


class Typing(NamedTuple):
    """Of which data types the files of a project may be."""

    registered: list[int]
    any_other: bool
    all_unless_named: bool


def typing(project_id: int) -> Typing:
    """Return of which data types a project's files may be."""
    flags = Project.objects.values_list("any_datatypes", "auto_add_datatypes").get(id=project_id)
    return Typing(registered(project_id), *flags)


def registered(project_id: int) -> list[int]:
    """Return the ids of the data types that a project registered."""
    rows = Registration.objects.filter(project_id=project_id).order_by("datatype_id")
    return list(rows.values_list("datatype_id", flat=True))


def registrars(datatype_ids: Collection[int]) -> dict[int, list[Project]]:
    """Return the approved projects that registered each of these data types."""
    rows = Registration.objects.filter(datatype_id__in=datatype_ids).exclude(project__approved_at=None)
    found: dict[int, list[Project]] = {}
    for row in rows.select_related("project").order_by("project_id"):
        found.setdefault(row.datatype_id, []).append(row.project)
    return found


def held_registrars(datatype_id: int) -> list[Project]:
    """Return all projects that registered a data type; none is approved or changed until the transaction ends."""
    rows = Project.objects.select_for_update(of=("self",)).filter(registrations__datatype_id=datatype_id)
    return list(rows.order_by("id"))


def having_seat(project_id: int, *, cap: int) -> QuerySet[Project]:
    """Return the project if one more member may join: it is approved as it stands, or below the cap.

    One that asks for more than was reviewed has the room that it was given until it is reviewed again.
    """
    as_reviewed = Q(approved_at__isnull=False, unlisted_at=None)
    meanwhile = Q(authorized_members__lt=F("room_meanwhile"))
    return Project.objects.filter(Q(authorized_members__lt=cap) | as_reviewed | meanwhile, id=project_id)


def get(project_id: int) -> Project:
    """Return the project with that id, which must exist."""
    return Project.objects.get(id=project_id)


def webhook_secret(project_id: int) -> WebhookSecret | None:
    """Return the row of the secret that a project's webhooks are signed with."""
    return WebhookSecret.objects.filter(project_id=project_id, ends_at=None).first()


def webhook_secrets(project_id: int, *, now: datetime) -> list[WebhookSecret]:
    """Return all secrets that sign now: the present one first, then those that were replaced a moment ago."""
    signing = WebhookSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), project_id=project_id)
    return list(signing.order_by("-id"))


def badges(keys: list[str]) -> set[str]:
    """Return those of these keys in the store that are the badge of a project."""
    return set(Project.objects.filter(badge_image__in=keys).values_list("badge_image", flat=True))


def all_badges() -> list[str]:
    """Return the keys in the store of all projects' badges."""
    return list(Project.objects.exclude(badge_image="").order_by("id").values_list("badge_image", flat=True))


def existing(ids: list[int]) -> set[int]:
    """Return those of these ids that projects have."""
    return set(Project.objects.filter(id__in=ids).values_list("id", flat=True))
