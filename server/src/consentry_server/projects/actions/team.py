"""A project's team: asking people in, answering, changing roles, leaving, handing the project over.

Rows are locked in one order: member, colleague, project, invitation. Closing an account locks them so, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, Invalid, NotFound, Refused
from consentry_server.mail import actions as mail
from consentry_server.members import queries as members
from consentry_server.outbox import actions as outbox
from consentry_server.projects import queries as projects
from consentry_server.projects.models import UNANSWERED, Colleague, Invitation, Project
from consentry_server.projects.queries import team as queries
from consentry_server.projects.rules.letters import Asked, Letter, Stamp, invitation_letter, offer_letter
from consentry_server.projects.rules.team import (
    GIVEN,
    INVITATIONS_A_DAY,
    INVITED_FOR,
    LONGEST_INVITED,
    MOST,
    ROLE_NAMES,
    Do,
    Role,
    address_in,
    may,
)

_DAY = timedelta(days=1)
_FORGOTTEN: dict[str, Any] = {"invited": "", "address": ""}  # of an invitation that is over: it may be a stranger's


class TooManyInvitations(Refused):
    """Somebody asked as many people as they may for now, or the team is full."""


def check(role: str | None, do: Do) -> None:
    """Refuse what a role does not cover, in words for a colleague; raises NotFound for whoever is in no team."""
    if role is None:
        raise NotFound(gettext("There is no such project."))
    if not may(role, do):
        words = gettext(
            "You are in the team as %(role)s, and that does not cover this. The owner can change your role."
        )
        raise Refused(words % {"role": ROLE_NAMES[Role(role)]})


@contextmanager
def acting(*, project_id: int, member_id: int, do: Do) -> Iterator[None]:
    """Let somebody in a team change a project: whoever takes the role away meanwhile waits until it is done.

    One transaction around what is done, so that it is never done by somebody who may no longer. Raises as `check`.
    """
    with transaction.atomic():
        check(queries.held_role(project_id=project_id, member_id=member_id), do)
        yield


@transaction.atomic
def invite(*, project_id: int, member_id: int, invited: str, role: str, now: datetime) -> None:
    """Ask somebody into a team, by username or address. Whether anybody has it makes no difference to who asks.

    Once more replaces what was asked before. Raises Invalid, TooManyInvitations, and Refused for whoever is no owner.
    """
    invited = invited.strip()
    _owned(project_id, member_id)
    _check_invited(project_id, invited, role)
    _check_number(project_id, member_id, now=now)
    queries.asked_alike(project_id, invited).update(ended_at=now, **_FORGOTTEN)
    queries.expired(project_id, now=now).update(**_FORGOTTEN)
    address = address_in(invited)
    row = Invitation.objects.create(
        project_id=project_id,
        invited=invited,
        address=address,
        member=None if address else members.by_username(invited),
        role=role,
        invited_by_id=member_id,
        invited_at=now,
        expires_at=now + INVITED_FOR,
    )
    _note("invite", project_id, member_id, now, invitation=row.pk, role=role)
    # also to nobody: what is asked of the database does not tell who exists
    about = f"project:{project_id}"
    outbox.put(kind="projects.invitation", payload={"invitation_id": row.pk}, now=now, about=about)


def _owned(project_id: int, member_id: int) -> Project:
    """Return a project, held, to its owner: nobody hands it over meanwhile."""
    project = projects.locked(project_id)
    if project.coordinator_id != member_id:
        check(queries.role_in(project_id=project_id, member_id=member_id), Do.TEAM)
    return project


def _check_invited(project_id: int, invited: str, role: str) -> None:
    if role not in GIVEN:
        raise Invalid({"role": [gettext("Choose one of these roles.")]})
    if not invited or len(invited) > LONGEST_INVITED:
        raise Invalid({"invited": [gettext("Give a username or an e-mail address.")]})
    if queries.is_called(project_id, invited):
        raise Invalid({"invited": [gettext("They are in the team already.")]})


def _check_number(project_id: int, member_id: int, *, now: datetime) -> None:
    if queries.invited_since(member_id, since=now - _DAY) >= INVITATIONS_A_DAY:
        words = gettext("You can invite %(most)s people a day. Try again tomorrow.")
        raise TooManyInvitations(words % {"most": INVITATIONS_A_DAY})
    if queries.size(project_id, now=now) >= MOST:
        words = gettext("A team has at most %(most)s people, with those who have not answered yet.")
        raise TooManyInvitations(words % {"most": MOST})


@transaction.atomic
def withdraw_invitation(*, project_id: int, member_id: int, invitation_id: int, now: datetime) -> None:
    """Take an invitation back. Raises Conflict if it was answered meanwhile."""
    _owned(project_id, member_id)
    rows = Invitation.objects.filter(UNANSWERED, id=invitation_id, project_id=project_id)
    if not rows.update(ended_at=now, **_FORGOTTEN):
        raise Conflict(gettext("This invitation was answered or taken back meanwhile."))
    _note("withdraw", project_id, member_id, now, invitation=invitation_id)


@transaction.atomic
def accept(*, invitation_id: int, member_id: int, now: datetime) -> Project:
    """Come into a team. Raises NotFound for what is not theirs, over or answered."""
    if not members.held_open(member_id):
        raise _no_invitation()
    row = _theirs(invitation_id, member_id, now=now)
    project = projects.locked(row.project_id)
    _answer(row, accepted_at=now)
    in_it = queries.role_in(project_id=project.pk, member_id=member_id)
    if in_it is None:
        Colleague.objects.create(
            project=project, member_id=member_id, role=row.role, since=now, invited_by_id=row.invited_by_id
        )
        _note("accept", project.pk, member_id, now, invitation=row.pk, role=row.role)
    return project


@transaction.atomic
def decline(*, invitation_id: int, member_id: int, now: datetime) -> None:
    """Say no. Raises as `accept`."""
    row = _theirs(invitation_id, member_id, now=now)
    _answer(row, ended_at=now)
    _note("decline", row.project_id, member_id, now, invitation=row.pk)


def _theirs(invitation_id: int, member_id: int, *, now: datetime) -> Invitation:
    row = queries.open_invitations(member_id, now=now).filter(id=invitation_id).first()
    if row is None:
        raise _no_invitation()
    return row


def _answer(row: Invitation, **dates: datetime) -> None:
    """Answer once: of several at a time, and of a taking back, one counts."""
    if not Invitation.objects.filter(UNANSWERED, id=row.pk).update(**dates, **_FORGOTTEN):
        raise _no_invitation()


def _no_invitation() -> NotFound:
    return NotFound(gettext("There is no such invitation."))


@transaction.atomic
def set_role(*, project_id: int, member_id: int, colleague_id: int, role: str, now: datetime) -> None:
    """Give a colleague another role. Raises NotFound if they are in the team no more."""
    row = _held(project_id, member_id, id=colleague_id)
    if role not in GIVEN:
        raise Invalid({"role": [gettext("Choose one of these roles.")]})
    was, row.role = row.role, role
    row.save(update_fields=["role"])
    if was != role:
        _note("role", project_id, member_id, now, member=row.member_id, was=was, role=role)


@transaction.atomic
def remove(*, project_id: int, member_id: int, colleague_id: int, now: datetime) -> None:
    """End a colleague's part in a team, at once on every path. Raises as above."""
    row = _held(project_id, member_id, id=colleague_id)
    row.delete()
    _note("remove", project_id, member_id, now, member=row.member_id, role=row.role)


