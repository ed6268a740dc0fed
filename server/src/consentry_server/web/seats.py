"""A coordinator looks at who takes part in a project: by number, and by name only where the member let them."""

from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consentry_server.projects.rules.team import Do
from consentry_server.sharing import queries
from consentry_server.web.fields import Text
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.running import project_for

ROWS = 50
_digits = RegexValidator(r"\A[0-9]+\Z", "A project member id has digits only.", code="digits")


class Search(forms.Form):
    """Which members a coordinator looks for."""

    use_required_attribute = False

    number = Text(
        label="Project member id, or the beginning of it",
        required=False,
        max_length=16,
        validators=[_digits],
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


@login_required
@require_safe
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """List the members of a project, in the order in which they first came."""
    project = project_for(request, slug, Do.MEMBERS)
    search = Search(request.GET)
    begins = search.cleaned_data["number"] if search.is_valid() else ""
    number = asked_page(request)
    rows = [] if search.errors else queries.shown(project.pk, begins, start=(number - 1) * ROWS, count=ROWS + 1)
    context = {
        "project": project,
        "search": search,
        "begins": begins,
        "page": cut(rows, number=number, size=ROWS),
        "names": project.request_username_access and Do.NAMES in project.may,
        "query": urlencode({"number": begins}) + "&" if begins else "",
    }
    return render(request, "web/members.html", context, status=400 if search.errors else 200)
