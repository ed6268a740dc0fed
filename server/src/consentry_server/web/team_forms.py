"""What owners say about the people of a team."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consentry_server.common.errors import Invalid
from consentry_server.projects.rules.team import GIVEN, LONGEST_INVITED, ROLE_NAMES
from consentry_server.web.fields import Text

_ROLES = [(role.value, ROLE_NAMES[role]) for role in GIVEN]


class RoleForm(forms.Form):
    """What somebody is to be in a team."""

    role = forms.ChoiceField(label=_("Role"), choices=_ROLES)

    def add_faults(self, invalid: Invalid) -> None:
        """Show what the action found wrong beside the field."""
        for field, faults in invalid.faults.items():
            self.add_error(field, faults)


class InviteForm(RoleForm):
    """Who is asked into a team, and as what."""

    invited = Text(
        label=_("Username or e-mail address"),
        max_length=LONGEST_INVITED,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("For your safety and theirs you do not learn here whether anybody has it."),
    )
    field_order = ("invited", "role")

    def clean_invited(self) -> str:
        invited: str = self.cleaned_data["invited"]
        if "@" in invited:
            return str(forms.EmailField().clean(invited))
        return invited

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
