"""Which mail a member can do without, and which languages there are."""

from collections.abc import Iterable
from enum import StrEnum

LANGUAGES = {"en": "English", "de": "Deutsch"}  # each in its own words


class Notice(StrEnum):
    """A kind of mail that can be turned off; what is about the safety of an account always comes."""

    MESSAGES = "messages"  # what a project writes; it is on the site in any case
    REMOVALS = "removals"  # a project ends the sharing
    APPS = "apps"  # an app was let in


def keepable(unwanted: Iterable[str]) -> str:
    """Write kinds of mail as one text, in their order."""
    return ",".join(kind for kind in Notice if kind in set(unwanted))
