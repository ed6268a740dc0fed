"""The tree of data types: everybody looks at it, members look after it, coordinators choose from it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from consentry_server.audit import queries as audit
from consentry_server.common.errors import Invalid
from consentry_server.datatypes import actions, queries, rules
from consentry_server.datatypes.rules import About, Node, Tree
from consentry_server.files import actions as files
from consentry_server.projects import actions as project_actions
from consentry_server.projects import queries as projects
from consentry_server.projects.rules.team import Do
from consentry_server.web.fields import Text, long_text, yes_no
from consentry_server.web.running import doing, project_for
from consentry_server.web.texts import markdown
from consentry_server.web.who import actor, member_id

HISTORY = 50  # changes that are shown


@dataclass(frozen=True)
class Row:
    """A node in a nested list: whether others are nested in it, and how many lists end after it."""

    node: Node
    opens: bool
    closes: range


def nested(tree: Tree, start: int | None = None) -> list[Row]:
    """Return a tree as rows of a nested list, parents first."""
    walked = list(rules.walk(tree, start))
    levels = [level for _, level in walked[1:]] + [0]  # of what follows each
    return [
        Row(node, following > level, range(max(level - following, 0)))
        for (node, level), following in zip(walked, levels, strict=False)
    ]


@require_safe
def datatypes(request: HttpRequest) -> HttpResponse:
    """Show the whole tree."""
    return render(request, "web/datatypes.html", {"rows": nested(queries.tree())})


def _found(datatype_id: int) -> Any:
    row = queries.by_id(datatype_id)
    if row is None:
        raise Http404
    return row


@require_safe
def datatype(request: HttpRequest, datatype_id: int) -> HttpResponse:
    """Show one data type: where it lies, who uses it, and how it came to be as it is."""
    row, tree = _found(datatype_id), queries.tree()
    context = {
        "datatype": row,
        "above": reversed(rules.above(tree, datatype_id)) if datatype_id in tree else [],
        "rows": nested(tree, datatype_id),
        "details": markdown(row.details),
        "projects": projects.registrars([datatype_id]).get(datatype_id, []),
        "history": audit.about(f"datatype:{datatype_id}", prefix="datatype.")[:HISTORY],
    }
    return render(request, "web/datatype.html", context)


class DataTypeForm(forms.Form):
    """What is said about a data type. Once it is settled, only the details are open."""

    name = Text(
        label=_("Name"),
        max_length=rules.LONGEST_NAME,
        help_text=_("Letters, digits, hyphens, underscores and spaces; at most 40. Programs may name it so."),
    )
    parent = forms.TypedChoiceField(label=_("Lies under"), required=False, coerce=int, empty_value=None)
    description = Text(
        label=_("In one sentence"), max_length=rules.LONGEST_DESCRIPTION, help_text=_("At most 100 characters.")
    )
    uploadable = yes_no(_("Can files be of it?"), help_text=_("If so, no other type can lie under it."))
    details = long_text(
        _("Details"), rows=10, help_text=_("Formats, units, columns, links. Markdown works, HTML does not.")
    )

    def __init__(self, *args: Any, tree: Tree, itself: int | None = None, settled: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [("", gettext("nothing: it is at the top")), *_parents(tree, itself)]  # type: ignore[attr-defined]
        self.fields["details"].required = False
        for name in ("name", "parent", "description", "uploadable"):
            self.fields[name].disabled = settled

    def about(self) -> About:
        """Return what was filled in."""
        said = self.cleaned_data
        return About(said["name"], said["parent"], said["description"], said["uploadable"], said["details"])

    def tell(self, invalid: Invalid) -> None:
        """Show what else was wrong beside its field."""
        for field, faults in invalid.faults.items():
            self.add_error(field, faults)


def _parents(tree: Tree, itself: int | None) -> list[tuple[int, str]]:
    """Return what a data type may lie under, each with its level."""
    not_these = {node.id for node, _ in rules.walk(tree, itself)} | {itself} if itself else set()
    return [
        (node.id, f"{'· ' * level}{node.name}")
        for node, level in rules.walk(tree)
        if not node.uploadable and node.id not in not_these
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Add a data type to the tree."""
    first = {"parent": request.GET.get("parent", "")}
    form = DataTypeForm(request.POST if request.method == "POST" else None, tree=queries.tree(), initial=first)
    if form.is_valid():
        try:
            made = actions.create(about=form.about(), member_id=member_id(request), now=timezone.now())
        except Invalid as invalid:
            form.tell(invalid)
        else:
            messages.success(request, gettext("The data type is in the tree."))
            return redirect("datatype", made)
    return render(request, "web/datatype_form.html", {"form": form}, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def update(request: HttpRequest, datatype_id: int) -> HttpResponse:
    """Change a data type; what was there before stays in its history."""
    row = _found(datatype_id)
    settled = bool(projects.registrars([datatype_id]))
    plain = {"name": row.name, "parent": row.parent_id, "description": row.description, "details": row.details}
    form = DataTypeForm(
        request.POST if request.method == "POST" else None,
        initial=plain | {"uploadable": str(row.uploadable)},
        tree=queries.tree(),
        itself=datatype_id,
        settled=settled,
    )
    if form.is_valid():
        try:
            files.edit_datatype(
                datatype_id=datatype_id, about=form.about(), member_id=member_id(request), now=timezone.now()
            )
        except Invalid as invalid:
            form.tell(invalid)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("datatype", datatype_id)
    context = {"form": form, "datatype": row, "settled": settled}
    return render(request, "web/datatype_form.html", context, status=400 if form.errors else 200)


class RegisterForm(forms.Form):
    """Of which types a project's files may be."""

    datatypes = forms.TypedMultipleChoiceField(
        label=_("Its files may be of"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, offered: list[tuple[int, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(datatype_id, f"{name}: {description}") for datatype_id, name, description in offered]
        self.fields["datatypes"].choices = choices  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the data types of a project's files, until staff approve it."""
    project = project_for(request, slug, Do.SETTINGS, act=Do.EDIT)
    chosen, offered = projects.registered(project.pk), queries.uploadable()
    posted = request.POST if request.method == "POST" else None
    form = RegisterForm(posted, offered=offered, initial={"datatypes": chosen})
    status = 400 if form.errors else 200
    if form.is_valid():
        try:
            with doing(request, project, Do.EDIT):
                project_actions.register_datatypes(
                    project_id=project.pk,
                    datatype_ids=form.cleaned_data["datatypes"],
                    actor=actor(request),
                    now=timezone.now(),
                )
        except project_actions.AlreadyApproved as refused:
            messages.error(request, str(refused))
            status = 403
        else:
            messages.success(request, gettext("Saved."))
            return redirect("project", project.kind, project.slug)
    context = {"project": project, "form": form, "chosen": queries.names(chosen), "offered": bool(offered)}
    return render(request, "web/registered_datatypes.html", context, status=status)
