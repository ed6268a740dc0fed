"""What coordinators and members fill in to write to each other."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consentry_server.common.errors import Invalid
from consentry_server.messaging.rules import Draft, split_numbers
from consentry_server.web.fields import StrictYes, Text, long_text

_LONGEST_REPLY = 20_000


class Numbers(Text):
    """Project member ids, separated by spaces, commas or lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": 3, "inputmode": "numeric"}), **kwargs)

    def clean(self, value: Any) -> tuple[str, ...]:
        return split_numbers([super().clean(value)])


class FaultyForm(forms.Form):
    """A form of which the domain may find more wrong than its fields do."""

    def add_faults(self, invalid: Invalid) -> None:
        """Show beside each field what the domain said about it."""
        for name, reasons in invalid.faults.items():
            self.add_error(name if name in self.fields else None, reasons)


class MessageForm(FaultyForm):
    """A message to members."""

    once = Text(widget=forms.HiddenInput, required=False, max_length=32, initial=lambda: secrets.token_hex(16))
    all_members = StrictYes(label=_("Write to all members"))
    project_member_ids = Numbers(
        label=_("Or to these project member ids"), required=False, help_text=_("Separated by spaces, commas or lines.")
    )
    subject = Text(label=_("Subject"), required=False, help_text=_("Left empty, it names your project."))
    message = long_text(
        _("Message"),
        rows=10,
        help_text=_("Plain text. {{ PROJECT_MEMBER_ID }} becomes the number of the member who reads it."),
    )

    def draft(self) -> Draft:
        """Return the message that was filled in."""
        given = self.cleaned_data
        return Draft(given["all_members"], given["project_member_ids"], given["subject"], given["message"])


class RemovalForm(FaultyForm):
    """The members whom a project removes."""

    project_member_ids = Numbers(
        label=_("Project member ids"),
        help_text=_("Separated by spaces, commas or lines."),
        error_messages={"required": _("You must provide a list of project member IDs.")},
    )


class ReplyForm(forms.Form):
    """What a member writes to a project."""

    message = Text(label=_("Your message"), max_length=_LONGEST_REPLY, widget=forms.Textarea({"rows": 10}))
