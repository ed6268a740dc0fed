"""What an app asked for when it sent a member here, kept in the member's session until they answer: once, and soon."""

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, NamedTuple

from django.http import HttpRequest

from consentry_server.tokens.actions import Asked

ANSWER_WITHIN = timedelta(minutes=10)
MOST = 10  # asks of a session that wait at a time: a person may have opened several apps
_KEY = "asks"


class Ticket(NamedTuple):
    """An ask that was shown. `shown` is the hash of what the page said."""

    asked: Asked
    shown: str
    state: str | None
    origin: str


def keep(request: HttpRequest, ticket: Ticket, *, now: datetime) -> str:
    """Keep an ask for when the form comes back, and return its name."""
    name, kept = token_urlsafe(18), request.session.get(_KEY, {})
    fresh = {other: value for other, value in kept.items() if value["until"] > now.timestamp()}
    for oldest in sorted(fresh, key=lambda other: fresh[other]["until"])[: max(0, len(fresh) - MOST + 1)]:
        del fresh[oldest]
    fresh[name] = _written(ticket) | {"until": (now + ANSWER_WITHIN).timestamp()}
    request.session[_KEY] = fresh
    return name


def take(request: HttpRequest, *, now: datetime) -> Ticket | None:
    """Return the ask that a form answers; it is gone then. None: there was none, or it is too old."""
    kept: dict[str, Any] = request.session.get(_KEY, {})
    found = kept.pop(request.POST.get("ticket", ""), None)
    if found is None:
        return None
    request.session[_KEY] = kept
    return _read(found) if found["until"] > now.timestamp() else None


def _written(ticket: Ticket) -> dict[str, Any]:
    asked = {name: getattr(ticket.asked, name) for name in _PLAIN}
    return {"asked": asked, "shown": ticket.shown, "state": ticket.state, "origin": ticket.origin}


def _read(kept: dict[str, Any]) -> Ticket:
    return Ticket(Asked(**kept["asked"]), kept["shown"], kept["state"], kept["origin"])


_PLAIN = ("project_id", "redirect_uri", "redirect_given", "scope", "code_challenge", "nonce")
