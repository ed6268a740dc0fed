"""Reads for a coordinator's table of members: who takes part, by number, with what the project wrote down of them."""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Case, Count, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from consentry_server import database
from consentry_server.sharing.models import LIVE, Authorization, Note, Tag


class Wanted(NamedTuple):
    """Which members a coordinator looks for: those whose number begins so, those with this tag. Empty: all."""

    begins: str = ""
    tag: str = ""


class Shown(NamedTuple):
    """A member who takes part, as the coordinator's table shows them."""

    seat_id: int
    number: str
    since: datetime
    username: str  # "" unless the member agreed to show it
    note: str
    tags: list[str]


_NAME = Case(When(username_shared=True, then="member__username"), default=Value(""))
_NOTE = Coalesce(
    Subquery(Note.objects.filter(project_member=OuterRef("project_member_id")).values("text")), Value("", TextField())
)


def _wanted(project_id: int, wanted: Wanted) -> QuerySet[Authorization]:
    rows = Authorization.objects.filter(LIVE, project_id=project_id)
    if wanted.begins:
        rows = rows.filter(project_member__number__startswith=wanted.begins)
    if wanted.tag:
        rows = rows.filter(project_member__tags__name=wanted.tag)
    return rows.order_by("project_member_id")


def shown(project_id: int, wanted: Wanted, *, start: int, count: int) -> list[Shown]:
    """Return some members who take part, in the order in which they first came. Two statements."""
    return _shown(_wanted(project_id, wanted)[start : start + count])


def one(project_id: int, number: str) -> Shown | None:
    """Return a member who takes part, by number. Two statements."""
    found = _shown(_wanted(project_id, Wanted()).filter(project_member__number=number))
    return found[0] if found else None


def _shown(some: QuerySet[Authorization]) -> list[Shown]:
    columns = ("project_member_id", "project_member__number", "authorized_at", _NAME, _NOTE)
    rows = list(some.values_list(*columns))
    tags = _tags([row[0] for row in rows])
    return [Shown(seat, number, at, name, note, tags.get(seat, [])) for seat, number, at, name, note in rows]


def _tags(seats: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = Tag.objects.filter(project_member__in=seats).order_by("name")
    for seat, name in rows.values_list("project_member_id", "name"):
        found.setdefault(seat, []).append(name)
    return found


def numbers(project_id: int, wanted: Wanted, *, most: int) -> list[str]:
    """Return the numbers of those who are looked for, so many at most."""
    return list(_wanted(project_id, wanted).values_list("project_member__number", flat=True)[:most])


def tags(project_id: int, *, most: int) -> list[tuple[str, int]]:
    """Return the tags of members who take part and how many have each, by name."""
    rows = Authorization.objects.filter(LIVE, project_id=project_id, project_member__tags__isnull=False)
    counts = rows.values_list("project_member__tags__name").annotate(Count("id"))
    return list(counts.order_by("project_member__tags__name")[:most])


def written_of(seat_id: int) -> tuple[str, list[str]]:
    """Return the note and the tags that a project put to a member. Two statements."""
    note = Note.objects.filter(project_member=seat_id).values_list("text", flat=True).first()
    return note or "", _tags([seat_id]).get(seat_id, [])


class Day(NamedTuple):
    """How many began and how many ended to take part on a day, in UTC."""

    day: date
    came: int
    left: int


# Raw: the ORM would have SQLite call Python for each row.
_DAYS = """
    SELECT substr({time:a.authorized_at}, 1, 10), 1, count(*)
    FROM sharing_authorization a WHERE a.project_id = %s GROUP BY 1
    UNION ALL
    SELECT substr({time:a.revoked_at}, 1, 10), 0, count(*)
    FROM sharing_authorization a WHERE a.project_id = %s AND a.revoked_at IS NOT NULL GROUP BY 1"""


def days(project_id: int) -> list[Day]:
    """Return the days on which somebody came or left, in their order. One statement."""
    counts: tuple[dict[str, int], dict[str, int]] = {}, {}
    for day, came, count in database.rows(_DAYS, [project_id, project_id]):
        counts[came][day] = count
    left, came_in = counts
    found = sorted({*left, *came_in})
    return [Day(date.fromisoformat(day), came_in.get(day, 0), left.get(day, 0)) for day in found]
