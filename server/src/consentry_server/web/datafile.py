"""One file of a member's own: what it is, what can be seen of it, who may see it, and deleting it."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from consentry_server.common.errors import NotFound, Unavailable
from consentry_server.datatypes import queries as datatypes
from consentry_server.files import actions as files
from consentry_server.files import queries
from consentry_server.files.queries import readers
from consentry_server.projects.rules import image_type
from consentry_server.web.data import READERS, shown
from consentry_server.web.previews import HEAD, TAIL, Preview, Seen, end_is_wanted, preview
from consentry_server.web.previews.pictures import can_be_shown, picture_size
from consentry_server.web.previews.texts import plain
from consentry_server.web.who import member_id

FACTS, LONGEST = 40, 500  # entries of the metadata that are shown; characters of each
PIECE = 1 << 19
# A picture is never a page: even opened alone it may run and load nothing.
_PICTURE_HEADERS = {
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}


def _own(request: HttpRequest, file_id: int) -> Any:
    """Return a member's own file; of anybody else's they learn nothing."""
    file = queries.own_file(member_id=member_id(request), file_id=file_id)
    if file is None:
        raise Http404
    return file


@login_required
@require_safe
def file_page(request: HttpRequest, file_id: int) -> HttpResponse:
    """Show all that is known of a file, and what can be seen of it."""
    who, file = member_id(request), _own(request, file_id)
    found = readers.of_file(file_id, member_id=who, most=READERS + 1)
    facts, more_facts = _facts(json.loads(file.metadata))
    types = datatypes.names([int(one) for one in file.datatypes.split(",") if one])
    context = {
        "file": shown(file, member_id=who, now=timezone.now()),
        "source_id": file.source_id,
        "sha256": file.sha256,
        "datatypes": sorted(types.items(), key=lambda item: item[1]),
        "preview": _preview(file),
        "readers": found[:READERS],
        "more_readers": len(found) > READERS,
        "facts": facts,
        "more_facts": more_facts,
    }
    return render(request, "web/datafile.html", context)


def _preview(file: Any) -> Preview:
    tail = b""
    try:
        head = files.look_into(file, start=0, size=HEAD)
        if end_is_wanted(head, file.size):
            tail = files.look_into(file, start=max(file.size - TAIL, 0), size=TAIL)
    except (NotFound, Unavailable):
        return Preview("", gettext("This file cannot be read at the moment."))
    return preview(Seen(head, tail, file.size, file.basename))


def _facts(metadata: dict[str, Any]) -> tuple[list[tuple[str, str]], int]:
    """Return what is said about a file, each thing in one line, and how much more there is."""
    said = [(name, value) for name, value in metadata.items() if name != "description"]
    return [(plain(name)[:LONGEST], _words(value)) for name, value in said[:FACTS]], max(len(said) - FACTS, 0)


def _words(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        text = ", ".join(value[:LONGEST])
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = plain(text[: LONGEST + 1])
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


@login_required
@require_safe
def picture(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Send a picture to be looked at on its page. What it is, its bytes say."""
    file = _own(request, file_id)
    head = files.look_into(file, start=0, size=HEAD)
    kind = image_type(head)
    size = picture_size(head, kind) if kind else None
    if kind is None or size is None or not can_be_shown(size, file.size):
        raise Http404
    headers = _PICTURE_HEADERS | {"Content-Length": str(file.size)}
    if request.method == "HEAD":
        return HttpResponse(content_type=kind, headers=headers)
    return StreamingHttpResponse(_pieces(file, head), content_type=kind, headers=headers)


def _pieces(file: Any, head: bytes) -> Iterator[bytes]:
    yield head
    for start in range(len(head), file.size, PIECE):
        yield files.look_into(file, start=start, size=PIECE)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """Ask once more, then delete one of a member's own files."""
    who, file = member_id(request), _own(request, file_id)
    if request.method == "POST":
        files.delete_own(member_id=who, file_id=file_id, now=timezone.now())
        messages.success(request, gettext("The file is deleted."))
        return redirect("source", source_id=file.source_id)
    return render(request, "web/delete_file.html", {"file": shown(file, member_id=who, now=timezone.now())})
