"""Of which data types a file is: what an upload says, held against what its project registered."""

from datetime import datetime

from django.db import transaction

from consentry_server.common.errors import Invalid
from consentry_server.datatypes import actions as datatypes
from consentry_server.datatypes import queries as datatype_queries
from consentry_server.datatypes.actions import About
from consentry_server.files import rules
from consentry_server.projects import queries as projects

_UNKNOWN = "The following datatypes don't match items in our database"
_UNREGISTERED = "The following datatypes aren't registered for this project"


def datatypes_of(project_id: int, text: str | None) -> str:
    """Return the data types that an upload names, as a file keeps them. Raises Invalid."""
    wanted = rules.read_datatypes(text)
    if wanted == []:
        return ""
    allowed = projects.typing(project_id)
    if wanted is None:
        return rules.keepable_ids(allowed.registered if allowed.all_unless_named else [])
    found = _existing(wanted)
    _refuse(_UNKNOWN, [str(item) for item in wanted if item not in found])
    ids = set(found.values())
    if not allowed.any_other:
        foreign = datatype_queries.names(ids - set(allowed.registered))
        _refuse(_UNREGISTERED, [foreign[one] for one in sorted(foreign)])
    return rules.keepable_ids(ids)


def _existing(wanted: list[int] | list[str]) -> dict[int | str, int]:
    ids = [item for item in wanted if isinstance(item, int)]
    names = [item for item in wanted if isinstance(item, str)]
    return {one: one for one in datatype_queries.names(ids)} | datatype_queries.by_names(names)


def _refuse(reason: str, items: list[str]) -> None:
    if items:
        raise Invalid({"datatypes": [f"{reason}: {items[: rules.NAMED_AT_MOST]}"]})


@transaction.atomic
def edit_datatype(*, datatype_id: int, about: About, member_id: int, now: datetime) -> None:
    """Change a data type; once an approved project uses it, its details only. Raises Invalid and NotFound."""
    users = projects.held_registrars(datatype_id)
    settled = any(project.approved_at for project in users)
    datatypes.edit(datatype_id=datatype_id, about=about, settled=settled, member_id=member_id, now=now)
