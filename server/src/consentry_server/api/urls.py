"""The addresses of the API. A suffix such as `.json` may stand in the place of the last slash."""

import re
from collections.abc import Callable, Iterable

from django.http import HttpRequest

from consentry_server.api import (
    archive,
    deletions,
    direct,
    downloads,
    links,
    members,
    messages,
    project,
    public,
    resumable,
    uploads,
)
from consentry_server.api.answers import Halt, redirect, refusal
from consentry_server.api.downloads import Response
from consentry_server.api.endpoint import Endpoint
from consentry_server.api.limits import Budget
from consentry_server.api.together import together
from consentry_server.common.configured import configured
from consentry_server.tokens.rules import Right

PREFIXES = ("/api/", "/data-management/datafile")
PROJECT = "/api/direct-sharing/project"
ENDPOINTS = {
    PROJECT: Endpoint("GET", project.project, right=None),
    f"{PROJECT}/members": Endpoint("GET", members.project_members, right=Right.READ, master_only=True),
    f"{PROJECT}/exchange-member": Endpoint("GET", members.exchange_member, right=Right.READ),
    f"{PROJECT}/message": Endpoint("POST", messages.message, right=Right.MESSAGE),
    f"{PROJECT}/remove-members": Endpoint("POST", messages.remove_members, right=Right.REMOVE),
    f"{PROJECT}/files/upload": Endpoint("POST", uploads.upload, right=Right.ADD),
    f"{PROJECT}/files/upload/direct": Endpoint("POST", direct.direct, right=Right.ADD),
    f"{PROJECT}/files/upload/complete": Endpoint("POST", direct.complete, right=Right.ADD),
    f"{PROJECT}/files/links": Endpoint("POST", links.links, right=Right.READ),
    f"{PROJECT}/files/archive": Endpoint("GET", archive.archive, right=Right.READ, gives="application/zip"),
    f"{PROJECT}/files/delete": Endpoint("POST", deletions.delete, right=Right.ADD),
}
# Addresses with something in them, or with methods of their own.
_VIEWS: list[tuple[re.Pattern[str], Callable[..., Response | downloads.Steps]]] = [
    (
        re.compile(r"/data-management/datafile/(?P<file_id>[0-9]{1,18})/(?P<signed>[0-9a-z-]{1,80})/[^/]+"),
        downloads.target,
    ),
    (re.compile(r"/data-management/datafile-download/(?P<file_id>[0-9]{1,18})/"), downloads.link),
    (re.compile(r"/api/public/datatypes/"), public.datatypes),
    (re.compile(r"/api/public/datatype/(?P<datatype_id>[0-9]{1,18})/"), public.datatype),
    (re.compile(r"/api/direct-sharing/upload/(?P<file_id>[0-9]{1,18})/(?P<signed>[0-9a-f-]{1,80})/[^/]+"), direct.put),
]
_RESUMABLE = [
    (re.compile(f"{PROJECT}/files/upload/resumable/"), resumable.UPLOADS),
    (re.compile(r"/api/direct-sharing/resumable/(?P<file_id>[0-9]{1,18})/"), resumable.UPLOAD),
]


def respond(request: HttpRequest) -> Response:
    """Answer a request to an address of the API."""
    budget, found = _begun(request)
    return _told(budget, found if isinstance(found, Response) else together([found])[0])


def respond_to_each(requests: Iterable[HttpRequest]) -> list[Response]:
    """Answer requests to addresses of the API; what they download is looked up together."""
    begun = [_begun(request) for request in requests]
    ended = iter(together([found for _, found in begun if not isinstance(found, Response)]))
    return [_told(budget, found if isinstance(found, Response) else next(ended)) for budget, found in begun]


def _begun(request: HttpRequest) -> tuple[Budget, Response | downloads.Steps]:
    budget = Budget(request)
    try:
        budget.spend_of_address()
        return budget, _respond(request, budget)
    except Halt as too_many:
        return budget, refusal(too_many, request, allow="GET, HEAD, OPTIONS, POST")


def _told(budget: Budget, response: Response) -> Response:
    """Say how many more calls may come."""
    for name, value in budget.headers().items():
        response.headers[name] = value
    return response


def _respond(request: HttpRequest, budget: Budget) -> Response | downloads.Steps:
    if configured().SECURE_SSL_REDIRECT and not request.is_secure():
        return redirect(f"{configured().SITE_URL}{request.get_full_path()}")
    path = request.path_info
    base, dot, suffix = path.rpartition(".")
    name, given = (base, suffix) if suffix and dot and "/" not in suffix else (path.removesuffix("/"), None)
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        return _view(request, budget, path)
    if given is None and not path.endswith("/"):
        return redirect(request.get_full_path(force_append_slash=True))
    return endpoint(request, budget, given)


def _view(request: HttpRequest, budget: Budget, path: str) -> Response | downloads.Steps:
    for pattern, view in _VIEWS:
        found = pattern.fullmatch(path)
        if found:
            return view(request, **found.groupdict())
    for pattern, resumed in _RESUMABLE:
        found = pattern.fullmatch(path)
        if found:
            return resumed(request, budget, **found.groupdict())
    return refusal(Halt(404, "Not found."), request, allow="GET, HEAD")
