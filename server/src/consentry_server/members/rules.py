"""Which mail a member can do without, which languages there are, and what may stand on a public page."""

import re
from collections.abc import Iterable
from enum import StrEnum

from django.utils.translation import gettext

LANGUAGES = {"en": "English", "de": "Deutsch"}  # each in its own words


class Notice(StrEnum):
    """A kind of mail that can be turned off; what is about the safety of an account always comes."""

    MESSAGES = "messages"  # what a project writes; it is on the site in any case
    REMOVALS = "removals"  # a project ends the sharing
    APPS = "apps"  # an app was let in


def keepable(unwanted: Iterable[str]) -> str:
    """Write kinds of mail as one text, in their order."""
    return ",".join(kind for kind in Notice if kind in set(unwanted))


LONGEST_ABOUT = 1_000  # characters
_LINK = re.compile(r"\w:/|\bwww\.|\bhttps?\b", re.IGNORECASE)


def about_fault(text: str) -> str:
    """Say what is wrong with what a member says of themselves, "" if nothing: links are of use to spam only."""
    if len(text) > LONGEST_ABOUT:
        return gettext("Say it in {most} characters.").format(most=f"{LONGEST_ABOUT:,}")
    return gettext("Leave out links.") if _LINK.search(text) else ""
