"""Whoever helps to run a project opens one of its pages: what they may, a clear no, or nothing at all."""

from contextlib import AbstractContextManager
from typing import Any

from django.http import Http404, HttpRequest

from consentry_server.projects import actions
from consentry_server.projects.queries import team
from consentry_server.projects.rules.team import MAY, Do, Role
from consentry_server.web.who import member_id


def project_for(request: HttpRequest, slug: str, look: Do, *, act: Do | None = None, kind: str = "") -> Any:
    """Return a project whose team this member is in and which they may look at so, or act on so if they send a form.

    Of one of another kind, and of anybody else's, they learn nothing; a colleague who lacks the right is told so.
    Its `role` and `may` say what they are and what they may do.
    """
    project: Any = team.helped(slug=slug, member_id=member_id(request))
    if project is None or kind not in ("", project.kind):
        raise Http404
    actions.check(project.role, act if act and request.method == "POST" else look)
    project.may = MAY[Role(project.role)]
    return project


def doing(request: HttpRequest, project: Any, do: Do) -> AbstractContextManager[None]:
    """Hold what this member may do in the team while they do it."""
    return actions.acting(project_id=project.pk, member_id=member_id(request), do=do)
