"""What coordinators and reviewers fill in about a review."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consentry_server.projects.rules.reviewing import LONGEST_NOTE, Check
from consentry_server.web.fields import Text
from consentry_server.web.message_forms import FaultyForm
from consentry_server.web.words import Words


def _words(label: Words, *, rows: int = 4, **more: Any) -> Text:
    return Text(label=label, max_length=LONGEST_NOTE, widget=forms.Textarea({"rows": rows}), **more)


class AskForm(FaultyForm):
    """A request for a review."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)
    note = _words(
        _("Anything that reviewers should know"),
        required=False,
        help_text=_("For example where the approval of your ethics board can be read."),
    )


class RemarkForm(FaultyForm):
    """What one side says to the other."""

    text = _words(_("Your remark"), rows=3)


class ApproveForm(FaultyForm):
    """What a reviewer has looked at."""

    checked = forms.MultipleChoiceField(
        label=_("I have looked at each of these, in exactly this version"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Look at each of these before you approve.")},
    )

    def __init__(self, *args: Any, checks: list[Check], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checked"].choices = [(check.code, gettext(check.text)) for check in checks]  # type: ignore[attr-defined]


class ReturnForm(FaultyForm):
    """Why a project is returned."""

    reason = _words(_("What has to be mended"), help_text=_("The coordinator reads this."))
