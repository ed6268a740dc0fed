"""Changes of the tree of data types. Each is on the trail with what was there before: that is its history."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Invalid, NotFound
from consentry_server.datatypes import queries, rules
from consentry_server.datatypes.models import DataType
from consentry_server.datatypes.rules import About

__all__ = ["About", "create", "edit"]


@transaction.atomic
def create(*, about: About, member_id: int, now: datetime) -> int:
    """Add a data type to the tree and return its id. Raises Invalid with what is wrong, field by field."""
    about = rules.tidy(about)
    _check(about, itself=None)
    row = DataType(created_at=now)
    _save(row, about)
    record(name="datatype.create", actor=f"member:{member_id}", about=f"datatype:{row.pk}", now=now, called=about.name)
    return row.pk


@transaction.atomic
def edit(*, datatype_id: int, about: About, settled: bool, member_id: int, now: datetime) -> None:
    """Change a data type; if it is settled, its details only. Raises Invalid and NotFound."""
    about = rules.tidy(about)
    row = queries.by_id(datatype_id)
    if row is None:
        raise NotFound(gettext("There is no such data type."))
    before = queries.about(row)
    if settled and (faults := rules.settled_faults(before, about)):
        raise Invalid(faults)
    _check(about, itself=datatype_id)
    _save(row, about)
    was = {name: getattr(before, name) for name in before.__slots__ if getattr(before, name) != getattr(about, name)}
    if was:
        record(name="datatype.edit", actor=f"member:{member_id}", about=f"datatype:{datatype_id}", now=now, was=was)


def _check(about: About, *, itself: int | None) -> None:
    faults = rules.text_faults(about) | rules.place_faults(queries.held_tree(), about, itself=itself)
    if "name" not in faults and queries.name_taken(rules.folded(about.name), besides=itself):
        faults["name"] = [gettext(rules.NAME_TAKEN)]
    if faults:
        raise Invalid(faults)


def _save(row: DataType, about: About) -> None:
    """The database decides about names that two give at once."""
    for name in about.__slots__:
        setattr(row, name, getattr(about, name))
    row.name_key = rules.folded(about.name)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        if not queries.name_taken(row.name_key, besides=row.pk):
            raise
        raise Invalid({"name": [gettext(rules.NAME_TAKEN)]}) from None
