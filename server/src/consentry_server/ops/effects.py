"""What the worker can do: for each kind of effect, the one call down that does it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from consentry_server.mail import actions as mail
from consentry_server.ops.apps_mail import APPS
from consentry_server.ops.departures import DEPARTURES, PATIENCE
from consentry_server.ops.letters import LETTERS, mailing
from consentry_server.ops.uploads import UPLOADS
from consentry_server.outbox.rules import Schedule

Handler = Callable[[dict[str, Any], int, datetime], None]


def send_mail(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Send one mail. Tried twice, it has the same Message-ID twice, so that a mail box can tell."""
    from django.conf import settings

    own = {
        "Message-ID": f"<effect-{effect_id}@{urlsplit(settings.SITE_URL).hostname}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's holiday notice answers it
    }
    letter = {name: payload[name] for name in ("to", "subject", "text")}
    with mailing():
        mail.send(**letter, headers=payload.get("headers", {}) | own)


# A handler is given (payload, effect id, now) and makes one call. It raises Retry or Dead from `outbox.rules`;
# whatever else it raises means: try again later. It may be called twice for one effect.
HANDLERS: dict[str, Handler] = {
    "mail.send": send_mail,
    **UPLOADS,
    **LETTERS,
    **DEPARTURES,
    **APPS,
}

# How patiently each is tried; one that is not named, as `Schedule()` says.
SCHEDULES: dict[str, Schedule] = {**PATIENCE}
