"""A message on its way: put down in one transaction, asked again at the door, sent once to each."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.common.errors import Invalid, NotFound
from consentry_server.files import actions as files
from consentry_server.mail.actions import MailServerDown
from consentry_server.messaging import actions, queries
from consentry_server.messaging.models import Delivery, Message, Reply
from consentry_server.messaging.rules import REPLIES_A_DAY, Draft, Site
from consentry_server.outbox.models import Effect
from consentry_server.sharing import actions as sharing
from consentry_server.sharing.models import Authorization
from tests.doors.api.test_statements import crowd
from tests.world import THEN, World, authorize, leave

Drain = Callable[..., int]
MEMBERS = int(os.environ.get("MEMBERS", "1200"))  # of the project that writes to all of them
SITE = Site("http://testserver", "noreply@localhost", b"k" * 32)


def write(world: World, *numbers: str, once: str = "", text: str = "Hello") -> None:
    draft = Draft(not numbers, numbers, "", text)
    actions.write(project_id=world.study.pk, draft=draft, actor="test", now=THEN, once=once)


def receivers(box: list[EmailMessage]) -> list[str]:
    return sorted(address for mail in box for address in mail.to)


def states(message: Message | None = None) -> tuple[int, int, int]:
    found = queries.history((message or Message.objects.get()).project_id).get()
    return found.recipients, found.sent, found.withheld  # type: ignore[attr-defined]


def refusing(monkeypatch: pytest.MonkeyPatch, error: Exception, *addresses: str) -> None:
    """Let the mail box, the one seam, refuse these addresses."""
    send = EmailMessage.send

    def choose(self: EmailMessage) -> int:
        if self.to[0] in addresses:
            raise error
        return send(self)

    monkeypatch.setattr(EmailMessage, "send", choose)


@pytest.mark.parametrize("goes", ["left", "removed", "suspended", "closed", "muted"])
def test_whoever_went_or_muted_meanwhile_gets_none(
    world: World, drain: Drain, mailoutbox: list[EmailMessage], goes: str
) -> None:
    write(world)
    match goes:
        case "left":
            leave(world.of_alice)
        case "removed":
            sharing.remove(project_id=world.study.pk, numbers=[world.alice_number], now=THEN)
        case "suspended":
            files.suspend(member_id=world.alice.pk, suspended=True, actor="test", now=THEN)
        case "closed":
            files.close_account(member_id=world.alice.pk, now=THEN)
        case "muted":
            sharing.set_muted(seat_id=world.of_alice.project_member_id, muted=True, now=THEN)
    drain()

    assert "alice@example.org" not in receivers(mailoutbox)
    assert "bob@example.org" in receivers(mailoutbox)
    assert states() == (2, 1, 1)


def test_whoever_comes_back_is_not_sent_what_was_written_before(
    world: World, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    write(world, world.alice_number)
    leave(world.of_alice)
    authorize(world.alice, world.study)
    drain()

    assert mailoutbox == []


def test_whoever_joins_later_is_not_written_to(world: World, drain: Drain, mailoutbox: list[EmailMessage]) -> None:
    write(world)
    authorize(world.joiner, world.study)
    drain()

    assert "joiner@example.org" not in receivers(mailoutbox)


def test_257_each_step_done_twice_sends_one_mail(world: World, mailoutbox: list[EmailMessage]) -> None:
    write(world)
    message = Message.objects.get()
    for _ in range(3):
        actions.queue(message_id=message.pk, now=THEN)
    for effect in Delivery.objects.all():
        for _ in range(3):
            actions.deliver(delivery_id=effect.pk, site=SITE, now=THEN)

    assert Effect.objects.filter(kind="messaging.deliver").count() == 2
    assert receivers(mailoutbox) == ["alice@example.org", "bob@example.org"]


def test_242_an_address_that_fails_keeps_nobody_else_from_their_mail(
    world: World, drain: Drain, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(world)
    with monkeypatch.context() as broken:
        refusing(broken, OSError("away"), "alice@example.org")
        drain()
        assert receivers(mailoutbox) == ["bob@example.org"]
    drain(datetime.now(UTC) + timedelta(hours=1))
    drain(datetime.now(UTC) + timedelta(hours=2))

    assert receivers(mailoutbox) == ["alice@example.org", "bob@example.org"]
    assert states() == (2, 2, 0)


def test_no_transaction_is_open_while_the_mail_server_is_waited_for(
    world: World, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_blocks: list[int] = []
    blocks = len(connection.savepoint_ids)
    monkeypatch.setattr(
        "consentry_server.mail.actions.send", lambda **_: open_blocks.append(len(connection.savepoint_ids) - blocks)
    )
    write(world)
    actions.reply(member_id=world.alice.pk, project_id=world.study.pk, text="Hi", now=THEN)
    sharing_ended = world.bob_number
    drain()
    actions.remove_members(project_id=world.study.pk, numbers=(sharing_ended,), actor="test", now=THEN)
    drain()

    assert open_blocks == [0, 0, 0, 0]


def test_a_mail_whose_sending_was_not_noted_is_sent_again_under_the_same_name(
    world: World, mailoutbox: list[EmailMessage]
) -> None:
    write(world, world.alice_number)
    (delivery,) = Delivery.objects.all()
    actions.deliver(delivery_id=delivery.pk, site=SITE, now=THEN)
    Delivery.objects.update(sent_at=None)  # as after a kill in between
    actions.deliver(delivery_id=delivery.pk, site=SITE, now=THEN)

    first, second = (mail.extra_headers["Message-ID"] for mail in mailoutbox)
    assert first == second


def test_a_form_sent_twice_is_one_message(world: World, drain: Drain, mailoutbox: list[EmailMessage]) -> None:
    for _ in range(2):
        write(world, once="form-1")
    write(world, once="form-2")
    drain()

    assert Message.objects.count() == 2
    assert len(mailoutbox) == 4


@pytest.mark.parametrize("page", [1, 2, 3, 500])
def test_a_message_is_queued_in_pages_and_reaches_everybody_once(
    world: World, drain: Drain, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr("consentry_server.messaging.queries._PAGE", page)
    crowd(world, 5, 0)
    write(world)
    drain()

    assert len(receivers(mailoutbox)) == len(set(receivers(mailoutbox))) == 7
    assert states() == (7, 7, 0)


def test_no_transaction_grows_with_the_members(world: World) -> None:
    crowd(world, MEMBERS - 2, 0)
    with CaptureQueriesContext(connection) as written:
        write(world)
    message = Message.objects.get()
    assert message.recipients == Delivery.objects.count() == MEMBERS
    assert len(written) < MEMBERS / 50
    sizes = []
    while before := Delivery.objects.filter(queued_at=None).count():
        actions.queue(message_id=message.pk, now=THEN)
        sizes.append(before - Delivery.objects.filter(queued_at=None).count())

    assert max(sizes) <= 500
    assert sum(sizes) == MEMBERS
    assert Effect.objects.filter(kind="messaging.deliver").count() == MEMBERS


def test_a_message_to_nobody_is_kept_and_sends_nothing(
    world: World, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    Authorization.objects.update(revoked_at=THEN)
    write(world)
    drain()

    assert (Message.objects.get().recipients, mailoutbox) == (0, [])


def test_an_unknown_id_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(Invalid):
        write(world, world.alice_number, "99999999")

    assert not Message.objects.exists()
    assert not Effect.objects.filter(kind__startswith="messaging.").exists()


def test_members_find_what_was_sent_to_them_and_nothing_else(world: World, drain: Drain) -> None:
    write(world, text="to all")
    write(world, world.bob_number, text="to bob")
    assert list(queries.received(world.bob.pk)) == []
    drain()

    def texts(member: Any) -> list[str]:
        return [row.message.text for row in queries.received(member.pk)]

    assert texts(world.alice) == ["to all"]
    assert texts(world.bob) == ["to bob", "to all"]
    assert texts(world.joiner) == []


def answer(world: World, member: Any, *, now: datetime = THEN) -> None:
    actions.reply(member_id=member.pk, project_id=world.study.pk, text="I sleep badly.", now=now)


def test_a_members_answer_reaches_the_project_once_and_is_forgotten_here(
    world: World, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    answer(world, world.alice)
    drain()
    row = Reply.objects.get()
    actions.deliver_reply(reply_id=row.pk, site=SITE, now=THEN)

    (mail,) = mailoutbox
    assert mail.to == ["study@example.org"]
    assert "I sleep badly." in mail.body
    assert world.alice_number in mail.subject
    assert "alice" not in mail.message().as_string()
    assert row.text == ""


def test_a_member_writes_so_often_a_day_to_each_project(world: World) -> None:
    authorize(world.alice, world.other)
    for _ in range(REPLIES_A_DAY):
        answer(world, world.alice)
    with pytest.raises(actions.TooMany):
        answer(world, world.alice)
    leave(world.of_alice)
    authorize(world.alice, world.study)
    with pytest.raises(actions.TooMany):  # coming back does not begin a new count
        answer(world, world.alice)

    actions.reply(member_id=world.alice.pk, project_id=world.other.pk, text="Hi", now=THEN)
    answer(world, world.bob)
    answer(world, world.alice, now=THEN + timedelta(days=1, seconds=1))


def test_whoever_takes_no_part_writes_to_no_project(world: World) -> None:
    leave(world.of_bob)
    for member in (world.joiner, world.bob):
        with pytest.raises(NotFound):
            answer(world, member)


def test_a_removed_member_whose_account_is_shut_by_then_is_not_told(
    world: World, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    numbers = (world.alice_number, world.bob_number)
    actions.remove_members(project_id=world.study.pk, numbers=numbers, actor="test", now=THEN)
    files.suspend(member_id=world.alice.pk, suspended=True, actor="test", now=THEN)
    files.close_account(member_id=world.bob.pk, now=THEN)
    drain()

    assert mailoutbox == []


def test_a_mail_server_that_is_down_is_said_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write(world, world.alice_number)
    refusing(monkeypatch, OSError("away"), "alice@example.org")

    with pytest.raises(MailServerDown):
        actions.deliver(delivery_id=Delivery.objects.get().pk, site=SITE, now=THEN)
    assert states() == (1, 0, 0)


def test_a_link_to_mute_that_was_never_sent_mutes_nobody(world: World) -> None:
    with pytest.raises(NotFound):
        actions.mute(ticket=f"{world.of_alice.project_member_id}-{'0' * 32}", key=b"k" * 32, now=THEN)
