"""What the worker does when a member has left a project: call its webhook, mail it, erase files, ask again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from consentry_server.files import actions as files
from consentry_server.ops.letters import mailing
from consentry_server.outbox.rules import Schedule
from consentry_server.sharing import actions as sharing
from consentry_server.sharing.rules import Stamp


def _stamp(effect_id: int) -> Stamp:
    from django.conf import settings

    return Stamp(settings.SITE_URL, effect_id)


def webhook(payload: dict[str, Any], effect_id: int, now: datetime) -> None:
    """Tell a project's webhook that a member left."""
    sharing.call_webhook(authorization_id=payload["authorization_id"], effect_id=effect_id, now=now)


def notice(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Mail a project that a member left."""
    with mailing():
        sharing.mail_departure(**payload, stamp=_stamp(effect_id))


def erasure_due(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Ask a project what became of an erasure."""
    with mailing():
        sharing.remind_of_erasure(**payload, stamp=_stamp(effect_id))


def erasure_late(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Tell whoever runs this installation that a project does not answer."""
    from django.conf import settings

    with mailing():
        sharing.remind_of_erasure(**payload, stamp=_stamp(effect_id), to=settings.SUPPORT_EMAIL)


def undelivered(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Mail a project whose webhook was given up."""
    with mailing():
        sharing.report_undelivered(
            project_id=payload["project_id"], effect_id=payload["effect_id"], stamp=_stamp(effect_id)
        )


def erase(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Remove the bytes of files that were deleted."""
    files.erase_deleted(now=now)


DEPARTURES: dict[str, Callable[[dict[str, Any], int, datetime], None]] = {
    "sharing.webhook": webhook,
    "sharing.notice": notice,
    "sharing.erasure_due": erasure_due,
    "sharing.erasure_late": erasure_late,
    "sharing.undelivered": undelivered,
    "files.erase": erase,
}
# Eighteen tries over three days and a bit.
PATIENCE = {"sharing.webhook": Schedule(timedelta(seconds=5), factor=5, most=timedelta(hours=6))}
