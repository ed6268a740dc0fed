"""Who is calling, in one statement."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from consentry_server.common.errors import ConsentryError
from consentry_server.common.ids import digest, well_formed
from consentry_server.common.times import aware
from consentry_server.tokens.models import MasterToken
from consentry_server.tokens.rules import MASTER


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: a project, and how many members it has. `fingerprint` names the token in the ledger."""

    project_id: int
    members: int
    fingerprint: str


class UnknownToken(ConsentryError):
    """No such token, or one of another kind."""


class ExpiredToken(ConsentryError):
    """The token was good once."""


# Raw: the ORM takes longer to write this statement than the database to answer it.
_CALLER = """
    SELECT t.project_id, p.authorized_members, t.expires_at, t.replaced_at
    FROM tokens_mastertoken t JOIN projects_project p ON p.id = t.project_id WHERE t.sha256 = %s"""


def caller(secret: str, *, now: datetime) -> Caller:
    """Return who a bearer token says is calling; a malformed one is refused without asking the database.

    Raises UnknownToken and ExpiredToken.
    """
    if not well_formed(secret, MASTER):
        raise UnknownToken("Invalid token.")
    sha256 = digest(secret)
    with connection.cursor() as cursor:
        cursor.execute(_CALLER, [sha256])
        row = cursor.fetchone()
    if row is None:
        raise UnknownToken("Invalid token.")
    project_id, members, expires_at, replaced_at = row
    if expires_at is not None and aware(expires_at) <= now:
        # one that was replaced at once has never "expired": it is simply not a token any more
        raise (UnknownToken("Invalid token.") if replaced_at == expires_at else ExpiredToken("Expired token."))
    return Caller(project_id, members, sha256.hex()[:8])


def current(project_id: int) -> MasterToken | None:
    """Return the row of a project's present master token."""
    return MasterToken.objects.filter(project_id=project_id, replaced_at=None).first()
