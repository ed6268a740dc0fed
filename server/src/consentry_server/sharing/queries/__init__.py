"""Reads of who lets whom in. `LIVE` is the only definition of a member who takes part."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from consentry_server.projects import queries as projects
from consentry_server.sharing.models import LIVE, Authorization, Consent, ProjectMember
from consentry_server.sharing.rules import UNAPPROVED_CAP, Ask, is_number
from consentry_server.sharing.rules.changes import Change, agreed_to, change

_AT_ONCE = 500  # numbers looked up in one statement
# The same as LIVE, for the hot paths' SQL over `sharing_authorization a`.
LIVE_SQL = "a.revoked_at IS NULL AND a.suspended_at IS NULL"


def ask(project_id: int) -> Ask:
    """Return what a project asks for at this moment."""
    return asks([projects.get(project_id)])[project_id]


def asks(found: Sequence[Any]) -> dict[int, Ask]:
    """Return what each of these projects asks for at this moment. Two statements."""
    ids = [project.pk for project in found]
    sources, clients = projects.requested_by(ids), projects.clients_of(ids)
    return {project.pk: _ask(project, sources.get(project.pk, []), clients.get(project.pk)) for project in found}


def _ask(project: Any, sources: list[tuple[int, str]], client: Any) -> Ask:
    return Ask(
        project_id=project.pk,
        project=project.name,
        leader=project.leader,
        organization=project.organization,
        consent_text=project.consent_text,
        username=project.request_username_access,
        all_sources=project.all_sources_access,
        sources=tuple(sources),
        terms_url=client.terms_url if client else "",
    )


def seat(*, member_id: int, project_id: int) -> ProjectMember | None:
    """Return how a project knows a member, whether or not they take part now."""
    return ProjectMember.objects.filter(member_id=member_id, project_id=project_id).first()


def seat_by_id(seat_id: int) -> ProjectMember | None:
    """Return a seat with its project at hand."""
    return ProjectMember.objects.select_related("project").filter(id=seat_id).first()


def locked_seat(*, member_id: int, project_id: int) -> ProjectMember | None:
    """Return the same, held until the transaction ends."""
    rows = ProjectMember.objects.select_for_update()
    return rows.filter(member_id=member_id, project_id=project_id).first()


def live(*, member_id: int, project_id: int) -> Authorization | None:
    """Return the authorization by which this member lets this project in now."""
    return Authorization.objects.filter(LIVE, member_id=member_id, project_id=project_id).first()


def live_by_number(*, project_id: int, number: object) -> Authorization | None:
    """Return the live authorization that a project names by a project member id."""
    if not is_number(number):
        return None
    rows = Authorization.objects.filter(LIVE, project_id=project_id, project_member__number=number)
    return rows.select_related("project_member").first()


def live_named(*, project_id: int, numbers: Sequence[str]) -> dict[str, int]:
    """Return the live authorizations that a project names by these project member ids; others are left out."""
    found: dict[str, int] = {}
    asked = [number for number in numbers if is_number(number)]
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        rows = Authorization.objects.filter(LIVE, project_id=project_id, project_member__number__in=some)
        found |= dict(rows.values_list("project_member__number", "id"))
    return found


def hold(authorization_ids: Iterable[int]) -> dict[int, Authorization]:
    """Return those of these that are live, and keep them so until the transaction ends.

    They are held in one order by everybody, so that nobody waits for each other.
    """
    held: dict[int, Authorization] = {}
    ordered = sorted(authorization_ids)
    rows = Authorization.objects.select_for_update(of=("self",)).filter(LIVE).order_by("id")
    for start in range(0, len(ordered), _AT_ONCE):
        some = rows.filter(id__in=ordered[start : start + _AT_ONCE])
        held |= {row.pk: row for row in some.select_related("member", "project", "project_member")}
    return held


def live_ids(project_id: int) -> Iterator[int]:
    """Return the live authorizations of a project one after the other, however many there are."""
    rows = Authorization.objects.filter(LIVE, project_id=project_id).order_by("id")
    return rows.values_list("id", flat=True).iterator(chunk_size=2000)


def may_write_to(authorization_id: int) -> bool:
    """Say whether a project may write to a member: they take part and have not muted it."""
    return Authorization.objects.filter(LIVE, id=authorization_id, project_member__muted_at=None).exists()


def between(authorization_id: int) -> Authorization:
    """Return an authorization, live or ended, with member and project at hand."""
    return Authorization.objects.select_related("member", "project", "project_member").get(id=authorization_id)


class LiveMember(NamedTuple):
    """A member who takes part, as one project knows them."""

    seat_id: int
    authorization_id: int
    number: str


def live_after(project_id: int, number: str | None, *, seat_id: int, limit: int) -> list[LiveMember]:
    """Return the next members who take part in a project, in the order in which they came; or one, by number."""
    rows = Authorization.objects.filter(LIVE, project_id=project_id, project_member_id__gt=seat_id)
    if number is not None:
        rows = rows.filter(project_member__number=number)
    columns = rows.order_by("project_member_id").values_list("project_member_id", "id", "project_member__number")
    return [LiveMember(*row) for row in columns[:limit]]


def is_live(authorization_id: int) -> bool:
    """Say whether that authorization lets anything be read."""
    return Authorization.objects.filter(LIVE, id=authorization_id).exists()


def is_suspended(seat: ProjectMember) -> bool:
    """Say whether a member takes part and only the account is shut meanwhile."""
    rows = Authorization.objects.filter(project_member=seat, revoked_at=None)
    return rows.exclude(suspended_at=None).exists()


def held_live(authorization_id: int) -> bool:
    """Say whether an authorization is live, and keep it so until the transaction ends."""
    rows = Authorization.objects.select_for_update().filter(LIVE, id=authorization_id)
    return rows.first() is not None


def unrevoked_of(member_id: int) -> QuerySet[Authorization]:
    """Return what a member shares with whom, newest first; each with project, consent and grants at hand."""
    rows = Authorization.objects.filter(member_id=member_id, revoked_at=None)
    related = rows.select_related("project", "project_member").prefetch_related("grants__source")
    return related.order_by("-authorized_at", "-id")


def past_of(member_id: int) -> QuerySet[Authorization]:
    """Return what a member shared once and ended, the latest first."""
    rows = Authorization.objects.filter(member_id=member_id).exclude(revoked_at=None)
    return rows.select_related("project", "project_member").order_by("-revoked_at", "-id")


def departed(project_id: int, *, start: int, count: int) -> list[Authorization]:
    """Return some of those who left a project, the latest first; each with their number."""
    rows = Authorization.objects.filter(project_id=project_id).exclude(revoked_at=None)
    return list(rows.select_related("project_member").order_by("-revoked_at", "-id")[start : start + count])


def back_again(departed: list[Authorization]) -> set[int]:
    """Return which of those who left are members again, by how the project knows them."""
    seats = [row.project_member_id for row in departed]
    rows = Authorization.objects.filter(LIVE, project_member_id__in=seats)
    return set(rows.values_list("project_member_id", flat=True))


def erasure_asked(*, project_id: int, authorization_id: int) -> QuerySet[Authorization]:
    """Return that authorization if it ended with a request to this project to erase what it holds."""
    rows = Authorization.objects.filter(id=authorization_id, project_id=project_id)
    return rows.exclude(revoked_at=None).exclude(erasure_requested_at=None)


def was_told(*, project_id: int, effect_id: int) -> bool:
    """Say whether that effect tells this project of a departure."""
    return Authorization.objects.filter(project_id=project_id, told_by=effect_id).exists()


def told_by(project_id: int, effect_ids: list[int]) -> dict[int, str]:
    """Return whose departure each of these effects tells a project, by project member id."""
    rows = Authorization.objects.filter(project_id=project_id, told_by__in=effect_ids)
    return {row.told_by or 0: row.project_member.number for row in rows.select_related("project_member")}


def own(*, member_id: int, authorization_id: int) -> Authorization | None:
    """Return a member's own unrevoked authorization; somebody else's is as good as none."""
    rows = Authorization.objects.filter(id=authorization_id, member_id=member_id, revoked_at=None)
    return rows.select_related("project", "project_member").first()


def last_consent(authorization: Authorization) -> Consent | None:
    """Return what was agreed to last."""
    return Consent.objects.filter(authorization=authorization).order_by("-id").first()


def listed_members(project_id: int, *, start: int, count: int) -> list[str]:
    """Return some of the usernames of live members who chose to be listed, in their order."""
    rows = Authorization.objects.filter(LIVE, project_id=project_id, project_member__hidden_at=None)
    names = rows.order_by("member__username").values_list("member__username", flat=True)
    return list(names[start : start + count])


def listed_in(member_id: int) -> list[tuple[str, str]]:
    """Return slug and name of the reviewed projects in which a member chose to be listed, by name."""
    rows = Authorization.objects.filter(LIVE, member_id=member_id, project_member__hidden_at=None)
    named = rows.exclude(project__approved_at=None).order_by("project__name", "project_id")
    return list(named.values_list("project__slug", "project__name"))


def granted(authorization: Authorization) -> list[str]:
    """Return the names of the sources that a member opened to a project."""
    return sorted(authorization.grants.values_list("source__name", flat=True))


def opens(authorization: Authorization, source_id: int | None) -> bool:
    """Say whether an authorization opens that source."""
    return authorization.all_sources or authorization.grants.filter(source_id=source_id).exists()


def has_joined(*, member_id: int, project_id: int) -> bool:
    """Say whether a member has agreed to a project's consent text as it stands now."""
    found = seat(member_id=member_id, project_id=project_id)
    if found is None or found.joined_at is None:
        return False
    return found.joined_text_sha256 == ask(project_id).text_sha256


