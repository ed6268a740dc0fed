"""Writing the trail. Rows are never changed or removed; the database refuses it."""

from datetime import datetime
from typing import Any

from consentry_server.audit.models import Event


def record(*, name: str, actor: str, about: str, now: datetime, **detail: Any) -> None:
    """Write one event inside the caller's transaction. `detail` holds ids and counts, never a secret."""
    Event.objects.create(at=now, name=name, actor=actor, about=about, detail=detail)
