"""The second step of logging in: how allauth does it here."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from consentry_server.common.keys import seal, unseal


class Adapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Keeps its secrets sealed, and names this site by its configured address, never by what a request says."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": _(
            "Your account has a second step of logging in, so its address stays. Turn that off first."
        ),
        "cannot_delete_authenticator": _("The second step cannot be turned off at the moment."),
        "cannot_generate_recovery_codes": _("Set up a second step first; these codes are for the day when it is lost."),
        "incorrect_code": _("This is not the code of this moment. Look at your app and try again."),
        "unverified_email": _("Confirm your e-mail address first: we sent you a link."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def _get_site_name(self) -> str:
        return f"Consentry at {_host()}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": _host(), "name": self._get_site_name()}


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""
