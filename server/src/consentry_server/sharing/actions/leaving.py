"""Leaving, being removed, being shut out: the authorization ends first, all else follows from the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, Invalid, NotFound
from consentry_server.common.failpoints import reach
from consentry_server.outbox import actions as outbox
from consentry_server.projects import actions as projects
from consentry_server.sharing import queries
from consentry_server.sharing.actions.holding import hold_named
from consentry_server.sharing.actions.noting import forget
from consentry_server.sharing.actions.telling import tell
from consentry_server.sharing.models import Authorization, ProjectMember
from consentry_server.sharing.rules import LONGEST_REASON


@transaction.atomic
def remove(*, project_id: int, numbers: Sequence[str], now: datetime) -> list[int]:
    """End what live members share with a project that removes them: all of them, or nobody.

    Returns the authorizations that ended. Raises UnknownNumbers if any is not one of its live members.
    """
    held = hold_named(project_id, numbers)
    for authorization in held:
        revoke(authorization=authorization, by="project", erasure=False, now=now)
    return [authorization.pk for authorization in held]


@transaction.atomic
def revoke(*, authorization: Authorization, by: str, erasure: bool, now: datetime) -> None:
    """End an authorization: from this commit on no path gives anything. `by` is member, project or account."""
    unrevoked = Authorization.objects.filter(id=authorization.pk, revoked_at=None)
    ended = unrevoked.update(revoked_at=now, revoked_by=by, erasure_requested_at=now if erasure else None)
    if not ended:
        return
    # whoever comes back reads the consent text again
    ProjectMember.objects.filter(id=authorization.project_member_id).update(joined_at=None)
    if authorization.suspended_at is None:
        projects.free_seat(project_id=authorization.project_id)
    if erasure:
        forget(member_id=authorization.member_id, project_id=authorization.project_id)
    actor = f"project:{authorization.project_id}" if by == "project" else f"member:{authorization.member_id}"
    about = f"authorization:{authorization.pk}"
    record(name="sharing.leave", actor=actor, about=about, now=now, by=by, erasure=erasure)
    tell(authorization, erasure=erasure, now=now)
    outbox.put(kind="files.abandon", payload={"authorization_id": authorization.pk}, now=now)
    reach("leaving.before-commit")


@transaction.atomic
def suspend(*, member_id: int, suspended: bool, now: datetime) -> None:
    """Make a member's data unreadable while their account is shut, or readable again."""
    rows = Authorization.objects.select_for_update().filter(member_id=member_id, revoked_at=None)
    for authorization in rows.filter(suspended_at__isnull=suspended):
        authorization.suspended_at = now if suspended else None
        authorization.save(update_fields=["suspended_at"])
        if suspended:
            projects.free_seat(project_id=authorization.project_id)
        else:
            projects.take_seat(project_id=authorization.project_id, cap=None)


@transaction.atomic
def acknowledge_erasure(*, project_id: int, authorization_id: int, actor: str, now: datetime) -> None:
    """Say on a project's behalf that a request to erase was seen. Raises NotFound, and Conflict if it is settled."""
    _settle(project_id, authorization_id, {"erasure_acknowledged_at": now})
    _note("erasure_seen", authorization_id, actor, now)


@transaction.atomic
def settle_erasure(*, project_id: int, authorization_id: int, kept_because: str, actor: str, now: datetime) -> None:
    """Say on a project's behalf that it erased what it holds, or why it keeps some of it; the member sees it.

    Raises NotFound, Conflict if it is settled already, and Invalid for too long a reason.
    """
    if len(kept_because) > LONGEST_REASON:
        raise Invalid({"kept_because": [gettext("Say it in {most} characters.").format(most=LONGEST_REASON)]})
    _settle(project_id, authorization_id, {"erasure_done_at": now, "erasure_kept_because": kept_because})
    seen = Authorization.objects.filter(id=authorization_id, erasure_acknowledged_at=None)
    seen.update(erasure_acknowledged_at=now)
    _note("erasure_kept" if kept_because else "erasure_done", authorization_id, actor, now)


def _settle(project_id: int, authorization_id: int, changes: dict[str, Any]) -> None:
    asked = queries.erasure_asked(project_id=project_id, authorization_id=authorization_id)
    if not asked.exists():
        raise NotFound(gettext("Nobody asked you for that."))
    if not asked.filter(erasure_done_at=None).update(**changes):
        raise Conflict(gettext("This has been settled already."))


def _note(what: str, authorization_id: int, actor: str, now: datetime) -> None:
    record(name=f"sharing.{what}", actor=actor, about=f"authorization:{authorization_id}", now=now)
