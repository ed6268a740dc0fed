"""What the worker mails about apps: that one was let in, that a token of one was used twice."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from consentry_server.ops.letters import mailing
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.rules import Site


def _site(effect_id: int) -> Site:
    from django.conf import settings

    return Site(settings.SITE_URL, effect_id)


def welcome(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Tell a member that an app acts for them from now on."""
    with mailing():
        tokens.welcome(authorization_id=payload["authorization_id"], site=_site(effect_id))


def reuse(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Tell a member or a coordinator that a token was used twice."""
    with mailing():
        tokens.report_reuse(**payload, site=_site(effect_id))


APPS: dict[str, Callable[[dict[str, Any], int, datetime], None]] = {
    "tokens.welcome": welcome,
    "tokens.reuse": reuse,
}
