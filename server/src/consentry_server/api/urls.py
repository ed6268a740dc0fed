"""The addresses of the API. A suffix such as `.json` may stand in the place of the last slash."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest

from consentry_server.api import deletions, downloads, members, project, uploads
from consentry_server.api.answers import Halt, redirect, refusal
from consentry_server.api.downloads import Response
from consentry_server.api.endpoint import Endpoint

PREFIXES = ("/api/", "/data-management/datafile")
_PROJECT = "/api/direct-sharing/project"
ENDPOINTS = {
    _PROJECT: Endpoint("GET", project.project),
    f"{_PROJECT}/members": Endpoint("GET", members.project_members, master_only=True),
    f"{_PROJECT}/exchange-member": Endpoint("GET", members.exchange_member),
    f"{_PROJECT}/files/upload": Endpoint("POST", uploads.upload),
    f"{_PROJECT}/files/delete": Endpoint("POST", deletions.delete),
}
_DOWNLOADS: list[tuple[re.Pattern[str], Callable[..., Response]]] = [
    (re.compile(r"/data-management/datafile-download/(?P<file_id>[0-9]{1,18})/"), downloads.link),
    (
        re.compile(r"/data-management/datafile/(?P<file_id>[0-9]{1,18})/(?P<signed>[0-9a-z-]{1,80})/[^/]+"),
        downloads.target,
    ),
]


def respond(request: HttpRequest) -> Response:
    """Answer a request to an address of the API."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return redirect(f"{settings.SITE_URL}{request.get_full_path()}")
    path = request.path_info
    base, dot, suffix = path.rpartition(".")
    name, given = (base, suffix) if suffix and dot and "/" not in suffix else (path.removesuffix("/"), None)
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        return _download(request, path)
    if given is None and not path.endswith("/"):
        return redirect(request.get_full_path(force_append_slash=True))
    return endpoint(request, given)


def _download(request: HttpRequest, path: str) -> Response:
    for pattern, view in _DOWNLOADS:
        found = pattern.fullmatch(path)
        if found:
            return view(request, **found.groupdict())
    return refusal(Halt(404, "Not found."), request, allow="GET, HEAD")
