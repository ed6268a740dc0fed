"""Writing to members and to projects: queued in one transaction, asked again before each mail leaves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Invalid, NotFound, Refused
from consentry_server.mail import actions as mail
from consentry_server.mail.words import written_in
from consentry_server.members import queries as members
from consentry_server.messaging import queries, rules
from consentry_server.messaging.models import Delivery, Message, Reply
from consentry_server.messaging.rules import Draft, Letter, Site
from consentry_server.outbox import actions as outbox
from consentry_server.projects import actions as projects
from consentry_server.projects.queries import reviewing as project_queries
from consentry_server.sharing import actions as sharing
from consentry_server.sharing import queries as sharing_queries

_AT_ONCE = 1000  # deliveries written in one statement
_MAILS_AT_ONCE = 500  # effects put down in one transaction


class TooMany(Refused):
    """This member wrote to the project as often as they may for now."""


def write(*, project_id: int, draft: Draft, actor: str, now: datetime, once: str = "") -> None:
    """Send a message to members of a project: each mail leaves on its own, soon.

    `once` names a filled-in form: the same one again sends nothing. Raises Invalid; then nobody gets anything.
    """
    faults = rules.draft_faults(draft)
    if faults:
        raise Invalid({**faults})
    try:
        with transaction.atomic():
            _write(project_id=project_id, draft=draft, actor=actor, now=now, once=once)
    except IntegrityError:
        if not once or not queries.sent_form(project_id=project_id, once=once):
            raise


def _write(*, project_id: int, draft: Draft, actor: str, now: datetime, once: str) -> None:
    chosen = {"project_id": project_id, "subject": draft.subject, "text": draft.text, "to_all": draft.to_all}
    message = Message.objects.create(**chosen, written_at=now, once=once)
    message.recipients = _address(message, _recipients(project_id, draft))
    message.save(update_fields=["recipients"])
    about = f"project:{project_id}"
    outbox.put(kind="messaging.queue", payload={"message_id": message.pk}, now=now, about=about)
    record(name="message.write", actor=actor, about=about, now=now, message=message.pk, members=message.recipients)


def _recipients(project_id: int, draft: Draft) -> Iterable[int]:
    if draft.to_all:
        return sharing_queries.live_ids(project_id)
    found = sharing_queries.live_named(project_id=project_id, numbers=draft.numbers)
    unknown = [number for number in draft.numbers if number not in found]
    if unknown:
        raise Invalid(rules.unknown_fault(unknown))
    return found.values()


def _address(message: Message, authorizations: Iterable[int]) -> int:
    """Write down who gets a message, some at a time, and return how many they are."""
    count, rest = 0, iter(authorizations)
    while some := list(islice(rest, _AT_ONCE)):
        Delivery.objects.bulk_create(Delivery(message=message, authorization_id=each) for each in some)
        count += len(some)
    return count


@transaction.atomic
def queue(*, message_id: int, now: datetime) -> None:
    """Give each of the next deliveries of a message an effect of its own, and come back for the rest.

    Twice is as good as once: a delivery is queued in the transaction that says so.
    """
    message = queries.locked(message_id)
    ids = queries.to_queue(message_id) if message else []
    if message is None or not ids:
        return
    about = f"project:{message.project_id}"
    Delivery.objects.filter(id__in=ids).update(queued_at=now)
    for delivery_id in ids:
        outbox.put(kind="messaging.deliver", payload={"delivery_id": delivery_id}, now=now, about=about)
    outbox.put(kind="messaging.queue", payload={"message_id": message_id}, now=now, about=about)


def deliver(*, delivery_id: int, site: Site, now: datetime) -> None:
    """Mail a message to one member, unless they have left or muted the project since it was written.

    Raises what `mail.actions.send` raises. No transaction is open while the mail server is waited for.
    """
    due = queries.due(delivery_id)
    if due is None:
        return
    row = Delivery.objects.filter(id=delivery_id, sent_at=None, withheld_at=None)
    if not due.open:
        row.update(withheld_at=now)
        return
    if due.by_mail:
        with written_in(due.parties.language):
            letter = rules.message_letter(
                due.parties, delivery_id=delivery_id, given=due.subject, text=due.text, site=site
            )
        _send(letter)
    row.update(sent_at=now)


def _send(letter: Letter) -> None:
    mail.send(to=letter.to, subject=letter.subject, text=letter.text, headers=letter.headers)


@transaction.atomic
def remove_members(*, project_id: int, numbers: tuple[str, ...], actor: str, now: datetime) -> None:
    """End what members share with a project that removes them, and have each of them told. Their files stay.

    Raises Invalid; then nobody is removed.
    """
    faults = rules.removal_faults(numbers)
    if faults:
        raise Invalid({**faults})
    try:
        ended = sharing.remove(project_id=project_id, numbers=numbers, now=now)
    except sharing.UnknownNumbers as unknown:
        raise Invalid(rules.unknown_fault(unknown.numbers)) from None
    about = f"project:{project_id}"
    record(name="project.remove_members", actor=actor, about=about, now=now, members=len(ended))
    for authorization_id in ended:
        payload = {"authorization_id": authorization_id}
        outbox.put(kind="messaging.removed", payload=payload, now=now, about=about)


def tell_removed(*, authorization_id: int, site: Site) -> None:
    """Mail to a member that a project has removed them, unless their account is shut by now."""
    between = queries.parties(authorization_id)
    if between.address and members.wants(sharing_queries.between(authorization_id).member_id, "removals"):
        with written_in(between.language):
            letter = rules.removal_letter(between, authorization_id=authorization_id, site=site)
        _send(letter)


@transaction.atomic
def announce(*, announcement_id: int, now: datetime) -> None:
    """Give the next members of a project a mail each about what they are to be told, and come back for the rest.

    Twice is as good as once: how far it got is kept in the same transaction.
    """
    row = project_queries.locked_announcement(announcement_id)
    some = sharing_queries.live_after(row.project_id, None, seat_id=row.told_up_to, limit=_MAILS_AT_ONCE)
    if not some:
        return
    payload, about = {"announcement_id": announcement_id}, f"project:{row.project_id}"
    for member in some:
        one = payload | {"authorization_id": member.authorization_id}
        outbox.put(kind="messaging.announcement", payload=one, now=now, about=about)
    projects.told(announcement_id=announcement_id, up_to=some[-1].seat_id)
    outbox.put(kind="messaging.announce", payload=payload, now=now, about=about)


def tell(*, announcement_id: int, authorization_id: int, site: Site) -> None:
    """Mail to one member what became of a project, unless they left it or want no mail about it."""
    if sharing_queries.may_write_to(authorization_id):
        kind = project_queries.announcement(announcement_id).kind
        between = queries.parties(authorization_id)
        name = f"{announcement_id}:{authorization_id}"
        with written_in(between.language):
            letter = rules.announcement_letter(between, kind=kind, name=name, site=site)
        _send(letter)


def reply(*, member_id: int, project_id: int, text: str, now: datetime) -> None:
    """Send what a member writes to a project, which learns their number only.

    Raises NotFound for whoever does not take part, and TooMany.
    """
    with transaction.atomic():
        seat = sharing_queries.locked_seat(member_id=member_id, project_id=project_id)
        live = sharing_queries.live(member_id=member_id, project_id=project_id)
        if seat is None or live is None:
            raise NotFound(gettext("You do not take part in this project."))
        if queries.replies_since(seat_id=seat.pk, since=now - timedelta(days=1)) >= rules.REPLIES_A_DAY:
            raise TooMany(
                gettext("You can write to a project {most} times a day. Try again tomorrow.").format(
                    most=rules.REPLIES_A_DAY
                )
            )
        row = Reply.objects.create(authorization=live, text=text, written_at=now)
        about = f"project:{project_id}"
        outbox.put(kind="messaging.reply", payload={"reply_id": row.pk}, now=now, about=about)
        record(name="message.reply", actor=f"member:{member_id}", about=about, now=now)


def deliver_reply(*, reply_id: int, site: Site, now: datetime) -> None:
    """Mail what a member wrote to the project, and forget the words."""
    row = queries.unsent_reply(reply_id)
    if row is None:
        return
    between = queries.parties(row.authorization_id)
    with written_in(between.contact_language):
        letter = rules.reply_letter(between, reply_id=reply_id, text=row.text, site=site)
    _send(letter)
    Reply.objects.filter(id=reply_id).update(sent_at=now, text="")


def mute(*, ticket: str, key: bytes, now: datetime) -> None:
    """End a project's mail to whoever got this link. Raises NotFound if we never sent it."""
    seat_id = rules.read_mute_ticket(key, ticket)
    if seat_id is None:
        raise NotFound(gettext("There is no such link."))
    sharing.set_muted(seat_id=seat_id, muted=True, now=now)