def _held(project_id: int, member_id: int, **which: int) -> Colleague:
    """Return a colleague to the owner; neither changes until the transaction ends."""
    row = queries.held_colleague(project_id=project_id, **which)
    _owned(project_id, member_id)
    if row is None:
        raise NotFound(gettext("They are not in this team."))
    return row


@transaction.atomic
def leave_team(*, project_id: int, member_id: int, now: datetime) -> None:
    """Leave a team that one was asked into. Raises NotFound."""
    row = queries.held_colleague(project_id=project_id, member_id=member_id)
    if row is None:
        raise NotFound(gettext("You are not in this team."))
    row.delete()
    _note("leave", project_id, member_id, now, role=row.role)


def leave_teams(*, member_id: int, now: datetime) -> None:
    """End all that a member is in teams, in the transaction that closes their account."""
    for row in queries.helped_by(member_id).select_for_update(of=("self",)):
        row.delete()
        _note("leave", row.project_id, member_id, now, role=row.role)


def forget_invitations(*, member_id: int, now: datetime) -> None:
    """End what a member is asked, in the same transaction, once their projects are behind it: see the order above."""
    Invitation.objects.filter(UNANSWERED, member_id=member_id).update(ended_at=now, **_FORGOTTEN)


@transaction.atomic
def offer(*, project_id: int, member_id: int, colleague_id: int, now: datetime) -> None:
    """Offer a project to a colleague, who becomes its owner if they accept; an older offer is over. Raises as above."""
    queries.hold_team(project_id)
    row = _held(project_id, member_id, id=colleague_id)
    Colleague.objects.filter(project_id=project_id, offered_at__isnull=False).update(offered_at=None)
    row.offered_at = now
    row.save(update_fields=["offered_at"])
    _note("offer", project_id, member_id, now, member=row.member_id)
    payload = {"project_id": project_id, "member_id": row.member_id}
    outbox.put(kind="projects.offer", payload=payload, now=now, about=f"project:{project_id}")


