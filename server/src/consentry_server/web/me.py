"""A member's own account: what they are called, which mail they get, and closing it."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from consentry_server.common.errors import Conflict
from consentry_server.files import actions as files
from consentry_server.members import actions as members
from consentry_server.members import queries
from consentry_server.web.account_forms import Notices, Profile, Tongue
from consentry_server.web.fields import PasswordAgain
from consentry_server.web.language import remember
from consentry_server.web.who import member_id


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_settings(request: HttpRequest) -> HttpResponse:
    """Show and change username and name, with the ways to everything else."""
    username = request.user.get_username()
    if request.method == "POST":
        form = Profile(username, request.POST)
        return _rename(request, form)
    return _settings(
        request, Profile(username, initial={"username": username, "name": getattr(request.user, "name", "")})
    )


def _settings(request: HttpRequest, form: Profile, status: int = 200) -> HttpResponse:
    unwanted = queries.unwanted(member_id(request))
    context = {
        "form": form,
        "second_step": is_mfa_enabled(request.user),
        "tongue": Tongue(initial={"language": getattr(request.user, "language", "")}),
        "notices": Notices(initial={kind: kind not in unwanted for kind in Notices.base_fields}),
    }
    return render(request, "web/settings.html", context, status=status)


@login_required
@require_POST
def tongue(request: HttpRequest) -> HttpResponse:
    """Choose in which language to read."""
    form = Tongue(request.POST)
    if not form.is_valid():
        raise BadRequest
    language = form.cleaned_data["language"]
    members.choose_language(member_id=member_id(request), language=language, now=timezone.now())
    with translation.override(language or None):
        messages.success(request, gettext("Saved."))
    answer = redirect("account_settings")
    remember(answer, language)
    return answer


@login_required
@require_POST
def notices(request: HttpRequest) -> HttpResponse:
    """Choose which mail to do without."""
    form = Notices(request.POST)
    if not form.is_valid():
        raise BadRequest
    unwanted = [kind for kind, wanted in form.cleaned_data.items() if not wanted]
    members.choose_mail(member_id=member_id(request), unwanted=unwanted, now=timezone.now())
    messages.success(request, gettext("Saved."))
    return redirect("account_settings")


def _rename(request: HttpRequest, form: Profile) -> HttpResponse:
    if form.is_valid():
        try:
            members.rename(member_id=member_id(request), **form.cleaned_data, now=timezone.now())
        except members.UsernameTaken as taken:
            form.add_error("username", str(taken))
        else:
            messages.success(request, gettext("Saved."))
            return redirect("account_settings")
    return _settings(request, form, 400)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def close_account(request: HttpRequest) -> HttpResponse:
    """Say what closing means, and do it once the password was entered again."""
    if request.method != "POST":
        return render(request, "web/close_account.html", {"form": PasswordAgain(request)})
    form = PasswordAgain(request, request.POST)
    if not form.is_valid():
        return render(request, "web/close_account.html", {"form": form}, status=400)
    try:
        files.close_account(member_id=member_id(request), now=timezone.now())
    except Conflict as conflict:
        form.add_error(None, str(conflict))
        return render(request, "web/close_account.html", {"form": form}, status=409)
    logout(request)
    messages.success(request, gettext("Your account is closed. Everything that was in it has been deleted."))
    return redirect("front")
