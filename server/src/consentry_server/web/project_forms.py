"""What a coordinator says about a project; the rules are those of the wire's section 5."""

from datetime import timedelta
from typing import Any

from django import forms

from consentry_server.projects import queries as projects
from consentry_server.projects.rules import BADGE_LIMIT, TOKEN_HOURS, image_type
from consentry_server.web.fields import (
    LooseWebAddress,
    PasswordAgain,
    Text,
    WebAddress,
    long_text,
    yes_no,
)

_PICK_ONE = 'Pick at least one option from "Add data" and "Explore and share"'
_DESCRIBE = "Please provide a description of the data you plan to upload to member accounts."
NEVER = "never"
LIFETIMES = [(name, name) for name in TOKEN_HOURS]


def lifetime(choice: str) -> timedelta | None:
    """Return how long a token lives; None is for ever."""
    return None if choice == NEVER else timedelta(hours=TOKEN_HOURS[choice])


class ProjectIds(forms.TypedMultipleChoiceField):
    """Any projects; the page offers those that are approved and bring data."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, required=False, widget=forms.CheckboxSelectMultiple, **kwargs)

    def valid_value(self, value: Any) -> bool:
        text = str(value)
        return text.isascii() and text.isdigit() and len(text) < 19 and bool(projects.existing([int(text)]))


class Picture(forms.FileField):
    """An image that browsers show and never run."""

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        file = super().clean(data, initial)
        if not file:
            return None
        image: bytes = file.read(BADGE_LIMIT + 1)
        if len(image) > BADGE_LIMIT or image_type(image) is None:
            raise forms.ValidationError("Upload a PNG, JPEG or GIF of at most 1 MB.")
        return image


class OnSiteForm(forms.Form):
    """An on-site project."""

    name = Text(label="Name of the project", max_length=100)
    leader = Text(label="Who leads it", max_length=100)
    organization = Text(label="Organization", max_length=100, required=False)
    contact_email = forms.EmailField(label="E-mail address for questions of members", max_length=254)
    info_url = WebAddress(label="Web page about the project", help_text="Starts with https://")
    jogl_page = WebAddress(label="Page on JOGL", required=False)
    badge_image = Picture(label="Picture", required=False, help_text="PNG, JPEG or GIF, at most 1 MB.")
    short_description = Text(label="In one sentence", max_length=140, help_text="At most 140 characters.")
    long_description = long_text("In more detail", rows=6)
    is_study = yes_no("Is it a study of people, with consent and oversight?")
    is_academic_or_nonprofit = yes_no("Is it run by an academic or non-profit organization?")
    add_data = forms.BooleanField(
        label="Add data",
        required=False,
        help_text="The project puts files into its members' accounts.",
    )
    explore_share = forms.BooleanField(
        label="Explore and share",
        required=False,
        help_text="The project reads or uses its members' data.",
    )
    returned_data_description = Text(
        label="What it adds",
        max_length=140,
        required=False,
        help_text="Needed if the project adds data. Members see it; at most 140 characters.",
    )
    requested_sources = ProjectIds(
        label="Whose data it asks for", help_text="Members see these names before they agree."
    )
    request_username_access = yes_no(
        "Does it ask for usernames?", help_text="If not, it knows each member by a number only."
    )
    consent_text = long_text(
        "Consent text",
        rows=14,
        help_text="Members read this before they join. Markdown works, HTML and images do not.",
    )
    post_sharing_url = LooseWebAddress(
        label="Where members go after they agree",
        required=False,
        help_text="PROJECT_MEMBER_ID becomes the member's number. Empty: the project's page here.",
    )
    erasure_supported = forms.BooleanField(
        label="We erase a member's data on request",
        required=False,
        help_text="Members who leave may then ask for it.",
    )
    deauth_email_notification = forms.BooleanField(label="Mail us when a member leaves", required=False)
    active = yes_no("Is it open to new members?", initial=True)

    def __init__(self, *args: Any, offered: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requested_sources"].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not found.get("add_data") and not found.get("explore_share"):
            self.add_error("add_data", _PICK_ONE)
        if found.get("add_data") and found.get("returned_data_description") == "":
            self.add_error("returned_data_description", _DESCRIBE)
        return found


class NewOnSiteForm(OnSiteForm):
    """The same, with the life of the first token."""

    token_lifetime = forms.ChoiceField(
        label="How long its first access token works",
        choices=LIFETIMES,
        required=False,
        initial="24 hours",
    )


class RotateForm(PasswordAgain):
    """A new master token in the place of the present one."""

    replacing = Text(required=False, max_length=8, widget=forms.HiddenInput)
    lifetime = forms.ChoiceField(label="The new token works for", choices=LIFETIMES)
    overlap = forms.IntegerField(
        label="Hours for which the old one still works",
        min_value=0,
        max_value=24,
        initial=0,
        help_text="0 ends it at once; 24 at most.",
    )
    field_order = ("replacing", "lifetime", "overlap", "password")

    def __init__(self, *args: Any, eternal: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        forever = [(NEVER, "ever (never expires)")] if eternal else []
        self.fields["lifetime"].choices = LIFETIMES + forever  # type: ignore[attr-defined]
