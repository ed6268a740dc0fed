"""The reader's own project in the examples: addresses, ids, a member's number; never a token or a secret."""

from typing import Any

from django.utils.translation import gettext

from consentry_server.projects import queries as projects
from consentry_server.sharing import queries as sharing
from consentry_server.web.guide.texts import OAUTH2

_MOST = 50  # projects to choose from
_MADE_UP = {
    "PROJECT_ID": "42",
    "SLUG": "your-project",
    "NUMBER": "76676885",
    "CLIENT_ID": "YOUR_CLIENT_ID",
    "REDIRECT": "https://app.example.org/complete",
}


def own_projects(member_id: int, *, kind: str) -> list[Any]:
    """Return the projects with which a member can read a page: those of its kind that they run, newest first."""
    rows = projects.coordinated_by(member_id)
    return list((projects.of_kind(rows, kind) if kind else rows)[:_MOST])


def values(project: Any, *, site: str, support: str, kind: str) -> dict[str, str]:
    """Return what stands in the places of a text, of this project or made up."""
    help_text = gettext("If you cannot log in, write to <{support}>.").format(support=support) if support else ""
    found = _MADE_UP | {
        "SITE": site,
        "API": f"{site}/api/direct-sharing/project",
        "SUPPORT": help_text,
        "LIST": "exchange-member/?" if kind == OAUTH2 else "members/?",
    }
    return found | (_of(project) if project else {})


def _of(project: Any) -> dict[str, str]:
    found = {"PROJECT_ID": str(project.pk), "SLUG": project.slug}
    member = next(iter(sharing.live_after(project.pk, None, seat_id=0, limit=1)), None)
    if member is not None:
        found["NUMBER"] = member.number
    client = projects.client_of(project.pk)
    if client is not None:
        found |= {"CLIENT_ID": client.client_id, "REDIRECT": client.addresses[0]}
    return found
