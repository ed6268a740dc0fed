"""A member adds files of their own: each goes to the store as it comes in, and none waits in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from consentry_server.common.errors import Conflict, Invalid
from consentry_server.files import actions as files
from consentry_server.files.actions import Addition
from consentry_server.files.rules import exact_basename
from consentry_server.projects import queries as projects
from consentry_server.web.fields import Text
from consentry_server.web.middleware import LONGEST, UNREADABLE
from consentry_server.web.who import member_id
from consentry_server.web.words import Words

AT_ONCE = 50  # files of one form
_CUT = _("The upload ended before it was complete. Nothing was stored; send it again.")
_TOO_MANY = _("Add at most {most} files at once. Nothing was stored.")
_DELETED = _("You have deleted this file since you sent this form. Open the page anew to add it again.")


@dataclass
class Taken:
    """A file of the form."""

    name: str
    blob: Any


class Staging(FileUploadHandler):
    """Sends each file of the form to the store's staging area; one that is too large is left out, the rest goes on."""

    chunk_size = 1 << 20

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.taken: list[Taken] = []
        self.refused: list[tuple[str, Words]] = []

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        if field_name != "file":
            raise SkipFile
        if len(self.taken) == AT_ONCE:
            self._refuse(
                file_name,
                gettext("It is more than the {most} files that can be added at once.").format(most=AT_ONCE),
            )
        self.taken.append(Taken(file_name, files.stage()))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > self.limit:
            too_large = self.taken.pop()
            too_large.blob.discard()
            self._refuse(
                too_large.name, gettext("A file may have {size} at most.").format(size=filesizeformat(self.limit))
            )
        self.taken[-1].blob.write(raw_data)

    def _refuse(self, name: str, reason: Words) -> None:
        self.refused.append((name, reason))
        raise SkipFile

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        return None

    def discard(self) -> None:
        """Forget what was not stored."""
        for taken in self.taken:
            taken.blob.discard()


class ManyFiles(forms.FileInput):
    """Lets somebody choose several files."""

    allow_multiple_selected = True


class Staged(forms.FileField):
    """Files that went to the store while the form came in; there is nothing left of them to look at."""

    widget = ManyFiles({"multiple": True, "required": True})

    def clean(self, data: Any, initial: Any = None) -> None:
        """Leave it to whoever took them in to say what is wrong with them."""


class AddForm(forms.Form):
    """What a member adds. The files themselves are in the store by the time this is read."""

    ticket = forms.CharField(max_length=64, widget=forms.HiddenInput)
    file = Staged(label=_("Files"), help_text=_("You can choose several."))
    description = Text(
        label=_("What they are"),
        required=False,
        max_length=1000,
        help_text=_("For example: my steps of 2016, exported from the wristband."),
    )

    use_required_attribute = False


def new_form() -> AddForm:
    """Return the form for files that have not been added yet; sent twice, it adds them once."""
    return AddForm(initial={"ticket": token_urlsafe(24)})


@csrf_exempt  # asked for once the form is read: `_checked`
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_files(request: HttpRequest) -> HttpResponse:
    """Take in files that a member chooses. What is wrong with one of them keeps none of the others out."""
    if request.method != "POST":
        return _page(request, new_form())
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.OWN_FILES_LIMIT + LONGEST:
        return render(request, "413.html", status=413)
    staging = Staging(settings.UPLOAD_LIMIT)
    try:
        return _read(request, staging)
    finally:
        staging.discard()


def _page(request: HttpRequest, form: AddForm, *, status: int = 200) -> HttpResponse:
    limits = {"largest": settings.UPLOAD_LIMIT, "at_once": AT_ONCE}
    return render(request, "web/add_files.html", {"form": form, **limits}, status=status)


def _read(request: HttpRequest, staging: Staging) -> HttpResponse:
    """Read the form; its files are staged by the way."""
    request.encoding = "utf-8"
    request.upload_handlers = [staging]
    try:
        request.POST  # noqa: B018 - read here, so that what is wrong with it is said here
    except TooManyFilesSent:
        return render(request, "400.html", {"reason": _TOO_MANY.format(most=AT_ONCE)}, status=400)
    except UNREADABLE:
        return render(request, "400.html", {"reason": _CUT}, status=400)
    return _checked(request, staging)


@csrf_protect
def _checked(request: HttpRequest, staging: Staging) -> HttpResponse:
    form = AddForm(request.POST)
    if not staging.taken and not staging.refused:
        form.add_error("file", gettext("Choose at least one file."))
    if not form.is_valid():
        return _page(request, form, status=400)
    count, refused = 0, [*staging.refused]
    for name, reason in _store(member_id(request), form, staging):
        count += not reason
        refused += [(name, reason)] if reason else []
    said = [
        gettext("{name} was not added. {reason}").format(name=_shown(name), reason=reason) for name, reason in refused
    ]
    if not count:
        form.add_error("file", said)
        return _page(request, form, status=400)
    messages.success(
        request,
        ngettext("The file is added.", "{count} files are added.", count).format(count=count),
    )
    for sentence in said:
        messages.warning(request, sentence)
    return redirect("source", source_id=projects.own_source_id())


def _store(who: int, form: AddForm, staging: Staging) -> Iterator[tuple[str, Words]]:
    """Store one file after the other; give the name of each and why it was not stored, or ""."""
    about = {"description": form.cleaned_data["description"], "ticket": form.cleaned_data["ticket"]}
    for taken in staging.taken:
        reason: Words = ""
        try:
            addition = Addition(name=taken.name, blob=taken.blob, **about)
            files.add_own(member_id=who, addition=addition, room=settings.OWN_FILES_LIMIT, now=timezone.now())
        except Invalid as invalid:
            reason = invalid.detail
        except Conflict:
            reason = _DELETED
        yield taken.name, reason


def _shown(name: str) -> str:
    clean = exact_basename(name)
    return clean if len(clean) <= 80 else clean[:79] + "…"
