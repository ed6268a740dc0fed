"""Who is calling, in one statement whichever kind of token says it."""

from datetime import datetime
from typing import Any, NamedTuple

from consentry_server import database
from consentry_server.common.errors import ConsentryError
from consentry_server.common.ids import digest, well_formed
from consentry_server.database import moment
from consentry_server.sharing.queries import LIVE_SQL
from consentry_server.tokens.rules import ACCESS, ALL_RIGHTS, MASTER, OF_MEMBERS, Right, rights_of


class Caller(NamedTuple):
    """Who is calling: a project, and how many members it has. `fingerprint` names the token in the ledger.

    With the token of an app it is one member only: `number` is their project member id. `token_id` is of its kind.
    """

    project_id: int
    members: int
    fingerprint: str
    token_id: int
    rights: frozenset[Right]
    number: str | None = None
    scope: str = ""
    username: str | None = None  # if the member shares it

    @property
    def number_of_token(self) -> int:
        """Name the token among all tokens of both kinds."""
        return self.token_id if self.number is None else OF_MEMBERS + self.token_id


class UnknownToken(ConsentryError):
    """No such token, or one of another kind."""


class ExpiredToken(ConsentryError):
    """The token was good once."""


# Raw: the ORM takes longer to write these statements than the database to answer them.
_OF_PROJECT = """
    SELECT t.project_id, p.authorized_members, t.id, t.rights, {moment:t.expires_at}, {moment:t.replaced_at},
        {moment:t.revoked_at}
    FROM tokens_mastertoken t JOIN projects_project p ON p.id = t.project_id WHERE t.sha256 = %s"""
# That the authorization is live stands in the statement: what ends it ends its tokens in the same transaction.
_OF_MEMBER = f"""
    SELECT a.project_id, p.authorized_members, t.id, n.number, t.scope, {{moment:t.expires_at}},
        CASE WHEN a.username_shared THEN m.username END
    FROM tokens_accesstoken t
    JOIN tokens_family f ON f.id = t.family_id AND f.ended_at IS NULL
    JOIN sharing_authorization a ON a.id = f.authorization_id AND {LIVE_SQL}
    JOIN sharing_projectmember n ON n.id = a.project_member_id
    JOIN members_member m ON m.id = a.member_id
    JOIN projects_project p ON p.id = a.project_id
    WHERE t.sha256 = %s AND t.ended_at IS NULL"""


def caller(secret: str, *, now: datetime) -> Caller:
    """Return who a bearer token says is calling; a malformed one is refused without asking the database.

    Raises UnknownToken and ExpiredToken.
    """
    if well_formed(secret, MASTER):
        return _project(digest(secret), now)
    if well_formed(secret, ACCESS):
        return _member(digest(secret), now)
    raise UnknownToken("Invalid token.")


def is_master(secret: str) -> bool:
    """Say whether this has the form of a project's token."""
    return secret.startswith(MASTER)


def _project(sha256: bytes, now: datetime) -> Caller:
    project_id, members, token_id, rights, expires_at, *ended_at = _row(_OF_PROJECT, sha256)
    if expires_at is not None and moment(expires_at) <= now:
        # one that was ended at once has never "expired": it is simply not a token any more
        raise (UnknownToken("Invalid token.") if expires_at in ended_at else ExpiredToken("Expired token."))
    return Caller(project_id, members, sha256.hex()[:8], token_id, rights_of(rights))


def _member(sha256: bytes, now: datetime) -> Caller:
    project_id, members, token_id, number, scope, expires_at, username = _row(_OF_MEMBER, sha256)
    if moment(expires_at) <= now:
        raise ExpiredToken("Expired token.")
    return Caller(project_id, members, sha256.hex()[:8], token_id, ALL_RIGHTS, number, scope, username)


def _row(sql: str, sha256: bytes) -> tuple[Any, ...]:
    found = database.rows(sql, [sha256])
    if not found:
        raise UnknownToken("Invalid token.")
    row: tuple[Any, ...] = found[0]
    return row
