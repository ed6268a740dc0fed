"""What a coordinator says about an erasure, and about the secret of a webhook."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consentry_server.common.strict import integer
from consentry_server.sharing.rules import LONGEST_REASON
from consentry_server.web.fields import PasswordAgain, Text

SEEN, DONE, KEPT = "seen", "done", "kept"


class RowField(forms.Field):
    """The id of a row, as a button carries it."""

    def to_python(self, value: Any) -> int:
        number = integer(value)
        if number is None or number < 1:
            raise forms.ValidationError(gettext("There is no such row."), code="invalid")
        return number


class ErasureForm(forms.Form):
    """What became of a request to erase."""

    authorization = RowField()
    step = forms.ChoiceField(choices=[(step, step) for step in (SEEN, DONE, KEPT)])
    kept_because = Text(required=False, max_length=LONGEST_REASON)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("step") == KEPT and found.get("kept_because") == "":
            self.add_error("kept_because", gettext("Say why you keep some of it; the member reads this."))
        return found


class ReplayForm(forms.Form):
    """Which call of a webhook to try again."""

    effect = RowField()


class SecretForm(PasswordAgain):
    """Another secret for a project's webhook."""

    replacing = Text(required=False, max_length=8, widget=forms.HiddenInput)
    secret = Text(
        label=_("The new secret"),
        required=False,
        max_length=64,
        help_text=_("Leave it empty to have one made. One of your own has 16 to 64 characters and no spaces."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    overlap = forms.IntegerField(
        label=_("Hours for which the old one signs along"),
        min_value=0,
        max_value=24,
        initial=1,
        help_text=_("0 ends it at once; 24 at most."),
    )
    field_order = ("replacing", "secret", "overlap", "password")
