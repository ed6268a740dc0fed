"""Who in a project's team did what: the lines of the trail that are about the project, never about its members."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from consentry_server.audit import queries as trail
from consentry_server.members import queries as members
from consentry_server.projects.queries import team
from consentry_server.projects.rules.team import ROLE_NAMES, Do, Role
from consentry_server.web.paging import asked_page, cut
from consentry_server.web.running import project_for

ROWS = 50
# Events of a project that its team or staff did. Those that name members who take part are not here, and never shown.
WORDS: dict[str, str | Promise] = {
    "project.create": _("made the project"),
    "project.edit": _("edited the project"),
    "project.badge": _("changed the picture"),
    "project.datatypes": _("chose data types"),
    "project.approve": _("approved the project"),
    "project.unapprove": _("took the approval back"),
    "project.remove_members": _("removed members"),
    "sharing.described": _("wrote tags and a note of a member"),
    "sharing.tagged": _("put tags to members"),
    "sharing.untagged": _("took tags from members"),
    "message.write": _("wrote to members"),
    "review.ask": _("asked for a review"),
    "review.withdraw": _("took the request for a review back"),
    "review.remark": _("wrote a remark on the review"),
    "review.approve": _("approved a version"),
    "review.return": _("returned a version"),
    "token.mint": _("made a token"),
    "token.rotate": _("replaced a token"),
    "token.revoke": _("revoked a token"),
    "token.reveal": _("looked at a token"),
    "webhook.rotate": _("replaced the webhook's secret"),
    "webhook.reveal": _("looked at the webhook's secret"),
    "webhook.replay": _("had the webhook tried again"),
    "client.rotate": _("made a client secret"),
    "client.end_secret": _("ended a client secret"),
    "team.invite": _("invited somebody"),
    "team.withdraw": _("took an invitation back"),
    "team.accept": _("came into the team"),
    "team.decline": _("declined an invitation"),
    "team.role": _("gave another role to"),
    "team.remove": _("removed from the team:"),
    "team.leave": _("left the team"),
    "team.offer": _("offered the project to"),
    "team.keep": _("took the offer back"),
    "team.take_over": _("took the project over from"),
    "team.turn_down": _("turned the offer down"),
}
_OF_REVIEWERS = {"review.approve", "review.return", "review.remark"}  # whom a project does not learn by name
_INSTEAD: dict[str, str | Promise] = {
    "team.decline": _("somebody who was asked"),  # and is in no team: their name is nobody's business
    "review.approve": _("a reviewer"),
    "review.return": _("a reviewer"),
    "review.remark": _("a reviewer"),
}


@login_required
@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """List who did what, the latest first."""
    project = project_for(request, slug, Do.HISTORY)
    number = asked_page(request)
    start = (number - 1) * ROWS
    rows: list[Any] = list(trail.named(f"project:{project.pk}", WORDS)[start : start + ROWS + 1])
    inside = set(team.who_may(project.pk, Do.LOOK))
    for row in rows:
        row.who, row.whom = _who(row, inside), _whom(row)
    names = members.usernames({one for row in rows for one in (row.who, row.whom)})
    context = {"project": project, "page": cut([_line(row, names) for row in rows], number=number, size=ROWS)}
    return render(request, "web/history.html", context)


def _who(row: Any, inside: set[int]) -> int:
    """Return who did it, 0 for staff, for a command, and for whoever is to stay unknown."""
    kind, _colon, number = row.actor.partition(":")
    known = row.name not in _INSTEAD or (row.name in _OF_REVIEWERS and int(number) in inside)
    return int(number) if kind == "member" and known else 0


def _whom(row: Any) -> int:
    """Return whom a line is about besides who did it, or 0."""
    about = row.detail.get("member") or row.detail.get("was") if row.name.startswith("team.") else 0
    return about if isinstance(about, int) else 0


def _line(row: Any, names: dict[int, str]) -> dict[str, Any]:
    return {
        "at": row.at,
        "who": names.get(row.who, ""),
        "instead": _INSTEAD.get(row.name, _("those who run this site")),
        "did": WORDS[row.name],
        "whom": names.get(row.whom, ""),
        "about": _about(row),
    }


def _about(row: Any) -> str:
    """Return what else a line says: a role, a token's name, how many; never a secret."""
    role = row.detail.get("role")
    if row.name.startswith("team.") and role:
        return str(ROLE_NAMES[Role(role)])
    if row.name in ("message.write", "project.remove_members"):
        return str(row.detail.get("members", ""))
    return str(row.detail.get("token_name", ""))
