"""allauth's forms of keys, which take anything that a client can send without falling over."""

from typing import Any

from allauth.mfa.webauthn import forms as allauth
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consentry_server.members import actions as members

_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError)
_NOT_SIGNED = _("Your key did not answer as it should. Try again.")


class Readable(forms.Form):
    """A form whose parts may raise what reading of odd input raises; that is a fault of the input, and told as one."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except ValidationError:
            raise
        except _UNREADABLE:
            self.add_error(None, _NOT_SIGNED)


class AddKey(Readable, allauth.AddWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """A new key. Only what a key signed counts as one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = gettext("What you call it")
        self.fields["passwordless"].label = gettext("It may log me in without my password")
        self.fields["passwordless"].help_text = gettext("The key then asks for your finger, your face or its own code.")


class Counted(Readable):
    """A form that a key signed: one that was copied lets nobody in."""

    def clean_credential(self) -> Any:
        signed = self.cleaned_data["credential"]
        authenticator = super().clean_credential()  # type: ignore[misc]
        counts = {
            "first": authenticator.wrap().authenticator_data.counter,
            "count": auth.parse_authentication_response(signed).response.authenticator_data.counter,
        }
        key = {"member_id": authenticator.user_id, "key_id": authenticator.pk}
        if not members.note_signature(**key, **counts, now=timezone.now()):
            raise ValidationError(_NOT_SIGNED)
        return authenticator


class LogInWithKey(Counted, allauth.LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey in the place of the password."""


class StepWithKey(Counted, allauth.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A key after the password."""


class AgainWithKey(Counted, allauth.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A key before something that a stolen session must not do."""
