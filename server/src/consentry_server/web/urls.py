"""The addresses of the pages. Those of accounts keep allauth's names, which its flows look up."""

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from django.views.decorators.http import require_http_methods
from django.views.generic import RedirectView

from consentry_server.web import account_pages as account
from consentry_server.web import connections, data, home, joining, ledger, me, projects


class RowId:
    """An id that fits every database."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(RowId, "row")

# Django's form views take PUT for POST, and allauth's have been seen to answer anything.
_only = require_http_methods(["GET", "HEAD", "POST"])

_ACCOUNT = [
    path("account/signup/", _only(account.SignUpView.as_view()), name="account_signup"),
    path("account/login/", _only(account.LogInView.as_view()), name="account_login"),
    path("account/logout/", _only(allauth.logout), name="account_logout"),
    path("account/inactive/", _only(allauth.account_inactive), name="account_inactive"),
    path("account/reauthenticate/", _only(allauth.reauthenticate), name="account_reauthenticate"),
    path(
        "account/confirm-email/",
        _only(allauth.email_verification_sent),
        name="account_email_verification_sent",
    ),
    re_path(
        r"^account/confirm-email/(?P<key>[-:\w]+)/$",
        _only(account.ConfirmEmailView.as_view()),
        name="account_confirm_email",
    ),
    path(
        "account/password/change/",
        _only(account.PasswordChangeView.as_view()),
        name="account_change_password",
    ),
    path("account/password/set/", _only(allauth.password_set), name="account_set_password"),
    path(
        "account/password/reset/",
        _only(account.ForgottenPasswordView.as_view()),
        name="account_reset_password",
    ),
    path(
        "account/password/reset/done/",
        _only(allauth.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "account/password/reset/key/done/",
        _only(allauth.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[-:\w]+)/$",
        _only(account.ResetPasswordView.as_view()),
        name="account_reset_password_from_key",
    ),
    path("account/delete/", me.close_account, name="close_account"),
]
_MEMBER = [
    path("member/me/", RedirectView.as_view(pattern_name="data"), name="me"),
    path("member/me/account-settings/", me.account_settings, name="account_settings"),
    path("member/me/change-email/", _only(account.EmailChangeView.as_view()), name="account_email"),
    path("member/me/data/", data.my_data, name="data"),
    path("member/me/data/<row:file_id>/delete/", data.delete_file, name="delete_file"),
    path("member/me/connections/", connections.connections, name="connections"),
    path("member/me/joined/", connections.connections, name="joined"),
    path("member/me/access-log/", ledger.access_log, name="access_log"),
]
_PROJECTS = [
    path("manage/", projects.manage, name="manage"),
    path("on-site/create/", projects.create, name="create_project"),
    path("on-site/update/<slug:slug>/", projects.update, name="update_project"),
    path("on-site/join/<slug:slug>/", joining.join, name="join"),
    path("on-site/authorize/<slug:slug>/", joining.authorize, name="authorize"),
    path("leave/<row:authorization_id>/", connections.leave, name="leave"),
    path("on-site/<slug:slug>/", projects.details, name="project"),
    path("on-site/<slug:slug>/reveal-token/", projects.reveal_token, name="reveal_token"),
    path("on-site/<slug:slug>/rotate-token/", projects.rotate_token, name="rotate_token"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.front, name="front"),
    path("terms/", home.terms, name="terms"),
    re_path(r"^badge/(?P<key>[0-9a-f]{32})$", home.badge, name="badge"),
    path("activity/<slug:slug>/", home.activity, name="activity"),
    path("activity/<slug:slug>/delete-files/", home.delete_files, name="delete_files"),
    *_ACCOUNT,
    *_MEMBER,
    path("direct-sharing/projects/", include(_PROJECTS)),
]
