"""The addresses of the pages. Those of accounts keep allauth's names, which its flows look up."""

from collections.abc import Callable

from allauth.account import views as allauth
from allauth.usersessions.views import list_usersessions
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from django.views.decorators.http import require_http_methods

from consentry_server.web import account_pages as account
from consentry_server.web import (
    activity,
    adding,
    asking,
    client_secrets,
    connections,
    dashboard,
    data,
    datafile,
    datatypes,
    departures,
    directory,
    front,
    guide,
    history,
    inbox,
    invitations,
    joining,
    language,
    ledger,
    me,
    profile,
    projects,
    reports,
    reviewing,
    seats,
    seen_by,
    team,
    tokens,
    trying,
    webhooks,
    writing,
)
from consentry_server.web import (
    second_step_pages as second_step,
)
from consentry_server.web.tries import few_tries


class RowId:
    """An id that fits every database."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class Kind:
    """A kind of project."""

    regex = "on-site|oauth2"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RowId, "row")
register_converter(Kind, "kind")

# Django's form views take PUT for POST, and allauth's have been seen to answer anything.
_only = require_http_methods(["GET", "HEAD", "POST"])


def _guessed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return a page whose form somebody may send to guess a password or an address."""
    return few_tries(_only(view))


_ACCOUNT = [
    path("account/signup/", _guessed(account.SignUpView.as_view()), name="account_signup"),
    path("account/login/", _guessed(account.LogInView.as_view()), name="account_login"),
    path("account/logout/", _only(allauth.logout), name="account_logout"),
    path("account/inactive/", _only(allauth.account_inactive), name="account_inactive"),
    path("account/reauthenticate/", _guessed(allauth.reauthenticate), name="account_reauthenticate"),
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
        _guessed(account.PasswordChangeView.as_view()),
        name="account_change_password",
    ),
    path("account/password/set/", _guessed(allauth.password_set), name="account_set_password"),
    path(
        "account/password/reset/",
        _guessed(account.ForgottenPasswordView.as_view()),
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
        _guessed(account.ResetPasswordView.as_view()),
        name="account_reset_password_from_key",
    ),
    path("account/delete/", few_tries(me.close_account), name="close_account"),
    path("account/second-step/", include(second_step.urlpatterns)),
    path("account/sessions/", _only(list_usersessions), name="usersessions_list"),
]
_MEMBER = [
    path("member/me/", dashboard.dashboard, name="me"),
    path("member/me/account-settings/", me.account_settings, name="account_settings"),
    path("member/me/edit/", profile.edit, name="edit_profile"),
    path("member/me/notices/", me.notices, name="notices"),
    path("member/me/language/", me.tongue, name="tongue"),
    path("member/me/change-email/", _only(account.EmailChangeView.as_view()), name="account_email"),
    path("member/me/data/", data.my_data, name="data"),
    path("member/me/data/add/", adding.add_files, name="add_files"),
    path("member/me/data/<row:source_id>/", data.source, name="source"),
    path("member/me/data/<row:source_id>/delete-all/", data.delete_all, name="delete_all"),
    path("member/me/data/file/<row:file_id>/", datafile.file_page, name="file"),
    path("member/me/data/file/<row:file_id>/picture/", datafile.picture, name="picture"),
    path("member/me/data/file/<row:file_id>/delete/", datafile.delete_file, name="delete_file"),
    path("member/me/connections/", connections.connections, name="connections"),
    path("member/me/connections/<row:authorization_id>/mute/", inbox.set_muted, name="set_muted"),
    path("member/me/connections/<row:authorization_id>/sign-out/", connections.sign_out, name="sign_out"),
    path("member/me/connections/<row:authorization_id>/seen/", seen_by.seen_by, name="seen_by"),
    path("member/me/messages/", inbox.received, name="received"),
    path("member/me/invitations/", invitations.invitations, name="invitations"),
    path("member/me/invitations/<row:invitation_id>/", invitations.answer_invitation, name="answer_invitation"),
    path("member/me/joined/", connections.connections, name="joined"),
    path("member/me/access-log/", ledger.access_log, name="access_log"),
    re_path(r"^member/me/access-log\.(?P<form>csv|json)$", ledger.export, name="export_access_log"),
]
_PROJECTS = [
    path("manage/", projects.manage, name="manage"),
    path("<kind:kind>/create/", projects.create, name="create_project"),
    path("<kind:kind>/update/<slug:slug>/", few_tries(projects.update), name="update_project"),
    path("on-site/join/<slug:slug>/", joining.join, name="join"),
    path("on-site/authorize/<slug:slug>/", joining.authorize, name="authorize"),
    path("message/<slug:slug>/", writing.message, name="message_members"),
    path("members/<slug:slug>/", seats.members, name="project_members"),
    re_path(r"^members/(?P<slug>[-\w]+)/(?P<number>[0-9]{8,16})/$", seats.seat, name="seat"),
    path("remove-members/<slug:slug>/", writing.remove_members, name="remove_members"),
    path("registered_datatypes/<slug:slug>/", datatypes.register, name="registered_datatypes"),
    path("withdrawn-members/<slug:slug>/", departures.withdrawn, name="withdrawn_members"),
    path("deliveries/<slug:slug>/", webhooks.deliveries, name="deliveries"),
    path("deliveries/<slug:slug>/replay/", webhooks.replay, name="replay_webhook"),
    path("deliveries/<slug:slug>/reveal-secret/", few_tries(webhooks.reveal_secret), name="reveal_webhook_secret"),
    path("deliveries/<slug:slug>/replace-secret/", few_tries(webhooks.replace_secret), name="replace_webhook_secret"),
    path("leave/<row:authorization_id>/", connections.leave, name="leave"),
    path("tokens/<slug:slug>/create/", few_tries(tokens.create), name="new_token"),
    path("tokens/<slug:slug>/<row:token_id>/", tokens.token, name="token"),
    path("tokens/<slug:slug>/<row:token_id>/reveal/", few_tries(tokens.reveal), name="reveal_token"),
    path("tokens/<slug:slug>/<row:token_id>/rotate/", few_tries(tokens.rotate), name="rotate_token"),
    path("tokens/<slug:slug>/<row:token_id>/revoke/", tokens.revoke, name="revoke_token"),
    path("secrets/<slug:slug>/", client_secrets.client_secrets, name="client_secrets"),
    path("secrets/<slug:slug>/replace/", few_tries(client_secrets.replace_secret), name="replace_client_secret"),
    path("secrets/<slug:slug>/<row:secret_id>/end/", client_secrets.end_secret, name="end_client_secret"),
    path("try/<slug:slug>/", trying.try_app, name="try_app"),
    path("history/<slug:slug>/", history.history, name="project_history"),
    path("<kind:kind>/<slug:slug>/", projects.details, name="project"),
]
_TEAM = [
    path("", team.team, name="team"),
    path("invite/", few_tries(team.invite), name="invite"),
    path("invitations/<row:invitation_id>/withdraw/", team.withdraw, name="withdraw_invitation"),
    path("<row:colleague_id>/", team.colleague, name="colleague"),
    path("<row:colleague_id>/role/", team.set_role, name="set_role"),
    path("<row:colleague_id>/remove/", team.remove, name="remove_colleague"),
    path("<row:colleague_id>/hand-over/", few_tries(team.hand_over), name="hand_over"),
    path("keep/", team.keep, name="keep_project"),
    path("take-over/", team.take_over, name="take_over"),
    path("leave/", team.leave, name="leave_team"),
]
_DATATYPES = [
    path("", datatypes.datatypes, name="datatypes"),
    path("create/", datatypes.create, name="create_datatype"),
    path("<row:datatype_id>", datatypes.datatype, name="datatype"),
    path("<row:datatype_id>/", datatypes.datatype),
    path("update/<row:datatype_id>", datatypes.update, name="update_datatype"),
    path("update/<row:datatype_id>/", datatypes.update),
]
_FOUND = [
    path("explore-share/", directory.explore_share, name="explore_share"),
    path("add-data/", directory.add_data, name="add_data"),
    path("direct-sharing/in-development/", directory.in_development, name="in_development"),
    path("activity/<slug:slug>/", activity.activity, name="activity"),
    path("activity/<slug:slug>/delete-files/", activity.delete_files, name="delete_files"),
]
_REVIEW = [
    path("direct-sharing/projects/review/<slug:slug>/", asking.review, name="project_review"),
    path("direct-sharing/projects/review/<slug:slug>/ask/", asking.ask, name="ask_review"),
    path("direct-sharing/projects/review/<slug:slug>/withdraw/", asking.withdraw, name="withdraw_review"),
    path("direct-sharing/projects/review/<slug:slug>/remark/", asking.remark, name="remark_own_review"),
    path("direct-sharing/review/", reviewing.queue, name="review_queue"),
    path("direct-sharing/review/<row:review_id>/", reviewing.review, name="review"),
    path("direct-sharing/review/<row:review_id>/approve/", reviewing.approve, name="approve_review"),
    path("direct-sharing/review/<row:review_id>/return/", reviewing.send_back, name="return_review"),
    path("direct-sharing/review/<row:review_id>/remark/", reviewing.remark, name="remark_review"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.front, name="front"),
    path("terms/", front.terms, name="terms"),
    path(reports.PATH[1:], reports.policy_report, name="policy_report"),
    path("language/", language.choose, name="language"),
    re_path(r"^badge/(?P<key>[0-9a-f]{32})$", front.badge, name="badge"),
    *_FOUND,
    *_REVIEW,
    path("activity/<slug:slug>/send-message/", inbox.answer, name="answer"),
    re_path(r"^mute/(?P<ticket>[0-9a-f-]{1,60})/$", inbox.mute, name="mute"),
    *_ACCOUNT,
    *_MEMBER,
    re_path(r"^member/(?P<username>[A-Za-z0-9_]{1,40})/$", profile.profile, name="profile"),
    path("direct-sharing/projects/team/<slug:slug>/", include(_TEAM)),
    path("direct-sharing/projects/", include(_PROJECTS)),
    path("data-management/datatypes/", include(_DATATYPES)),
    path("direct-sharing/<slug:slug>/", guide.page, name="guide"),
]
