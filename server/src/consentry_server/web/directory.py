"""Finding a project: the directory of those that were reviewed, and the list of those that are not yet."""

import re
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from consentry_server.projects.queries import directory as queries
from consentry_server.projects.rules.searching import LONGEST_SEARCH
from consentry_server.sharing.rules import UNAPPROVED_CAP
from consentry_server.web.fields import Text
from consentry_server.web.paging import asked_page, cut

PROJECTS = 20  # on one page
ADDS, EXPLORES = "adds", "explores"
_EITHER = [("", _("Either")), ("yes", _("Yes")), ("no", _("No"))]
_ANSWERS = {"": None, "yes": True, "no": False}
# Other pages' habits: to look into related rows, to sort, to choose columns. Nothing of the kind works here.
_NO_FILTER = re.compile(r"(?!__).+__.+|sort|order(ing|_by)?|fields|filter|include|expand", re.IGNORECASE)


class SearchForm(forms.Form):
    """What somebody looks for in the directory."""

    q = Text(label=_("Words"), required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput({"type": "search"}))
    does = forms.ChoiceField(
        label=_("What it does"),
        required=False,
        choices=[("", _("Anything")), (EXPLORES, _("Reads or uses data")), (ADDS, _("Adds data"))],
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("Any")), ("on-site", _("Joined here")), ("oauth2", _("An app"))],
    )
    study = forms.ChoiceField(label=_("A study of people"), required=False, choices=_EITHER)
    nonprofit = forms.ChoiceField(label=_("Academic or non-profit"), required=False, choices=_EITHER)

    def wanted(self) -> queries.Wanted:
        """Return what was filled in."""
        given = self.cleaned_data
        return queries.Wanted(
            search=given["q"],
            adds_data=given["does"] == ADDS,
            explores=given["does"] == EXPLORES,
            kind=given["kind"],
            study=_ANSWERS[given["study"]],
            nonprofit=_ANSWERS[given["nonprofit"]],
        )


@require_safe
def explore_share(request: HttpRequest) -> HttpResponse:
    """List the projects that read or use data, or those that somebody looks for."""
    return _directory(request, does=EXPLORES)


@require_safe
def add_data(request: HttpRequest) -> HttpResponse:
    """List the projects that add data, or those that somebody looks for."""
    return _directory(request, does=ADDS)


def _directory(request: HttpRequest, *, does: str) -> HttpResponse:
    form = SearchForm({"does": does} | {name: value or "" for name, value in request.GET.items()})
    if not form.is_valid() or any(map(_NO_FILTER.fullmatch, request.GET)):
        return render(request, "web/directory.html", {"form": form, "broken": True}, status=400)
    number, found = asked_page(request), queries.directory(form.wanted())
    start = (number - 1) * PROJECTS
    given = {name: value for name, value in form.cleaned_data.items() if value or name == "does"}
    context = {
        "form": form,
        "count": found.count(),
        "page": cut(list(found[start : start + PROJECTS + 1]), number=number, size=PROJECTS),
        "query": f"{urlencode(given)}&",
        "narrowed": any(value for name, value in given.items() if name not in ("q", "does")),
    }
    return render(request, "web/directory.html", context)


@require_safe
def in_development(request: HttpRequest) -> HttpResponse:
    """List the projects that can be joined and were not reviewed yet."""
    number = asked_page(request)
    start = (number - 1) * PROJECTS
    rows: list[Any] = list(queries.in_development(cap=UNAPPROVED_CAP)[start : start + PROJECTS + 1])
    page = cut(rows, number=number, size=PROJECTS)
    return render(request, "web/in_development.html", {"page": page, "cap": UNAPPROVED_CAP})
