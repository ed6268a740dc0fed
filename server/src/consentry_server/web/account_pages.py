"""Signing up, logging in, confirming an address, passwords: allauth's flows under our own pages."""

from typing import Any

from allauth.account import views
from allauth.account.utils import perform_login
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
    """Opening the link only shows a button: nothing changes until it is pressed."""

    def logout_other_user(self, confirmation: Any) -> None:
        if self.request.method == "POST":
            super().logout_other_user(confirmation)

    def respond(self, success: bool) -> HttpResponse:  # noqa: FBT001
        """Log in whoever confirms the first address of a new account, from whatever browser."""
        member = self.object.email_address.user
        if success and not self.request.user.is_authenticated and member.last_login is None:
            return perform_login(self.request, member)  # type: ignore[no-any-return]
        return super().respond(success)  # type: ignore[no-any-return]


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
