"""The public API, which asks for no token: so far the data types that listings lead to."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from consentry_server.api.answers import Answer, Halt, answer, encode, preflight, refusal
from consentry_server.api.hosts import host_of
from consentry_server.api.paging import page_of
from consentry_server.common.errors import Invalid
from consentry_server.common.strict import integer
from consentry_server.datatypes import queries
from consentry_server.datatypes.rules import Tree, children
from consentry_server.projects import queries as projects

ALLOW = "GET, HEAD, OPTIONS"
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _open(view: Callable[..., Any]) -> Callable[..., Answer]:
    """Answer GET and HEAD with JSON, whoever asks."""

    def run(request: HttpRequest, **found: str) -> Answer:
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
            return preflight()
        try:
            host_of(request)
            _refuse_changes(request)
            return answer(encode(view(request, **found)), allow=ALLOW)
        except Exception as error:  # noqa: BLE001 - the one place that turns any failure into an answer
            return refusal(error, request, allow=ALLOW)

    return run


def _refuse_changes(request: HttpRequest) -> None:
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        raise Halt(405, f'Method "{request.method}" not allowed.')


@_open
def datatypes(request: HttpRequest) -> dict[str, Any]:
    """Return a page of the data types, all or those that a project registered or that files can be of."""
    page = page_of(request)
    count, rows = queries.page(
        among=_registered_by(request.GET.get("source_project_id")),
        uploadable=_BOOLEANS.get(request.GET.get("uploadable", "").lower()),
        limit=page.limit,
        offset=page.offset,
    )
    tree, users = queries.tree(), projects.registrars([row.pk for row in rows])
    results = [_shape(row, tree, users.get(row.pk, [])) for row in rows]
    return {"count": count, "next": page.next(count), "previous": page.previous(), "results": results}


def _registered_by(text: str | None) -> list[int] | None:
    """Return what an approved project registered; None if no project is named."""
    if text is None or not text.strip():
        return None
    number = integer(text)
    if number is None:
        raise Invalid({"source_project_id": ["Enter a number."]})
    project = projects.by_id(number)
    return projects.registered(number) if project and project.approved_at else []


@_open
def datatype(_request: HttpRequest, datatype_id: str) -> dict[str, Any]:
    """Return one data type."""
    row = queries.by_id(int(datatype_id))
    if row is None:
        raise Halt(404, "No DataType matches the given query.")
    return _shape(row, queries.tree(), projects.registrars([row.pk]).get(row.pk, []))


def _shape(row: Any, tree: Tree, users: list[Any]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "parent": row.parent_id,
        "children": sorted(node.id for node in children(tree, row.pk)),
        "description": row.description,
        "details": row.details,
        "uploadable": row.uploadable,
        "source_projects": [f"/api/public/project/{project.pk}/" for project in users],
    }