def has_room(*, member_id: int, project_id: int) -> bool:
    """Say whether this member may come in: below the cap, in already, or the coordinator."""
    if projects.having_seat(project_id, cap=UNAPPROVED_CAP).exists():
        return True
    inside = live(member_id=member_id, project_id=project_id) is not None
    return inside or projects.get(project_id).coordinator_id == member_id


class Connection(NamedTuple):
    """What a member shares with one project, what exactly they agreed to last, and what it asks for besides by now."""

    authorization: Authorization
    sources: list[str]
    consent: Consent | None
    change: Change | None


def connections(member_id: int) -> list[Connection]:
    """Return all that a member shares now, newest first. Five statements."""
    rows = list(unrevoked_of(member_id))
    consents = Consent.objects.filter(authorization__in=rows).order_by("id")
    last = {consent.authorization_id: consent for consent in consents}
    now = asks([row.project for row in rows])
    return [_connection(row, last.get(row.pk), now[row.project_id]) for row in rows]


def _connection(row: Authorization, consent: Consent | None, now: Ask) -> Connection:
    sources = sorted(grant.source.name for grant in row.grants.all())
    return Connection(row, sources, consent, changed(consent, now))


def changed(consent: Consent | None, now: Ask) -> Change | None:
    """Return what a project asks for now that is not what was agreed to; None: nothing, or nothing was."""
    return change(agreed_to(consent.request), now) if consent else None


def count_of_earlier(ask: Ask) -> int:
    """Return how many members of a project agreed to something else than it asks for now."""
    last = Consent.objects.filter(authorization=OuterRef("pk")).order_by("-id").values("sha256")[:1]
    rows = Authorization.objects.filter(LIVE, project_id=ask.project_id).annotate(agreed=Subquery(last))
    return rows.exclude(agreed=ask.sha256).count()


def known_to(member_id: int) -> list[tuple[int, str]]:
    """Return id and name of each project that knows a member, or once did, by name. One statement."""
    rows = ProjectMember.objects.filter(member_id=member_id).order_by("project__name", "project_id")
    return list(rows.values_list("project_id", "project__name"))


def count_live(member_id: int) -> int:
    """Return how many projects a member lets in now."""
    return Authorization.objects.filter(LIVE, member_id=member_id).count()


def lately(member_id: int, *, most: int) -> list[Authorization]:
    """Return what a member began or ended to share last, the latest first; each with its project."""
    rows = Authorization.objects.filter(member_id=member_id).select_related("project")
    return list(rows.order_by(Coalesce("revoked_at", "authorized_at").desc(), "-id")[:most])
