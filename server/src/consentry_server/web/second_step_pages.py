"""The pages of the second step. Guesses are counted, for the address and by all processes together."""

from collections.abc import Callable

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_http_methods

from consentry_server.web.tries import few_tries

_only = require_http_methods(["GET", "HEAD", "POST"])


def _guessed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    return few_tries(_only(view))


urlpatterns = [
    path("", _only(base.index), name="mfa_index"),
    path("authenticate/", _guessed(base.authenticate), name="mfa_authenticate"),
    path("reauthenticate/", _guessed(base.reauthenticate), name="mfa_reauthenticate"),
    path("codes/on/", _guessed(totp.activate_totp), name="mfa_activate_totp"),
    path("codes/off/", _only(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("kept/", _only(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("kept/make/", _only(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("keys/", _only(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("keys/add/", _only(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("keys/login/", _guessed(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("keys/reauthenticate/", _guessed(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("keys/<int:pk>/remove/", _only(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("keys/<int:pk>/edit/", _only(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
