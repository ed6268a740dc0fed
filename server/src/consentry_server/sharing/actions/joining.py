"""Join, authorize, change, mute: each one transaction, each in the trail."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, NotFound, Refused
from consentry_server.common.ids import new_member_number
from consentry_server.projects import actions as projects
from consentry_server.projects import queries as project_queries
from consentry_server.sharing import queries
from consentry_server.sharing.models import Authorization, Consent, Grant, ProjectMember
from consentry_server.sharing.rules import UNAPPROVED_CAP, Ask


class AskChanged(Conflict):
    """What the project asks for is no longer what the member was shown."""

    def __init__(self) -> None:
        super().__init__(gettext("This project has changed what it asks for. Please read it again."))


@transaction.atomic
def join(*, member_id: int, project_id: int, shown: str, now: datetime) -> ProjectMember:
    """Agree to a project's consent text, whose hash was `shown`. Nothing is shared yet.

    Raises AskChanged if the text is another by now.
    """
    if queries.ask(project_id).text_sha256 != shown:
        raise AskChanged
    seat = queries.locked_seat(member_id=member_id, project_id=project_id)
    if seat is None:
        seat = _new_seat(member_id=member_id, project_id=project_id, now=now)
    seat.joined_at, seat.joined_text_sha256 = now, shown
    seat.save(update_fields=["joined_at", "joined_text_sha256"])
    record(name="sharing.join", actor=f"member:{member_id}", about=f"project:{project_id}", now=now)
    return seat


def _new_seat(*, member_id: int, project_id: int, now: datetime) -> ProjectMember:
    """Draw a number until it is a free one: the database decides, not a look before."""
    while True:
        try:
            with transaction.atomic():
                return ProjectMember.objects.create(
                    member_id=member_id,
                    project_id=project_id,
                    number=new_member_number(),
                    created_at=now,
                )
        except IntegrityError:
            taken = queries.seat(member_id=member_id, project_id=project_id)
            if taken is not None:  # a second click was faster
                return taken


@transaction.atomic
def authorize(*, member_id: int, project_id: int, shown: str, hidden: bool, now: datetime) -> Authorization:
    """Let a project in to exactly the ask whose hash was `shown`; a member who is in agrees anew.

    Raises AskChanged if the ask is another by now, NotFound before joining, NoSeat at the cap,
    and Refused while the account is shut.
    """
    project = project_queries.locked(project_id)
    ask = queries.ask(project_id)
    seat = queries.locked_seat(member_id=member_id, project_id=project_id)
    if seat is None or seat.joined_at is None:
        raise NotFound(gettext("Join this project first."))
    if shown != ask.sha256 or seat.joined_text_sha256 != ask.text_sha256:
        raise AskChanged
    authorization = queries.live(member_id=member_id, project_id=project_id)
    if authorization is None:
        authorization = _enter(seat, exempt=project.coordinator_id == member_id, now=now)
    _set_hidden(seat, hidden=hidden, now=now)
    _agree(authorization, ask=ask, now=now)
    return authorization


def _enter(seat: ProjectMember, *, exempt: bool, now: datetime) -> Authorization:
    """Take a place in the project for a member who is not in; one whose account is shut waits."""
    if queries.is_suspended(seat):
        raise Refused(gettext("Your account is shut at the moment, so you cannot share anything."))
    projects.take_seat(project_id=seat.project_id, cap=None if exempt else UNAPPROVED_CAP)
    return Authorization(member_id=seat.member_id, project_id=seat.project_id, project_member=seat, authorized_at=now)


def _agree(authorization: Authorization, *, ask: Ask, now: datetime) -> None:
    """Grant what the ask names, and keep the consent. The same click twice leaves one record."""
    consent = queries.last_consent(authorization) if authorization.pk else None
    if consent is not None and consent.sha256 == ask.sha256:
        return
    authorization.username_shared, authorization.all_sources = ask.username, ask.all_sources
    authorization.save()
    authorization.grants.all().delete()
    Grant.objects.bulk_create(Grant(authorization=authorization, source_id=source) for source, _ in ask.sources)
    Consent.objects.create(
        authorization=authorization,
        text=ask.consent_text,
        request=ask.canonical(),
        sha256=ask.sha256,
        agreed_at=now,
    )
    actor, about = f"member:{authorization.member_id}", f"project:{authorization.project_id}"
    record(name="sharing.authorize", actor=actor, about=about, now=now, consent=ask.sha256)


@transaction.atomic
def decline(*, member_id: int, project_id: int, now: datetime) -> None:
    """Say no: whoever never shared anything leaves no row; whoever shares goes on as before."""
    seat = queries.locked_seat(member_id=member_id, project_id=project_id)
    if seat is not None and not seat.authorizations.exists():
        seat.delete()
    record(name="sharing.decline", actor=f"member:{member_id}", about=f"project:{project_id}", now=now)


@transaction.atomic
def set_hidden(*, member_id: int, project_id: int, hidden: bool, now: datetime) -> None:
    """Show or hide a member in public lists of a project's members."""
    seat = queries.locked_seat(member_id=member_id, project_id=project_id)
    if seat is None:
        raise NotFound(gettext("You are not a member of this project."))
    _set_hidden(seat, hidden=hidden, now=now)


def _set_hidden(seat: ProjectMember, *, hidden: bool, now: datetime) -> None:
    if hidden != (seat.hidden_at is not None):
        seat.hidden_at = now if hidden else None
        seat.save(update_fields=["hidden_at"])


@transaction.atomic
def set_muted(*, seat_id: int, muted: bool, now: datetime) -> None:
    """Have a project's messages mailed to a member no more, or again. Once more is the same."""
    rows = ProjectMember.objects.filter(id=seat_id, muted_at__isnull=muted)
    if rows.update(muted_at=now if muted else None):
        name = "sharing.mute" if muted else "sharing.unmute"
        record(name=name, actor="member", about=f"seat:{seat_id}", now=now)
