"""A member's public page, for those who want one: what they say of themselves, and where they chose to be listed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from consentry_server.common.errors import Invalid
from consentry_server.members import actions, queries
from consentry_server.sharing import queries as sharing
from consentry_server.web.fields import StrictYes, long_text
from consentry_server.web.message_forms import FaultyForm
from consentry_server.web.who import member_id


class PublicPage(FaultyForm):
    """What a member shows to everybody."""

    shown = StrictYes(label=_("Show my public page"))
    about = long_text(_("About you"), rows=5, help_text=_("Anybody can read it. No links."))

    def __init__(self, data: object = None, initial: dict[str, object] | None = None) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        self.fields["about"].required = False


@require_safe
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """Show a member's public page to anybody. Without one, nobody learns whether there is such a member."""
    member = queries.public(username)
    if member is None:
        raise Http404
    return render(request, "web/profile.html", {"member": member, "projects": sharing.listed_in(member.pk)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Let a member have a public page or none, and write it."""
    member = queries.by_id(member_id(request))
    if member is None:
        raise Http404
    known = {"shown": member.public_at is not None, "about": member.about}
    form = PublicPage(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid() and _saved(request, form):
        return redirect("edit_profile")
    context = {"form": form, "member": member, "projects": sharing.listed_in(member.pk)}
    return render(request, "web/profile_form.html", context, status=400 if form.errors else 200)


def _saved(request: HttpRequest, form: PublicPage) -> bool:
    try:
        actions.show_in_public(member_id=member_id(request), **form.cleaned_data, now=timezone.now())
    except Invalid as invalid:
        form.add_faults(invalid)
        return False
    messages.success(request, gettext("Saved."))
    return True
