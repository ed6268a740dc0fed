"""What a project writes down about its members. It goes with a request to erase, and with the account."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Invalid
from consentry_server.sharing.actions.holding import hold_named
from consentry_server.sharing.models import Note, ProjectMember, Tag
from consentry_server.sharing.rules.noting import MOST_TAGS, check_note


@transaction.atomic
def describe(*, project_id: int, number: str, tags: Sequence[str], note: str, actor: str, now: datetime) -> None:
    """Put these tags and this note to a member instead of those before. Raises UnknownNumbers and Invalid."""
    check_note(note)
    (seat_id,) = _held(project_id, [number])
    Tag.objects.filter(project_member=seat_id).exclude(name__in=tags).delete()
    _put(project_id, [seat_id], tags)
    if note:
        Note.objects.update_or_create(project_member_id=seat_id, defaults={"text": note, "written_at": now})
    else:
        Note.objects.filter(project_member=seat_id).delete()
    _record("described", project_id, [number], actor, now)


@transaction.atomic
def tag(*, project_id: int, numbers: Sequence[str], tags: Sequence[str], actor: str, now: datetime) -> None:
    """Put tags to members besides those that they have. Raises UnknownNumbers, and Invalid if that is too many."""
    seats = _held(project_id, numbers)
    _put(project_id, seats, tags)
    counted = Tag.objects.filter(project_member__in=seats).values("project_member").annotate(tags=Count("id"))
    if counted.filter(tags__gt=MOST_TAGS).exists():
        said = gettext("A member can have {most} tags at most. Nobody was given any.")
        raise Invalid({"tags": [said.format(most=MOST_TAGS)]})
    _record("tagged", project_id, numbers, actor, now)


@transaction.atomic
def untag(*, project_id: int, numbers: Sequence[str], tags: Sequence[str], actor: str, now: datetime) -> None:
    """Take tags from members who have them. Raises UnknownNumbers."""
    seats = _held(project_id, numbers)
    Tag.objects.filter(project_member__in=seats, name__in=tags).delete()
    _record("untagged", project_id, numbers, actor, now)


@transaction.atomic
def forget(*, member_id: int, project_id: int | None = None) -> None:
    """Erase what one project wrote down about a member, or what all did."""
    seats = ProjectMember.objects.filter(member_id=member_id)
    if project_id is not None:
        seats = seats.filter(project_id=project_id)
    Note.objects.filter(project_member__in=seats).delete()
    Tag.objects.filter(project_member__in=seats).delete()


def _held(project_id: int, numbers: Sequence[str]) -> list[int]:
    """Return how the project knows these members."""
    return [authorization.project_member_id for authorization in hold_named(project_id, numbers)]


def _put(project_id: int, seats: Sequence[int], tags: Sequence[str]) -> None:
    rows = [Tag(project_member_id=seat, project_id=project_id, name=name) for seat in seats for name in tags]
    Tag.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _record(what: str, project_id: int, numbers: Sequence[str], actor: str, now: datetime) -> None:
    about = f"project:{project_id}"
    record(name=f"sharing.{what}", actor=actor, about=about, now=now, numbers=", ".join(numbers))
