"""What a project asks for that a member did not agree to, so that it can be read."""

from typing import Any

from django.utils.translation import gettext

from consentry_server.sharing.rules.changes import Change
from consentry_server.web.describing import Difference, compared


def readable(change: Change | None) -> dict[str, Any] | None:
    """Return a change with the consent texts line by line; None: there is none."""
    if change is None:
        return None
    text = (
        [Difference(gettext("The consent text"), False, compared(*map(str.splitlines, change.text)))]
        if change.text
        else []
    )
    return {"change": change, "text": text}
