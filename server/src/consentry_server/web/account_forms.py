"""allauth's forms with our limits: one password field, 128 characters of it at most."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consentry_server.members.rules import LANGUAGES
from consentry_server.web.fields import LONGEST_PASSWORD, PasswordAgain, Text

_PASSWORD_HELP = _("At least 8 characters; a few words that do not belong together are best.")


def _limit(form: forms.Form, **longest: int) -> None:
    """Give fields a length beyond which nothing is hashed or looked up."""
    for name, most in longest.items():
        field = form.fields[name]
        field.widget.attrs.pop("placeholder", None)
        field.validators.append(MaxLengthValidator(most))


class SignUp(allauth.SignupForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit(self, username=40, email=254, password1=LONGEST_PASSWORD)
        self.fields["username"].help_text = gettext("Letters, digits and underscores.")
        self.fields["email"].label = gettext("E-mail address")
        self.fields["email"].help_text = gettext("We send a link there to confirm it. Projects never see it.")
        self.fields["password1"].help_text = _PASSWORD_HELP


class Login(allauth.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit(self, login=254, password=LONGEST_PASSWORD)
        self.fields["login"].label = gettext("Username or e-mail address")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class ChangePassword(allauth.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _limit(self, oldpassword=LONGEST_PASSWORD, password1=LONGEST_PASSWORD)
        self.fields["oldpassword"].label, self.fields["oldpassword"].help_text = gettext("Password now"), ""
        self.fields["password1"].label, self.fields["password1"].help_text = (
            gettext("New password"),
            _PASSWORD_HELP,
        )


class ForgottenPassword(allauth.ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit(self, email=254)
        self.fields["email"].label = gettext("E-mail address")


class NewPassword(allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _limit(self, password1=LONGEST_PASSWORD)
        self.fields["password1"].label, self.fields["password1"].help_text = (
            gettext("New password"),
            _PASSWORD_HELP,
        )


class EmailChange(PasswordAgain, allauth.AddEmailForm):  # type: ignore[misc]
    """A new address, which counts from the moment at which it is confirmed."""

    field_order = ("email", "password")

    def __init__(self, request: Any, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(request, user, *args, **kwargs)
        _limit(self, email=254)
        self.fields["email"].label = gettext("New e-mail address")


class Profile(forms.Form):
    """What a member is called."""

    username = Text(
        label=_("Username"),
        max_length=40,
        help_text=_("Letters, digits and underscores."),
        widget=forms.TextInput({"autocomplete": "username"}),
    )
    name = Text(
        label=_("Name"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )

    def __init__(self, now_called: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now_called = now_called

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if username.lower() == self.now_called.lower():
            return username
        return str(allauth.get_adapter().clean_username(username))


class Tongue(forms.Form):
    """In which language a member reads pages and mails."""

    language = forms.ChoiceField(
        label=_("Language of pages and mails"),
        required=False,
        choices=[("", _("As my browser says")), *LANGUAGES.items()],
    )


class Notices(forms.Form):
    """Which mail a member wants; the names are those of `members.rules.Notice`."""

    messages = forms.BooleanField(
        label=_("What projects write to me"), required=False, help_text=_("You find it under Messages in any case.")
    )
    removals = forms.BooleanField(label=_("When a project removes me"), required=False)
    apps = forms.BooleanField(label=_("When I let an app in"), required=False)