@transaction.atomic
def keep(*, project_id: int, member_id: int, now: datetime) -> None:
    """Take an offer back. Raises Conflict if it was answered meanwhile."""
    queries.hold_team(project_id)
    _owned(project_id, member_id)
    if not Colleague.objects.filter(project_id=project_id, offered_at__isnull=False).update(offered_at=None):
        raise Conflict(gettext("There is no offer to take back."))
    _note("keep", project_id, member_id, now)


@transaction.atomic
def take_over(*, project_id: int, member_id: int, now: datetime) -> None:
    """Become the owner of a project that was offered; who owned it stays as a manager. Raises Conflict."""
    row = _offered(project_id, member_id)
    project = projects.locked(project_id)
    before = project.coordinator
    row.delete()
    project.coordinator_id = member_id
    project.save(update_fields=["coordinator"])
    if before is not None:  # as in every project that has a team
        as_manager: dict[str, Any] = {"member": before, "role": Role.MANAGER.value, "invited_by_id": member_id}
        Colleague.objects.create(project=project, since=now, **as_manager)
    _note("take_over", project_id, member_id, now, was=before and before.pk)


@transaction.atomic
def turn_down(*, project_id: int, member_id: int, now: datetime) -> None:
    """Say no to an offer. Raises Conflict."""
    row = _offered(project_id, member_id)
    row.offered_at = None
    row.save(update_fields=["offered_at"])
    _note("turn_down", project_id, member_id, now)


def _offered(project_id: int, member_id: int) -> Colleague:
    open_account = members.held_open(member_id)
    row = queries.held_colleague(project_id=project_id, member_id=member_id)
    if row is None:
        raise NotFound(gettext("You are not in this team."))
    if row.offered_at is None or not open_account:
        raise Conflict(gettext("The offer was taken back meanwhile."))
    return row


def _note(what: str, project_id: int, member_id: int, now: datetime, **detail: Any) -> None:
    record(name=f"team.{what}", actor=f"member:{member_id}", about=f"project:{project_id}", now=now, **detail)


def mail_invitation(*, invitation_id: int, stamp: Stamp, now: datetime) -> None:
    """Mail an invitation that is still open, to the address or to the member; to nobody if nobody has that name."""
    row = queries.invitation(invitation_id)
    if row is None or row.accepted_at or row.ended_at or row.expires_at <= now:
        return
    asked = members.open_accounts([row.member_id]).first() if row.member_id else None
    to = row.invited if row.address else (asked.email if asked else "")
    if to:
        role = str(ROLE_NAMES[Role(row.role)])
        until = f"{row.expires_at:%Y-%m-%d}"
        _send(to, invitation_letter(Asked(row.project.name, row.invited_by.username, role, until), stamp=stamp), stamp)


def mail_offer(*, project_id: int, member_id: int, stamp: Stamp) -> None:
    """Mail to a colleague that they are offered a project, unless the offer is over."""
    row = queries.colleagues(project_id).filter(member_id=member_id, offered_at__isnull=False).first()
    person = members.open_accounts([member_id]).first()
    project = projects.get(project_id)
    if row is None or person is None or project.coordinator is None:
        return
    asked = Asked(project.name, project.coordinator.username, "")
    _send(person.email, offer_letter(asked, slug=project.slug, stamp=stamp), stamp)


def _send(to: str, letter: Letter, stamp: Stamp) -> None:
    mail.send(to=to, subject=letter.subject, text=letter.text, headers=stamp.headers)
