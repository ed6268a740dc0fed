"""How allauth does things here. Its modules import this one, so none of its views is in here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from consentry_server.common.strict import storable
from consentry_server.members import actions as members
from consentry_server.outbox import actions as outbox
from consentry_server.web.fields import LONGEST_PASSWORD, Text
from consentry_server.web.known import known_device, remember_device
from consentry_server.web.returning import is_own_path, kept_path

_LONGEST_WAY_BACK = 3_000  # an app may have sent the member with much to keep for it
_NO_MATCH = _("The username or e-mail address and the password do not match.")


class Adapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Where allauth asks how this site does things."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _NO_MATCH,
        "email_password_mismatch": _NO_MATCH,
        "username_taken": _("That username is taken."),
        "username_blacklisted": _("That username is taken."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes and try again."),
        "enter_current_password": _("This is not your password."),
        "duplicate_email": _("This is your address already."),
    }

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002
        """Make the member that a sign-up form describes."""
        names = ("username", "name", "email")
        plain = {name: form.cleaned_data[name] for name in names}
        password, language = form.cleaned_data["password1"], get_language() or ""
        spoken = "" if language == settings.LANGUAGE_CODE else language  # so that mails come in it, too
        return members.open_account(**plain, password=password, language=spoken, now=timezone.now())

    def clean_password(self, password: str, user: Any = None) -> Any:
        """Refuse a password that is too short, too long, too easy or cannot be typed."""
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(gettext("Use at most {most} characters.").format(most=LONGEST_PASSWORD))
        if not storable(password):
            raise ValidationError(gettext("Null characters are not allowed."))
        return super().clean_password(password, user)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count the wrong passwords of a device that the person has used before apart from all others."""
        login = credentials.get("email", credentials.get("username", ""))
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}{known_device(request, login)}"

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> Any:
        """Remember the device of whoever has just come in."""
        response = super().post_login(request, user, **more)
        remember_device(request, response, user.pk)
        return response

    def is_safe_url(self, url: str) -> bool:
        """Say whether a page may lead there after logging in and the like."""
        return is_own_path(url)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to whoever sent the member here to log in or to sign up."""
        kept = kept_path(request)
        return kept if is_own_path(kept, longest=_LONGEST_WAY_BACK) else str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Lead back there after the address of a new account is confirmed, too."""
        return self.get_login_redirect_url(request)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:  # noqa: ARG002
        return _absolute("account_confirm_email", emailconfirmation.key)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _absolute("account_reset_password_from_key", *key.split("-", 1))

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Note that an address is its member's; whoever confirms the first of a new account is welcomed."""
        is_new = email_address.user.last_login is None
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed and is_new:
            self.send_mail("account/email/welcome", email_address.email, {"user": email_address.user})
        return confirmed

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of an address that somebody tried to sign up with it."""
        address = {"password_reset_url": _absolute("account_reset_password")}
        self.send_mail("account/email/account_already_exists", email, address)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue one of our short mails; its links start with the configured address.

        The worker sends it: a mail server that is down neither loses it nor keeps anybody waiting.
        """
        links = {"site_url": settings.SITE_URL, "signup_url": _absolute("account_signup")}
        with override(getattr(context.get("user"), "language", "") or get_language()):
            mail = self.render_mail(template_prefix, email, context | links | {"email": email})
        letter = {"to": email, "subject": mail.subject, "text": mail.body}
        outbox.put(kind="mail.send", payload=letter, now=timezone.now())


def _absolute(name: str, *args: str) -> str:
    return settings.SITE_URL + reverse(name, args=args)


class SignupFields(forms.Form):
    """What we ask besides what allauth asks."""

    name = Text(
        label=_("Name"),
        max_length=30,
        help_text=_("How we address you. Projects never see it."),
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    terms = forms.BooleanField(label=_("I have read the terms and accept them"))
    field_order = ("username", "name", "email", "password1", "terms")

    def signup(self, request: HttpRequest, user: Any) -> None:
        """Do nothing more: the adapter has kept everything."""
