"""The pictures of projects, kept in the store like files."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from consentry_server.files.actions.storing import stage
from consentry_server.projects import actions as projects
from consentry_server.projects import queries as project_queries
from consentry_server.storage import current as current_store


def set_badge(
    *, project_id: int, image: bytes, actor: str, now: datetime, held: AbstractContextManager[None] | None = None
) -> None:
    """Keep a picture of a project in the place of the one it had. Raises StoreFull.

    `held` is what the caller has to be allowed meanwhile; the old picture goes when that is over.
    """
    blob = stage()
    try:
        blob.write(image)
        key = blob.commit()
    finally:
        blob.discard()
    with held or nullcontext():
        old = projects.set_badge(project_id=project_id, key=key, actor=actor, now=now)
    if old:
        current_store().delete(old)


def badge(key: str) -> bytes | None:
    """Return a project's picture; of anything else in the store, nothing."""
    if key not in project_queries.badges([key]):
        return None
    with current_store().open(key) as file:
        return file.read()
