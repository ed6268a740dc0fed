"""A coordinator looks at who takes part in a project: by number, and by name only where the member let them."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from consentry_server.common.errors import Invalid
from consentry_server.projects.rules.team import Do
from consentry_server.sharing import actions
from consentry_server.sharing.queries import seats as queries
from consentry_server.sharing.queries.seats import Shown, Wanted
from consentry_server.sharing.rules import is_number
from consentry_server.sharing.rules.noting import tags_in
from consentry_server.web.fields import Text, long_text
from consentry_server.web.message_forms import FaultyForm
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.running import doing, project_for
from consentry_server.web.who import actor

ROWS = 50
TAGS = 100  # to choose from
_digits = RegexValidator(r"\A[0-9]+\Z", _("A project member id has digits only."), code="digits")
_TICK = _("Tick the members whom you mean.")


class Tags(Text):
    """Tags, separated by commas or lines."""

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        try:
            return tags_in(text)
        except Invalid as invalid:
            raise forms.ValidationError(invalid.faults["tags"], code="tags") from None


class Search(forms.Form):
    """Which members a coordinator looks for."""

    use_required_attribute = False

    number = Text(
        label=_("Project member id, or the beginning of it"),
        required=False,
        max_length=16,
        validators=[_digits],
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    tag = forms.ChoiceField(label=_("Tag"), required=False)

    def __init__(self, data: Any, tags: list[tuple[str, int]]) -> None:
        super().__init__(data)
        offered = [(name, f"{name} ({count})") for name, count in tags]
        self.fields["tag"].choices = [("", gettext("any or none")), *offered]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """Return what was filled in, if that makes sense."""
        return Wanted(self.cleaned_data["number"], self.cleaned_data["tag"]) if self.is_valid() else Wanted()


class Tagging(FaultyForm):
    """Tags that some members are given, or lose."""

    use_required_attribute = False

    tags = Tags(
        label=_("Tags for those who are ticked"),
        help_text=_("Separated by commas. Each member can read their own."),
        max_length=400,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    numbers = forms.MultipleChoiceField(error_messages={"required": _TICK, "invalid_choice": _TICK})

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        chosen = data.getlist("numbers") if data else []
        self.fields["numbers"].choices = [(number, number) for number in chosen if is_number(number)]  # type: ignore[attr-defined]


class Description(FaultyForm):
    """What a project writes down about one member."""

    tags = Tags(label=_("Tags"), required=False, help_text=_("Separated by commas."), max_length=1_000)
    note = long_text(_("Note"), rows=6)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = False


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """List the members of a project, in the order in which they first came, and put tags to some."""
    project = project_for(request, slug, Do.MEMBERS, act=Do.NOTE)
    tagging = Tagging(request.POST if request.method == "POST" else None)
    if tagging.is_valid() and _tagged(request, project, tagging):
        return redirect(request.get_full_path())
    tags = queries.tags(project.pk, most=TAGS)
    search = Search(request.GET, tags)
    number, wanted = asked_page(request), search.wanted()
    found = [] if search.errors else queries.shown(project.pk, wanted, start=(number - 1) * ROWS, count=ROWS + 1)
    context = {
        "project": project,
        "search": search,
        "wanted": wanted,
        "tagging": tagging,
        "ticked": set(request.POST.getlist("numbers")),
        "tags": tags,
        "page": cut(found, number=number, size=ROWS),
        "query": _query(wanted),
        "names": _sees_names(project),
    }
    return render(request, "web/members.html", context, status=400 if search.errors or tagging.errors else 200)


def _sees_names(project: Any) -> bool:
    return project.request_username_access and Do.NAMES in project.may


def _query(wanted: Wanted) -> str:
    given = {name: text for name, text in (("number", wanted.begins), ("tag", wanted.tag)) if text}
    return urlencode(given) + "&" if given else ""


def _tagged(request: HttpRequest, project: Any, form: Tagging) -> bool:
    """Give or take tags; say whether that was possible."""
    taken = "untag" in request.POST
    change = actions.untag if taken else actions.tag
    numbers = list(dict.fromkeys(form.cleaned_data["numbers"]))
    about = {"project_id": project.pk, "actor": actor(request), "now": timezone.now()}
    try:
        with doing(request, project, Do.NOTE):
            change(numbers=numbers, tags=form.cleaned_data["tags"], **about)
    except Invalid as invalid:
        form.add_faults(invalid)
    except actions.UnknownNumbers as unknown:
        form.add_error(None, unknown.detail)
    else:
        said = ngettext("%(count)d member changed.", "%(count)d members changed.", len(numbers))
        messages.success(request, said % {"count": len(numbers)})
        return True
    return False


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def seat(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Show one member as the project knows them, with the project's own note and tags, to be changed here."""
    project = project_for(request, slug, Do.MEMBERS, act=Do.NOTE)
    found = queries.one(project.pk, number)
    if found is None:
        raise Http404
    known = {"tags": ", ".join(found.tags), "note": found.note}
    form = Description(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid() and _described(request, project, found, form):
        return redirect("seat", project.slug, number)
    context = {"project": project, "seat": found, "form": form, "names": _sees_names(project)}
    return render(request, "web/seat.html", context, status=400 if form.errors else 200)


def _described(request: HttpRequest, project: Any, found: Shown, form: Description) -> bool:
    about = {"project_id": project.pk, "actor": actor(request), "now": timezone.now()}
    try:
        with doing(request, project, Do.NOTE):
            actions.describe(number=found.number, **form.cleaned_data, **about)
    except Invalid as invalid:
        form.add_faults(invalid)
        return False
    except actions.UnknownNumbers:
        raise Http404 from None
    messages.success(request, gettext("Saved."))
    return True
