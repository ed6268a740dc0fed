"""A member lets an app in: authorization, consent and code are written in one transaction, or none of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from consentry_server.audit.actions import record
from consentry_server.common.ids import digest, new_secret
from consentry_server.outbox import actions as outbox
from consentry_server.projects import queries as projects
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries
from consentry_server.tokens.models import AuthorizationCode
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import CODE, CODE_FOR


@dataclass(frozen=True)
class Asked:
    """What an app asked for when it sent a member here. `redirect_given`: it named the address itself."""

    project_id: int
    redirect_uri: str
    redirect_given: bool
    scope: str
    code_challenge: str = ""
    nonce: str = ""
    logged_in_at: datetime | None = None


@transaction.atomic
def allow(*, member_id: int, asked: Asked, shown: str, hidden: bool, now: datetime) -> str:
    """Let an app in to exactly the ask whose hash was `shown`, and return the code that it exchanges for tokens.

    Raises AskChanged, NoSeat and Refused as `sharing.authorize` does.
    """
    authorization_id = let_in(member_id=member_id, project_id=asked.project_id, shown=shown, hidden=hidden, now=now)
    return _code(authorization_id, asked, now)


def let_in(*, member_id: int, project_id: int, shown: str, hidden: bool, now: datetime) -> int:
    """Join and authorize in the caller's transaction, and return the authorization; the first time, mail the member."""
    projects.locked(project_id)
    ask = sharing_queries.ask(project_id)
    if ask.sha256 != shown:
        raise sharing.AskChanged
    who = {"member_id": member_id, "project_id": project_id}
    known = sharing_queries.live(**who) is not None
    sharing.join(**who, shown=ask.text_sha256, now=now)
    authorization = sharing.authorize(**who, shown=shown, hidden=hidden, now=now)
    if not known:
        outbox.put(kind="tokens.welcome", payload={"authorization_id": authorization.pk}, now=now)
    return authorization.pk


@transaction.atomic
def allow_again(*, member_id: int, asked: Asked, now: datetime) -> str | None:
    """Return a code without asking the member again; None if there is anything to ask.

    There is nothing if the app acts for the member already, with all that it wants, and the project asks for exactly
    what the member agreed to.
    """
    authorization = sharing_queries.live(member_id=member_id, project_id=asked.project_id)
    if authorization is None or not sharing_queries.held_live(authorization.pk):
        return None
    consent = sharing_queries.last_consent(authorization)
    if consent is None or consent.sha256 != sharing_queries.ask(asked.project_id).sha256:
        return None
    if not acting.covered(authorization.pk, asked.scope, now=now):
        return None
    return _code(authorization.pk, asked, now)


def _code(authorization_id: int, asked: Asked, now: datetime) -> str:
    """Make a code. A challenge that was there before protects nothing: the trail says so (RFC 9700 section 4.5.3.1)."""
    if asked.code_challenge and acting.challenge_known(asked.code_challenge):
        about = f"project:{asked.project_id}"
        record(name="client.challenge_again", actor="app", about=about, now=now, authorization=authorization_id)
    secret = new_secret(CODE)
    AuthorizationCode.objects.create(
        sha256=digest(secret),
        authorization_id=authorization_id,
        redirect_uri=asked.redirect_uri,
        redirect_given=asked.redirect_given,
        scope=asked.scope,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        logged_in_at=asked.logged_in_at,
        created_at=now,
        expires_at=now + CODE_FOR,
    )
    return secret
