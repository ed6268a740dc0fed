"""A project as reviewers saw it, frozen; what is another by now, and which of that has to be reviewed again."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop

Fields = dict[str, Any]
ASKS_A_DAY = 5  # requests for a review of one project
REMARKS_A_DAY = 30  # of one person on one review
WITHIN = timedelta(days=1)
LONGEST_NOTE = 2000  # characters of a note, a comment or a reason
ROOM_MEANWHILE = 20  # members who may still join what is to be reviewed again


def _never(_before: Any, _after: Any) -> bool:
    return False


def _ever(before: Any, after: Any) -> bool:
    return bool(_plain(before) != _plain(after))


def _switched_on(before: Any, after: Any) -> bool:
    return bool(after) and not before


def _switched_off(before: Any, after: Any) -> bool:
    return bool(before) and not after


def _leads_elsewhere(before: Any, after: Any) -> bool:
    return bool(after) and after != before


def _asks_for_more(before: Any, after: Any) -> bool:
    return bool(_keys(after) - _keys(before))


def _plain(value: Any) -> Any:
    return value.split() if isinstance(value, str) else value


def _keys(value: Any) -> set[Any]:
    """Return what makes the items of a list what they are: of a source, its id and not its name."""
    return {item[0] if isinstance(item, list) else item for item in value or []}


@dataclass(frozen=True)
class Part:
    """One thing that a project says about itself, and whether a change of it has to be reviewed again."""

    name: str
    label: str
    reviewed_again: Callable[[Any, Any], bool]


PARTS = (
    Part("name", gettext_noop("Name"), _ever),
    Part("leader", gettext_noop("Who leads it"), _ever),
    Part("organization", gettext_noop("Organization"), _ever),
    Part("contact_email", gettext_noop("Contact address"), _never),
    Part("info_url", gettext_noop("Web page"), _never),
    Part("jogl_page", gettext_noop("Page on JOGL"), _never),
    Part("badge_image", gettext_noop("Picture"), _never),
    Part("short_description", gettext_noop("In one sentence"), _never),
    Part("long_description", gettext_noop("In more detail"), _never),
    Part("is_study", gettext_noop("A study of people"), _ever),
    Part("is_academic_or_nonprofit", gettext_noop("Academic or non-profit"), _switched_on),
    Part("add_data", gettext_noop("Adds data"), _switched_on),
    Part("explore_share", gettext_noop("Reads or uses data"), _switched_on),
    Part("returned_data_description", gettext_noop("What it adds"), _never),
    Part("requested_sources", gettext_noop("Whose data it asks for"), _asks_for_more),
    Part("request_username_access", gettext_noop("Asks for usernames"), _switched_on),
    Part("consent_text", gettext_noop("Consent text"), _ever),
    Part("erasure_supported", gettext_noop("Erases data on request"), _switched_off),
    Part("post_sharing_url", gettext_noop("Where members go after they agree"), _leads_elsewhere),
    Part("redirect_uris", gettext_noop("Where members are sent back to"), _asks_for_more),
    Part("enrollment_url", gettext_noop("Where members start"), _leads_elsewhere),
    Part("terms_url", gettext_noop("Terms"), _leads_elsewhere),
    Part("public", gettext_noop("Keeps no secret"), _switched_on),
    Part("pkce_required", gettext_noop("Proof of each request (PKCE)"), _switched_off),
    Part("device_allowed", gettext_noop("On things without a browser"), _switched_on),
    Part("datatypes", gettext_noop("Data types of its files"), _never),
)


@dataclass(frozen=True)
class Description:
    """All that a project says about itself at one moment. Two with one hash are the same."""

    fields: Fields

    @classmethod
    def read(cls, text: str) -> "Description":
        """Read what `canonical` wrote."""
        return cls(json.loads(text))

    def canonical(self) -> str:
        """Return the JSON that is hashed and kept."""
        return json.dumps(self.fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class Change:
    """One part that differs between two descriptions; `again`: it has to be reviewed again."""

    name: str
    label: str
    before: Any
    after: Any
    again: bool


def changes(before: Description, after: Description) -> list[Change]:
    """Return what differs, in the order of a project's page. What one of them does not know does not differ."""
    found = ((part, before.fields.get(part.name), after.fields.get(part.name)) for part in PARTS)
    return [
        Change(part.name, part.label, old, new, part.reviewed_again(old, new))
        for part, old, new in found
        if old is not None and new is not None and _differ(old, new)
    ]


def _differ(old: Any, new: Any) -> bool:
    return _keys(old) != _keys(new) if isinstance(old, list) else bool(old != new)


def reviewed_again(changed: list[Change]) -> bool:
    """Say whether one of these changes is wider than small."""
    return any(change.again for change in changed)


@dataclass(frozen=True)
class Check:
    """One thing that a reviewer looks at before approving."""

    code: str
    text: str


_WHO = Check("who", gettext_noop("The people and the organization exist, and the contact address is theirs."))
_PURPOSE = Check("purpose", gettext_noop("A member understands what it is for, from the texts alone."))
_ASK = Check("ask", gettext_noop("It asks for no more than that needs."))
_CONSENT = Check(
    "consent", gettext_noop("The consent text says what is done with data, for how long, who sees it, and how to stop.")
)
_TERMS = Check(
    "terms", gettext_noop("The terms say what is done with data, for how long, who sees it, and how to stop.")
)
_ADDRESSES = Check("addresses", gettext_noop("Every address leads where it says, and to whoever runs this project."))
_ADDS = Check("adds", gettext_noop("What it adds to members' accounts is told rightly."))
_OVERSIGHT = Check(
    "oversight", gettext_noop("As a study of people it has the approval that it needs, or says why it needs none.")
)


def checklist(described: Description) -> list[Check]:
    """Return what a reviewer has to have looked at to approve such a project."""
    said = described.fields
    of_app = "terms_url" in said
    parts = ((_WHO, True), (_PURPOSE, True), (_ASK, True), (_TERMS if of_app else _CONSENT, True))
    more = ((_ADDRESSES, True), (_ADDS, said["add_data"]), (_OVERSIGHT, said["is_study"]))
    return [check for check, wanted in (*parts, *more) if wanted]


def unchecked(described: Description, checked: set[str]) -> list[Check]:
    """Return what is left to look at."""
    return [check for check in checklist(described) if check.code not in checked]
