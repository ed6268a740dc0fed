"""Signing up, logging in, confirming an address, passwords: allauth's flows under our own pages."""

from typing import Any

from allauth.account import views
from django.http import HttpResponse
from django.urls import reverse_lazy

from consentry_server.members import actions as members
from consentry_server.web.account_forms import (
    ChangePassword,
    EmailChange,
    ForgottenPassword,
    Login,
    NewPassword,
    SignUp,
)


class SignUpView(views.SignupView):  # type: ignore[misc]
    form_class = SignUp

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except members.UsernameTaken as taken:  # by somebody who was a moment faster
            form.add_error("username", str(taken))
            return self.form_invalid(form)  # type: ignore[no-any-return]
        return answer


class LogInView(views.LoginView):  # type: ignore[misc]
    form_class = Login


class ConfirmEmailView(views.ConfirmEmailView):  # type: ignore[misc]
    """Opening the link only shows a button: nothing changes until it is pressed.

    It logs in who signed up in this browser and nobody else: an account that a stranger made with somebody's address
    is not theirs because they confirmed it, as the stranger knows its password.
    """

    def logout_other_user(self, confirmation: Any) -> None:
        if self.request.method == "POST":
            super().logout_other_user(confirmation)


class PasswordChangeView(views.PasswordChangeView):  # type: ignore[misc]
    form_class = ChangePassword
    success_url = reverse_lazy("account_settings")


class ForgottenPasswordView(views.PasswordResetView):  # type: ignore[misc]
    form_class = ForgottenPassword


class ResetPasswordView(views.PasswordResetFromKeyView):  # type: ignore[misc]
    form_class = NewPassword

    def logout(self) -> None:
        if self.request.method == "POST":
            super().logout()


class EmailChangeView(views.EmailView):  # type: ignore[misc]
    form_class = EmailChange
    success_url = reverse_lazy("account_settings")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}
