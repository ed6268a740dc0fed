"""Naming members by number, as projects do, and keeping them while something is done."""

from collections.abc import Sequence

from django.utils.translation import gettext

from consentry_server.common.errors import NotFound
from consentry_server.sharing import queries
from consentry_server.sharing.models import Authorization


class UnknownNumbers(NotFound):
    """No live member of the project has these project member ids."""

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(gettext("Invalid project member ID(s): {numbers}").format(numbers=", ".join(numbers)))
        self.numbers = numbers


def hold_named(project_id: int, numbers: Sequence[str]) -> list[Authorization]:
    """Return the live authorizations of these members, which stay until the transaction ends: all of them, or nobody.

    Raises UnknownNumbers if any is not one of the project's live members.
    """
    found = queries.live_named(project_id=project_id, numbers=numbers)
    held = queries.hold(found.values())
    if unknown := [number for number in numbers if found.get(number) not in held]:
        raise UnknownNumbers(unknown)
    return list(held.values())
