"""What a coordinator says about a project; the rules are those of the wire's section 5."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consentry_server.projects import queries as projects
from consentry_server.projects.rules import BADGE_LIMIT, image_type
from consentry_server.projects.rules.team import Do
from consentry_server.web.fields import (
    WRONG_PASSWORD,
    CalledAddress,
    LooseWebAddress,
    ReturnAddresses,
    SigningSecret,
    Text,
    WebAddress,
    is_password,
    long_text,
    password_field,
    yes_no,
)
from consentry_server.web.token_forms import LIFETIMES
from consentry_server.web.words import Words

_PICK_ONE = _('Pick at least one option from "Add data" and "Explore and share"')
_DESCRIBE = _("Please provide a description of the data you plan to upload to member accounts.")


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
            raise forms.ValidationError(gettext("Upload a PNG, JPEG or GIF of at most 1 MB."))
        return image


_ABOUT = (
    *("name", "leader", "organization", "contact_email", "info_url", "jogl_page", "badge_image"),
    *("short_description", "long_description", "is_study", "is_academic_or_nonprofit"),
)
_DATA = ("add_data", "explore_share", "returned_data_description", "requested_sources", "request_username_access")
_LEAVING = ("erasure_supported", "deauth_email_notification", "deauth_webhook", "webhook_secret")
_NOT_ITS_OWN = ("badge_image", "token_lifetime", "password")  # questions of the form that are no facts of a project


class ProjectForm(forms.Form):
    """What projects of both kinds say; `project` is the one that is changed, None for a new one."""

    own_group: tuple[Words, tuple[str, ...]]  # the heading and the fields of one kind

    name = Text(label=_("Name of the project"), max_length=100)
    leader = Text(label=_("Who leads it"), max_length=100)
    organization = Text(label=_("Organization"), max_length=100, required=False)
    contact_email = forms.EmailField(label=_("E-mail address for questions of members"), max_length=254)
    info_url = WebAddress(label=_("Web page about the project"), help_text=_("Starts with https://"))
    jogl_page = WebAddress(label=_("Page on JOGL"), required=False)
    badge_image = Picture(label=_("Picture"), required=False, help_text=_("PNG, JPEG or GIF, at most 1 MB."))
    short_description = Text(label=_("In one sentence"), max_length=140, help_text=_("At most 140 characters."))
    long_description = long_text(_("In more detail"), rows=6)
    is_study = yes_no(_("Is it a study of people, with consent and oversight?"))
    is_academic_or_nonprofit = yes_no(_("Is it run by an academic or non-profit organization?"))
    add_data = forms.BooleanField(
        label=_("Add data"),
        required=False,
        help_text=_("The project puts files into its members' accounts."),
    )
    explore_share = forms.BooleanField(
        label=_("Explore and share"),
        required=False,
        help_text=_("The project reads or uses its members' data."),
    )
    returned_data_description = Text(
        label=_("What it adds"),
        max_length=140,
        required=False,
        help_text=_("Needed if the project adds data. Members see it; at most 140 characters."),
    )
    requested_sources = ProjectIds(
        label=_("Whose data it asks for"), help_text=_("Members see these names before they agree.")
    )
    request_username_access = yes_no(
        _("Does it ask for usernames?"), help_text=_("If not, it knows each member by a number only.")
    )
    erasure_supported = forms.BooleanField(
        label=_("We erase a member's data on request"),
        required=False,
        help_text=_("Members who leave may then ask for it."),
    )
    deauth_email_notification = forms.BooleanField(label=_("Mail us when a member leaves"), required=False)
    deauth_webhook = CalledAddress(
        label=_("Call this address when a member leaves"),
        required=False,
        help_text=_("A webhook of yours, starting with https://. Each call is signed."),
    )
    webhook_secret = SigningSecret(
        label=_("Secret that those calls are signed with"),
        help_text=_("16 to 64 characters, no spaces. Leave it empty to have a good one made."),
    )
    active = yes_no(_("Is it open to new members?"), initial=True)
    token_lifetime = forms.ChoiceField(
        label=_("How long its first master access token works"),
        choices=LIFETIMES,
        required=False,
        initial="24 hours",
    )

    def __init__(
        self, request: HttpRequest, *args: Any, offered: list[tuple[int, str]], project: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.project = request, project
        self.fields["requested_sources"].choices = offered  # type: ignore[attr-defined]
        if project is not None:
            del self.fields["token_lifetime"]
            if Do.CLOSE not in project.may:
                del self.fields["active"]
            if projects.webhook_secret(project.pk) is not None:  # another one is set on its own page, after a password
                del self.fields["webhook_secret"]

    @property
    def groups(self) -> list[tuple[Words, list[forms.BoundField]]]:
        """Return the questions under headings, as the page asks them."""
        plan = [
            (gettext("What it is"), _ABOUT),
            (gettext("Data"), _DATA),
            self.own_group,
            (gettext("When a member leaves"), _LEAVING),
            (gettext("New members"), ("active", "token_lifetime")),
            (gettext("To save this"), ("password",)),
        ]
        found = [(heading, [self[name] for name in names if name in self.fields]) for heading, names in plan]
        return [(heading, fields) for heading, fields in found if fields]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not found.get("add_data") and not found.get("explore_share"):
            self.add_error("add_data", _PICK_ONE)
        if found.get("add_data") and found.get("returned_data_description") == "":
            self.add_error("returned_data_description", _DESCRIBE)
        return found

    def facts(self) -> dict[str, Any]:
        """Return what the project is from now on."""
        return {name: value for name, value in self.cleaned_data.items() if name not in _NOT_ITS_OWN}

    @classmethod
    def facts_of(cls, project: Any, client: Any) -> dict[str, Any]:  # noqa: ARG003 - only apps have one
        """Return what the form shows of a project that is there."""
        kept = (name for name in cls.base_fields if hasattr(project, name))
        sources = [source.pk for source in projects.requested_sources(project)]
        plain = {name: getattr(project, name) for name in kept if name != "badge_image"}
        return plain | {"requested_sources": sources}


class OnSiteForm(ProjectForm):
    """A project that people join on this site."""

    own_group = (_("Joining"), ("consent_text", "post_sharing_url"))

    consent_text = long_text(
        _("Consent text"),
        rows=14,
        help_text=_("Members read this before they join. Markdown works, HTML and images do not."),
    )
    post_sharing_url = LooseWebAddress(
        label=_("Where members go after they agree"),
        required=False,
        help_text=_("PROJECT_MEMBER_ID becomes the member's number. Empty: the project's page here."),
    )


_KINDS = (
    ("False", _("On a server of ours, where it keeps a secret")),
    ("True", _("On people's own phones or computers")),
)
_GUARDED = {"redirect_url", "public", "pkce_optional", "device_allowed"}
_NEEDS_PKCE = _("An app on people's own machines keeps no secret, so it needs PKCE.")


class OAuth2Form(ProjectForm):
    """An app that sends people here and acts for each of them."""

    own_group = (
        _("The app"),
        ("enrollment_url", "terms_url", "redirect_url", "public", "pkce_optional", "device_allowed"),
    )

    enrollment_url = WebAddress(
        label=_("Where people start"), help_text=_("A page of yours. “Start” on the project's page here leads to it.")
    )
    terms_url = WebAddress(
        label=_("Its terms"), help_text=_("A page of yours. Members see the address before they agree.")
    )
    redirect_url = ReturnAddresses(
        label=_("Where members are sent back to"),
        help_text=_("One address a line. The app has to name one of them, letter by letter."),
    )
    public = forms.TypedChoiceField(
        label=_("Where does it run?"),
        choices=_KINDS,
        coerce=lambda value: value == "True",
        empty_value=False,  # type: ignore[arg-type] # the stubs know text only
        required=False,
        initial="False",
        widget=forms.RadioSelect,
    )
    pkce_optional = forms.BooleanField(
        label=_("It is an older app that knows nothing of PKCE"),
        required=False,
        help_text=_(
            "PKCE keeps a code useless to whoever steals it. Switch this on only if your library cannot do it."
        ),
    )
    device_allowed = forms.BooleanField(
        label=_("It also runs on things without a browser"),
        required=False,
        help_text=_("People then type a short code here to let it in."),
    )
    password = password_field(
        required=False,
        help_text=_("Needed if you changed where members are sent back to, or how the app proves itself."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.project is None:
            del self.fields["password"]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if found.get("public") and found.get("pkce_optional"):
            self.add_error("pkce_optional", _NEEDS_PKCE)
        if self.project is not None and _GUARDED & set(self.changed_data):
            self._ask_password(found.get("password", ""))
        return found

    def _ask_password(self, given: str) -> None:
        """Keep whoever has only a session from sending members, and what they agreed to, somewhere else."""
        if not given:
            self.add_error("password", gettext("Enter your password to change how the app works."))
        elif not is_password(self.request, given):
            self.add_error("password", WRONG_PASSWORD)

    def facts(self) -> dict[str, Any]:
        found = super().facts()
        found["redirect_uris"] = found.pop("redirect_url")
        found["pkce_required"] = not found.pop("pkce_optional")
        return found

    @classmethod
    def facts_of(cls, project: Any, client: Any) -> dict[str, Any]:
        return super().facts_of(project, client) | {
            "enrollment_url": client.enrollment_url,
            "terms_url": client.terms_url,
            "redirect_url": "\n".join(client.addresses),
            "public": str(client.public),
            "pkce_optional": not client.pkce_required,
            "device_allowed": client.device_allowed,
        }


FORMS: dict[str, type[ProjectForm]] = {"on-site": OnSiteForm, "oauth2": OAuth2Form}
