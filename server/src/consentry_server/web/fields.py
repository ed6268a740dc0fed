"""Form fields with the rules of the wire's section 5."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import HttpRequest

from consentry_server.common.strict import storable

LONGEST_PASSWORD = 128
YES_NO = (("True", "Yes"), ("False", "No"))
_web_address = URLValidator(schemes=["http", "https"])


class Text(forms.CharField):
    """Text that both databases can keep; lines end in one way."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if not storable(text):
            raise ValidationError("Null characters are not allowed.", code="unstorable")
        return text.replace("\r\n", "\n").replace("\r", "\n")


def long_text(label: str, *, rows: int = 8, help_text: str = "") -> Text:
    """Return a field of several lines."""
    return Text(label=label, help_text=help_text, widget=forms.Textarea({"rows": rows}))


def yes_no(label: str, *, help_text: str = "", initial: bool | None = None) -> forms.Field:
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


class StrictYes(forms.BooleanField):
    """A destructive switch: only `true`, `on` or `1` is yes; what is unclear is refused."""

    _MEANINGS = {None: False, "": False, "false": False, "true": True, "on": True, "1": True}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=StrictBox, **kwargs)

    def to_python(self, value: object) -> bool:
        text = value.lower() if isinstance(value, str) else value
        if text not in self._MEANINGS:
            raise ValidationError("Say yes with true, on or 1, or leave it out.", code="unclear")
        return self._MEANINGS[text]


class StrictBox(forms.CheckboxInput):
    """A checkbox that hands on what was sent instead of guessing."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002 - Django's signature
        return data.get(name)


class PasswordAgain(forms.Form):
    """What stands before anything that a stolen session must not do."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.request.user, password):
            raise ValidationError("This is not your password.", code="wrong")
        return password
