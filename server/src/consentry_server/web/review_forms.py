"""What coordinators and reviewers fill in about a review."""

from typing import Any

from django import forms

from consentry_server.projects.rules.reviewing import LONGEST_NOTE, Check
from consentry_server.web.fields import Text
from consentry_server.web.message_forms import FaultyForm


def _words(label: str, *, rows: int = 4, **more: Any) -> Text:
    return Text(label=label, max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": rows}), **more)


class AskForm(FaultyForm):
    """A request for a review."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)
    note = _words(
        "Anything that reviewers should know",
        required=False,
        help_text="For example where the approval of your ethics board can be read.",
    )


class RemarkForm(FaultyForm):
    """What one side says to the other."""

    text = _words("Your remark", rows=3)


class ApproveForm(FaultyForm):
    """What a reviewer has looked at."""

    checked = forms.MultipleChoiceField(
        label="I have looked at each of these, in exactly this version",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Look at each of these before you approve."},
    )

    def __init__(self, *args: Any, checks: list[Check], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checked"].choices = [(check.code, check.text) for check in checks]  # type: ignore[attr-defined]


class ReturnForm(FaultyForm):
    """Why a project is returned."""

    reason = _words("What has to be mended", help_text="The coordinator reads this.")
