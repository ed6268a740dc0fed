"""What the worker does about uploads that never became files."""

from datetime import datetime
from typing import Any


def give_up(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Remove an upload that was not completed in time."""
    from consentry_server.files import actions as files

    files.give_up(file_id=payload["file_id"], now=now)


def abandon(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Remove what was being brought to a member who has left."""
    from consentry_server.files import actions as files

    files.abandon_uploads(authorization_id=payload["authorization_id"], now=now)


UPLOADS = {"files.give_up": give_up, "files.abandon": abandon}
