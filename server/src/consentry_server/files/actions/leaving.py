"""Leaving a project or the site, with or without one's files."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from consentry_server.common.errors import Conflict, NotFound
from consentry_server.common.failpoints import reach
from consentry_server.files import queries
from consentry_server.files.actions.deleting import tombstone
from consentry_server.files.models import DataFile
from consentry_server.members import actions as members
from consentry_server.members import queries as member_queries
from consentry_server.outbox import actions as outbox
from consentry_server.projects import actions as project_actions
from consentry_server.projects import queries as projects
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries


def leave(*, member_id: int, authorization_id: int, remove_files: bool, erasure: bool, now: datetime) -> None:
    """End one of a member's authorizations, and delete what the project brought if the member wants that.

    Raises NotFound for somebody else's.
    """
    authorization = sharing_queries.own(member_id=member_id, authorization_id=authorization_id)
    if authorization is None:
        raise NotFound(gettext("You do not share anything with this project."))
    with transaction.atomic():
        sharing.revoke(authorization=authorization, by="member", erasure=erasure, now=now)
        if remove_files:
            own = queries.deposited(member_id=member_id, source_id=authorization.project_id)
            _remove(own, actor=f"member:{member_id}", now=now)
    reach("leaving.committed")


def _remove(files: Iterable[DataFile], *, actor: str, now: datetime) -> None:
    """Delete files in the caller's transaction; their bytes go as soon as it is committed."""
    for file in files:
        tombstone(file, actor=actor, now=now)
    outbox.put(kind="files.erase", payload={}, now=now)


def close_account(*, member_id: int, now: datetime) -> None:
    """Leave every project and team, delete every file and end the account. Raises Conflict while owning a project."""
    with transaction.atomic():
        # whoever adds a file or takes a project over meanwhile comes before or finds the account closed
        member_queries.held_open(member_id)
        if projects.coordinated_by(member_id).exists():
            raise Conflict(gettext("You run a project. Hand it over to somebody else before you close your account."))
        project_actions.leave_teams(member_id=member_id, now=now)
        for authorization in sharing_queries.unrevoked_of(member_id):
            sharing.revoke(authorization=authorization, by="account", erasure=True, now=now)
        sharing.forget(member_id=member_id)
        _remove(queries.own(member_id), actor=f"member:{member_id}", now=now)
        project_actions.forget_invitations(member_id=member_id, now=now)
        members.close(member_id=member_id, now=now)


def suspend(*, member_id: int, suspended: bool, actor: str, now: datetime) -> None:
    """Shut a member's account and every path to their data, or open both again."""
    with transaction.atomic():
        members.set_suspended(member_id=member_id, suspended=suspended, actor=actor, now=now)
        sharing.suspend(member_id=member_id, suspended=suspended, now=now)
