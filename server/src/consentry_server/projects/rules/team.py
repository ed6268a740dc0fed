"""Who in a project's team may do what: one table, which every page and action asks."""

from collections.abc import Set as AbstractSet
from datetime import timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

INVITED_FOR = timedelta(days=14)
INVITATIONS_A_DAY = 20  # of one member, for all projects together: each is a mail to an address that they typed
MOST = 50  # people in a team, and invitations that nobody has answered yet
LONGEST_INVITED = 254  # characters of a username or an address


class Role(StrEnum):
    """What somebody is in a project's team."""

    OWNER = "owner"
    MANAGER = "manager"
    ANALYST = "analyst"
    MESSENGER = "messenger"
    AUDITOR = "auditor"


GIVEN = (Role.MANAGER, Role.ANALYST, Role.MESSENGER, Role.AUDITOR)  # the owner is the project's coordinator


class Do(StrEnum):
    """What can be done with a project."""

    LOOK = "look"
    MEMBERS = "members"
    NAMES = "names"
    NOTE = "note"
    SETTINGS = "settings"
    MESSAGES = "messages"
    HISTORY = "history"
    WRITE = "write"
    READ_TOKENS = "read tokens"
    TOKENS = "tokens"
    EDIT = "edit"
    REVIEW = "review"
    REMOVE = "remove"
    DEPARTURES = "departures"
    WEBHOOK = "webhook"
    CLIENT = "client"
    TRY = "try"
    CLOSE = "close"
    TEAM = "team"


ROLE_NAMES: dict[Role, str | Promise] = {
    Role.OWNER: _("owner"),
    Role.MANAGER: _("manager"),
    Role.ANALYST: _("analyst"),
    Role.MESSENGER: _("messenger"),
    Role.AUDITOR: _("auditor"),
}
# In the words of the team page. What is seen only is part of what is done with it.
WORDS: dict[Do, str | Promise] = {
    Do.LOOK: _("see the project's page here and who is in the team"),
    Do.MEMBERS: _("see the table of members, by number, with tags and notes"),
    Do.NAMES: _("see usernames where members agreed to that"),
    Do.NOTE: _("put tags and notes to members"),
    Do.SETTINGS: _("see how the project is set up: tokens by name, secrets by fingerprint, data types, webhook"),
    Do.MESSAGES: _("see what was written to members"),
    Do.HISTORY: _("see the review, who left, deliveries of the webhook, open invitations, and who did what"),
    Do.WRITE: _("write to members"),
    Do.READ_TOKENS: _("make and show tokens that only read data"),
    Do.TOKENS: _("make, show, replace and revoke every token"),
    Do.EDIT: _("edit the project, its picture and its data types"),
    Do.REVIEW: _("ask for a review and speak with reviewers"),
    Do.REMOVE: _("remove members"),
    Do.DEPARTURES: _("answer requests to erase"),
    Do.WEBHOOK: _("try the webhook again, show and replace its secret"),
    Do.CLIENT: _("make and end client secrets of an app"),
    Do.TRY: _("try the app"),
    Do.CLOSE: _("close the project to new members, and open it again"),
    Do.TEAM: _("invite and remove people, change roles, hand the project over"),
}
MAY: dict[Role, AbstractSet[Do]] = {
    Role.OWNER: frozenset(Do),
    Role.MANAGER: frozenset(Do) - {Do.CLOSE, Do.TEAM},
    Role.ANALYST: frozenset({Do.LOOK, Do.MEMBERS, Do.NAMES, Do.NOTE, Do.SETTINGS, Do.READ_TOKENS}),
    Role.MESSENGER: frozenset({Do.LOOK, Do.MEMBERS, Do.MESSAGES, Do.WRITE}),
    Role.AUDITOR: frozenset({Do.LOOK, Do.MEMBERS, Do.NAMES, Do.SETTINGS, Do.MESSAGES, Do.HISTORY}),
}


def may(role: str | None, do: Do) -> bool:
    """Say whether somebody with this role, or with none, may do that."""
    return role is not None and do in MAY[Role(role)]


def holders(do: Do) -> list[Role]:
    """Return the roles that may do that."""
    return [role for role in Role if do in MAY[role]]


def said_of(role: Role) -> list[str | Promise]:
    """Return in plain words what a role may do, in the order of the table."""
    return [WORDS[do] for do in Do if do in MAY[role]]


def address_in(invited: str) -> str:
    """Return the address by which somebody is invited as it is compared, or "": no username has an @.

    In small letters and no further: what folds more makes one address of two people's.
    """
    return invited.lower() if "@" in invited else ""
