"""Reads of messages, and of the members who may get one."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, QuerySet

from consentry_server.members import queries as members
from consentry_server.messaging.models import Delivery, Message, Reply
from consentry_server.messaging.rules import Parties, read_mute_ticket
from consentry_server.sharing import queries as sharing

_PAGE = 500  # deliveries in one transaction


class Due(NamedTuple):
    """One message on its way to one member. `open` says whether they may get it, `by_mail` whether by mail too."""

    subject: str
    text: str
    parties: Parties
    open: bool
    by_mail: bool


def due(delivery_id: int) -> Due | None:
    """Return a delivery that is neither sent nor withheld."""
    related = Delivery.objects.select_related("message", "authorization")
    found = related.filter(id=delivery_id, sent_at=None, withheld_at=None).first()
    if found is None:
        return None
    between = parties(found.authorization_id)
    wanted = sharing.may_write_to(found.authorization_id)
    by_mail = members.wants(found.authorization.member_id, "messages")
    return Due(found.message.subject, found.message.text, between, wanted, by_mail)


def parties(authorization_id: int) -> Parties:
    """Return who is on both sides of an authorization, live or ended."""
    found = sharing.between(authorization_id)
    return Parties(
        seat_id=found.project_member_id,
        number=found.project_member.number,
        username=found.member.username,
        address=found.member.email if found.member.is_active else "",
        project=found.project.name,
        slug=found.project.slug,
        contact=found.project.contact_email,
        language=found.member.language,
        contact_language=members.language_of(found.project.coordinator_id),
    )


def locked(message_id: int) -> Message | None:
    """Return a message that no other transaction changes until this one ends."""
    return Message.objects.select_for_update().filter(id=message_id).first()


def to_queue(message_id: int) -> list[int]:
    """Return the next deliveries of a message that have no effect of their own yet, one page of them."""
    rows = Delivery.objects.filter(message_id=message_id, queued_at=None).order_by("id")
    return list(rows.values_list("id", flat=True)[:_PAGE])


def sent_form(*, project_id: int, once: str) -> bool:
    """Say whether this filled-in form has been sent already."""
    return Message.objects.filter(project_id=project_id, once=once).exists()


def history(project_id: int) -> QuerySet[Message]:
    """Return what a project wrote, the latest first; each with how many got it and how many did not want it."""
    rows = Message.objects.filter(project_id=project_id).order_by("-id")
    counted = rows.annotate(sent=Count("deliveries__sent_at"), withheld=Count("deliveries__withheld_at"))
    return counted.annotate(waiting=F("recipients") - F("sent") - F("withheld"))


def received(member_id: int) -> QuerySet[Delivery]:
    """Return the messages that were sent to a member, the latest first."""
    rows = Delivery.objects.filter(authorization__member_id=member_id).exclude(sent_at=None)
    related = rows.select_related("message__project", "authorization__project_member")
    return related.order_by("-sent_at", "-id")


def replies_since(*, seat_id: int, since: datetime) -> int:
    """Return how often a member wrote to a project since then."""
    return Reply.objects.filter(authorization__project_member_id=seat_id, written_at__gt=since).count()


def muting(key: bytes, ticket: str) -> Any:
    """Return the seat whose link to mute this is, with its project at hand; None if we never sent it."""
    seat_id = read_mute_ticket(key, ticket)
    return None if seat_id is None else sharing.seat_by_id(seat_id)


def unsent_reply(reply_id: int) -> Reply | None:
    """Return what a member wrote, if it is not mailed yet."""
    return Reply.objects.filter(id=reply_id, sent_at=None).first()
