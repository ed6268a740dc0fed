"""Ending what apps bear, and the mails about it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import NotFound
from consentry_server.mail import actions as mail
from consentry_server.mail.words import written_in
from consentry_server.members import queries as members
from consentry_server.outbox import actions as outbox
from consentry_server.projects.queries import team
from consentry_server.sharing import queries as sharing
from consentry_server.tokens.models import AccessToken, AuthorizationCode, Device, Family, RefreshToken
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import RETRY_FOR, Letter, Site, reuse_letters, welcome_letter

_AT_ONCE = 500  # rows removed in one transaction
_KEEP_FOR = timedelta(days=30)  # what is over, so that it is known when it comes back


@transaction.atomic
def end_family(*, family_id: int, by: str, now: datetime) -> bool:
    """End all tokens that came from one yes; False if they were ended before. `by` is app, member, reuse or replay."""
    if not Family.objects.filter(id=family_id, ended_at=None).update(ended_at=now, ended_by=by):
        return False
    record(name="token.end", actor=by, about=f"family:{family_id}", now=now)
    return True


@transaction.atomic
def revoke_token(*, secret: str, project_id: int, now: datetime) -> None:
    """End a token at its app's wish (RFC 7009); what is unknown, over, or another app's is as good as ended.

    A refresh token takes its family along. An access token goes alone: the wire says that its refresh token works on,
    and that what comes of it has no scope any more.
    """
    refresh = acting.refresh(secret)
    if refresh is not None and refresh.family.authorization.project_id == project_id:
        end_family(family_id=refresh.family_id, by="app", now=now)
    access = acting.access(secret)
    if access is None or access.family.authorization.project_id != project_id:
        return
    if AccessToken.objects.filter(id=access.pk, ended_at=None).update(ended_at=now):
        Family.objects.filter(id=access.family_id).update(scope="")


@transaction.atomic
def sign_out(*, member_id: int, authorization_id: int, now: datetime) -> None:
    """End all tokens by which an app acts for a member, who goes on sharing. Raises NotFound for somebody else's."""
    if sharing.own(member_id=member_id, authorization_id=authorization_id) is None:
        raise NotFound(gettext("You do not share anything with this app."))
    # over since they were made: whoever waits to exchange one of them may have looked at the clock before we did
    unused = AuthorizationCode.objects.filter(authorization_id=authorization_id, family=None)
    unused.update(expires_at=F("created_at"))
    Device.objects.filter(authorization_id=authorization_id, family=None).update(authorization=None)
    for family in acting.living([authorization_id]).select_for_update():
        end_family(family_id=family.pk, by="member", now=now)


@transaction.atomic
def end_by(*, secret: str, project_id: int, until: datetime) -> None:
    """Have what came with an access token end at that time at the latest: its app is only being tried."""
    found = acting.access(secret)
    if found is not None and found.family.authorization.project_id == project_id:
        Family.objects.filter(id=found.family_id, expires_at__gt=until).update(expires_at=until)
        AccessToken.objects.filter(family_id=found.family_id, expires_at__gt=until).update(expires_at=until)
        RefreshToken.objects.filter(family_id=found.family_id, expires_at__gt=until).update(expires_at=until)


def tell_of_reuse(*, family_id: int, project_id: int, now: datetime) -> None:
    """Have the member mailed, and who looks after the app, that somebody used a token a second time."""
    about = f"project:{project_id}"
    payload: dict[str, Any] = {"family_id": family_id, "reader": "member"}
    outbox.put(kind="tokens.reuse", payload=payload, now=now, about=about)
    for keeper in team.keepers_of_app(project_id):
        own = payload | {"reader": "coordinator", "member_id": keeper}
        outbox.put(kind="tokens.reuse", payload=own, now=now, about=about)


def report_reuse(*, family_id: int, reader: str, site: Site, member_id: int | None = None) -> None:
    """Mail the member, or one who looks after the app, unless they do no more. Raises what `mail.actions.send` does."""
    found = acting.family(family_id).authorization
    if reader == "member":
        return _report(found, found.member, reader, site)
    keepers = {*team.keepers_of_app(found.project_id)} & {member_id}
    for keeper in members.open_accounts(keepers):
        _report(found, keeper, reader, site)
    return None


def _report(found: Any, told: Any, reader: str, site: Site) -> None:
    with written_in(told.language):
        letters = reuse_letters(found.project.name, found.project.slug, found.member.username, site)
    _send(told.email, letters[reader])


def welcome(*, authorization_id: int, site: Site) -> None:
    """Mail a member that an app acts for them from now on, unless it does no more. Raises as above."""
    found = sharing.between(authorization_id)
    if found.revoked_at is None and members.wants(found.member_id, "apps"):
        with written_in(found.member.language):
            letter = welcome_letter(found.project.name, found.project.slug, found.member.username, site)
        _send(found.member.email, letter)


def _send(to: str, letter: Letter) -> None:
    mail.send(to=to, subject=letter.subject, text=letter.text, headers=letter.headers)


def forget(*, now: datetime) -> None:
    """Remove what has been over for long; a client that comes back with it is told that it is unknown.

    In many small transactions: there may be much of it, and others write meanwhile.
    """
    acting.told_again(replaced_before=now - RETRY_FOR).update(successor="")
    for rows in acting.over(since=now - _KEEP_FOR):
        _remove(rows)


def _remove(rows: QuerySet[Any]) -> None:
    last = 0
    while some := list(rows.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:_AT_ONCE]):
        rows.filter(id__in=some).delete()
        last = some[-1]
