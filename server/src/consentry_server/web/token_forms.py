"""What a coordinator says about a master token."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consentry_server.projects.rules import TOKEN_HOURS
from consentry_server.tokens.rules import LONGEST_NAME, Right
from consentry_server.web.fields import PasswordAgain, Text

NEVER = "never"
_LIVES = {"24 hours": _("24 hours"), "30 days": _("30 days"), "1 year": _("1 year")}
LIFETIMES = [(name, _LIVES[name]) for name in TOKEN_HOURS]
_RIGHTS = {
    Right.READ: _("Read data: list members and fetch their files"),
    Right.ADD: _("Add data: bring files to members, and delete those again"),
    Right.MESSAGE: _("Message: write to members"),
    Right.REMOVE: _("Remove: end members' participation"),
}


_SHORT = {
    Right.READ: _("read data"),
    Right.ADD: _("add data"),
    Right.MESSAGE: _("message"),
    Right.REMOVE: _("remove"),
}


def said(rights: str) -> list[str]:
    """Return in few words what a token may do, from how that is kept."""
    return [str(_SHORT[Right(right)]) for right in rights.split(",")]


def lifetime(choice: str) -> timedelta | None:
    """Return how long a token lives; None is for ever."""
    return None if choice == NEVER else timedelta(hours=TOKEN_HOURS[choice])


class LifetimeForm(PasswordAgain):
    """A new token, whose life is chosen."""

    lifetime = forms.ChoiceField(label=_("The new token works for"), choices=LIFETIMES)

    def __init__(self, *args: Any, eternal: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        forever = [(NEVER, gettext("ever (never expires)"))] if eternal else []
        self.fields["lifetime"].choices = LIFETIMES + forever  # type: ignore[attr-defined]


class NewTokenForm(LifetimeForm):
    """One more token for a project."""

    name = Text(label=_("Name"), max_length=LONGEST_NAME, help_text=_("Who uses it, such as a computer or a program."))
    rights = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(right.value, text) for right, text in _RIGHTS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Every token can ask for the description of the project. Give no more than its user needs."),
    )
    field_order = ("name", "rights", "lifetime", "password")

    def __init__(self, *args: Any, reads_only: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reads_only:
            self.fields["rights"].choices = [(Right.READ.value, _RIGHTS[Right.READ])]  # type: ignore[attr-defined]


class RotateForm(LifetimeForm):
    """A new token in the place of one, with its name and its rights."""

    overlap = forms.IntegerField(
        label=_("Hours for which the old one still works"),
        min_value=0,
        max_value=24,
        initial=0,
        help_text=_("0 ends it at once; 24 at most."),
    )
    field_order = ("lifetime", "overlap", "password")
