"""Master tokens of the demo: good for a year, and renewed at a start before they end."""

from datetime import datetime, timedelta

from consentry_server.tokens import actions, queries

YEAR = timedelta(days=365)
MONTH = timedelta(days=30)


def first(project_id: int, *, now: datetime, lifetime: timedelta = YEAR) -> str:
    """Give a new project its token."""
    return actions.mint(project_id=project_id, actor="command", wanted=actions.Wanted(lifetime), now=now)


def replaced(project_id: int, *, now: datetime) -> str:
    """Give a project a new token in the place of its first one, or that if it has none."""
    present = queries.named(project_id)
    if present is None:
        return first(project_id, now=now)
    return actions.rotate(project_id=project_id, actor="command", replacing=present.fingerprint, lifetime=YEAR, now=now)


def lasting(project_id: int, *, now: datetime) -> str:
    """Return a project's present token, or a new one if it would end within a month."""
    present = queries.named(project_id)
    if present is not None and (present.expires_at is None or present.expires_at > now + MONTH):
        return actions.reveal(project_id=project_id, actor="command", token_id=present.pk, now=now)
    return replaced(project_id, now=now)
