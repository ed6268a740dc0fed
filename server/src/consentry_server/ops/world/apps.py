"""The apps of the demo: OAuth2 projects, their secrets, and what they bear to act for alice."""

import secrets
import socket
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from consentry_server.common.ids import digest, new_secret
from consentry_server.projects import actions as projects
from consentry_server.projects import queries
from consentry_server.sharing import queries as sharing
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import ACCESS, DEFAULT_SCOPE, LONGEST_SECRET_OVERLAP, REFRESH

APPS = ("oauth2", "oauth2_hook")
RETURNS_TO = "http://127.0.0.1:5000/openhumans/complete"
# Below those that a system gives to outgoing calls: whoever listens there later finds it still free.
PORTS = range(20_000, 30_000)
World = dict[str, Any]


def hook(port: int) -> str:
    """Return the webhook's address at a port: that of the return with its last part replaced."""
    return RETURNS_TO.replace(":5000/", f":{port}/").removesuffix("complete") + "deauth"


def have_hook(project_id: int, *, now: datetime) -> None:
    """Move a project's webhook if somebody else listens by now where it was."""
    project = queries.get(project_id)
    if not _is_free(urlsplit(project.deauth_webhook).port or 0):
        projects.edit(project=project, actor="command", fields={"deauth_webhook": free_hook()}, now=now)


def free_hook() -> str:
    """Return an address of this machine where nobody listens."""
    while True:
        port = secrets.choice(PORTS)
        if _is_free(port):
            return hook(port)


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


def first_secret(project_id: int, *, now: datetime) -> str:
    """Give a new app its secret."""
    return tokens.rotate_secret(project_id=project_id, actor="command", replacing="", overlap=timedelta(0), now=now)


def with_secrets(world: World, *, now: datetime) -> World:
    """Return the world with secrets that work: one that was replaced on its page gets a successor beside that."""
    known: dict[str, str] = world["client_secrets"]
    return world | {"client_secrets": {key: _lasting(world["projects"][key], known[key], now=now) for key in known}}


def _lasting(project_id: int, secret: str, *, now: datetime) -> str:
    rows = acting.secrets_of(project_id, now=now)
    if any(bytes(row.sha256) == digest(secret) and row.ends_at is None for row in rows):
        return secret
    present = next((row.fingerprint for row in rows if row.ends_at is None), "")
    about: dict[str, Any] = {"project_id": project_id, "actor": "command", "now": now}
    return tokens.rotate_secret(replacing=present, overlap=LONGEST_SECRET_OVERLAP, **about)


def pair(project_id: int, member_id: int, *, now: datetime) -> tokens.Pair | None:
    """Let an app act for a member once more; None if it asks for what they did not agree to: only they can."""
    with tokens.one_at_a_time():
        shown = _agreed(project_id, member_id)
        if shown is None:
            return None
        asked = tokens.Asked(project_id, RETURNS_TO, redirect_given=True, scope=DEFAULT_SCOPE)
        code = tokens.allow(
            member_id=member_id, asked=asked, shown=shown, hidden=_hidden(project_id, member_id), now=now
        )
        return _exchanged(code, project_id, now)


def _agreed(project_id: int, member_id: int) -> str | None:
    """Return the hash of what a project asks for, if that is what a member who shares with it agreed to."""
    live = sharing.live(member_id=member_id, project_id=project_id)
    consent = sharing.last_consent(live) if live else None
    shown = sharing.ask(project_id).sha256
    return shown if consent is not None and consent.sha256 == shown else None


def _hidden(project_id: int, member_id: int) -> bool:
    seat = sharing.seat(member_id=member_id, project_id=project_id)
    return seat is not None and seat.hidden_at is not None


def _exchanged(code: str, project_id: int, now: datetime) -> tokens.Pair | None:
    origin = tokens.redeemable(code=code, project_id=project_id, now=now)
    if origin is None:
        return None
    made = tokens.Pair(new_secret(ACCESS), new_secret(REFRESH))
    tokens.issue(origin=origin, pair=made, now=now)
    return made


def facts(world: World, key: str) -> World:
    """Return what an app needs to know of itself."""
    client = queries.client_of(world["projects"][key])
    return {
        "client_id": client.client_id if client else "",
        "client_secret": world["client_secrets"][key],
        "redirect_uri": RETURNS_TO,
    }


def hook_facts(project_id: int, *, now: datetime) -> World:
    """Return where a project is called when a member leaves, and what such a call is signed with."""
    secret = projects.reveal_webhook_secret(project_id=project_id, actor="command", now=now)
    return {"deauth_webhook": queries.get(project_id).deauth_webhook, "webhook_secret": secret}
