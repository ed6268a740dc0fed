"""Form fields with the rules of the wire's section 5."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consentry_server import outgoing
from consentry_server.common.strict import storable
from consentry_server.projects.rules import MOST_ADDRESSES, redirect_fault, secret_fault
from consentry_server.web.words import Words

LONGEST_PASSWORD = 128
YES_NO = (("True", _("Yes")), ("False", _("No")))
_web_address = URLValidator(schemes=["http", "https"])


class Text(forms.CharField):
    """Text that both databases can keep; lines end in one way."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if not storable(text):
            raise ValidationError(gettext("Null characters are not allowed."), code="unstorable")
        return text.replace("\r\n", "\n").replace("\r", "\n")


def long_text(label: Words, *, rows: int = 8, help_text: Words = "") -> Text:
    """Return a field of several lines."""
    return Text(label=label, help_text=help_text, widget=forms.Textarea({"rows": rows}))


def yes_no(label: Words, *, help_text: Words = "", initial: bool | None = None) -> forms.Field:
    """Return a question that must be answered."""
    return forms.TypedChoiceField(
        label=label,
        choices=YES_NO,
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        help_text=help_text,
        initial=None if initial is None else str(initial),
    )


class WebAddress(Text):
    """An http or https address, with its scheme written out."""

    default_validators = [_web_address]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, widget=forms.TextInput({"inputmode": "url"}), **kwargs)


class LooseWebAddress(WebAddress):
    """The same; a bare host gets http://."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return f"http://{text}" if text and ":" not in text.split("/")[0].split(".")[0] else text


class CalledAddress(Text):
    """An address that this server is to call: checked by the rules that hold when it calls."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=256, widget=forms.TextInput({"inputmode": "url"}), **kwargs)

    def clean(self, value: Any) -> str:
        url: str = super().clean(value)
        reason = outgoing.fault(url, outgoing.policy()) if url else ""
        if reason:
            raise ValidationError(reason, code="not_called")
        return url


class ReturnAddresses(Text):
    """Where an app may have members sent back to: addresses that are compared letter by letter, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        look = {"rows": 3, "inputmode": "url", "spellcheck": "false"}
        super().__init__(widget=forms.Textarea(look), **kwargs)

    def clean(self, value: Any) -> str:
        addresses = list(dict.fromkeys(super().clean(value).split()))
        faults = [fault for address in addresses[:MOST_ADDRESSES] if (fault := redirect_fault(address))]
        if len(addresses) > MOST_ADDRESSES:
            faults.append(gettext("Name at most {most} addresses.").format(most=MOST_ADDRESSES))
        if faults:
            raise ValidationError(faults, code="not_returned_to")
        return "\n".join(addresses)


class SigningSecret(Text):
    """What webhooks are signed with, if a coordinator brings one along."""

    def __init__(self, **kwargs: Any) -> None:
        hidden = {"autocomplete": "off", "spellcheck": "false"}
        super().__init__(required=False, max_length=64, widget=forms.TextInput(hidden), **kwargs)

    def clean(self, value: Any) -> str:
        secret: str = super().clean(value)
        fault = secret_fault(secret) if secret else ""
        if fault:
            raise ValidationError(fault, code="cannot_sign")
        return secret


class StrictYes(forms.BooleanField):
    """A destructive switch: only `true`, `on` or `1` is yes; what is unclear is refused."""

    _MEANINGS = {None: False, "": False, "false": False, "true": True, "on": True, "1": True}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=StrictBox, **kwargs)

    def to_python(self, value: object) -> bool:
        text = value.lower() if isinstance(value, str) else value
        if text not in self._MEANINGS:
            raise ValidationError(gettext("Say yes with true, on or 1, or leave it out."), code="unclear")
        return self._MEANINGS[text]


class StrictBox(forms.CheckboxInput):
    """A checkbox that hands on what was sent instead of guessing."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002 - Django's signature
        return data.get(name)


def password_field(*, required: bool = True, help_text: Words = "") -> forms.CharField:
    """Return a field for the password that a member has now."""
    return forms.CharField(
        label=_("Your password"),
        required=required,
        help_text=help_text,
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


def is_password(request: HttpRequest, text: str) -> bool:
    """Say whether this is the password of whoever is logged in."""
    return bool(get_adapter().reauthenticate(request.user, text))


WRONG_PASSWORD = _("This is not your password.")


class PasswordAgain(forms.Form):
    """What stands before anything that a stolen session must not do."""

    password = password_field()

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        given: str = self.cleaned_data["password"]
        if not is_password(self.request, given):
            raise ValidationError(WRONG_PASSWORD, code="wrong")
        return given
