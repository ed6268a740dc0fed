"""One mail to one person, and what a mail server may say to it."""

import smtplib
import socket
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage

from consentry_server.mail import actions as mail
from consentry_server.outbox import actions as outbox
from consentry_server.outbox import queries
from tests.world import THEN

Drain = Callable[..., int]


def send(**changed: str) -> None:
    mail.send(**{"to": "alice@example.org", "subject": "Hello", "text": "Text"} | changed)


def answering(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let the mail box, the one seam, answer with that."""

    def refuse(self: EmailMessage) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", refuse)


def test_a_mail_goes_out_as_plain_text(mailoutbox: list[EmailMessage]) -> None:
    send(subject="Grüße", text="Täxt\n")
    (sent,) = mailoutbox
    assert (sent.to, sent.subject, sent.body) == (["alice@example.org"], "Grüße", "Täxt\n")
    assert sent.message().get_content_type() == "text/plain"


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "alice@example.org\nBcc: eve@example.org"},
        {"to": "alice@example.org, eve@example.org"},
        {"to": "Alice <alice@example.org>"},
        {"to": ""},
        {"to": "alice"},
        {"subject": "Hello\nBcc: eve@example.org"},
        {"subject": "Hello\r\n\r\nbody"},
    ],
)
def test_nobody_else_can_be_written_in(changed: dict[str, str], mailoutbox: list[EmailMessage]) -> None:
    with pytest.raises(mail.MailRefused):
        send(**changed)
    assert mailoutbox == []


def test_a_header_cannot_hold_another(mailoutbox: list[EmailMessage]) -> None:
    with pytest.raises(mail.MailRefused):
        mail.send(
            to="a@example.org", subject="s", text="t", headers={"Reply-To": "x@example.org\nBcc: eve@example.org"}
        )
    assert mailoutbox == []


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        socket.gaierror(),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPConnectError(421, b"busy"),
        smtplib.SMTPAuthenticationError(535, b"wrong password"),
        smtplib.SMTPSenderRefused(550, b"who are you", "noreply@example.org"),
        smtplib.SMTPDataError(451, b"later"),
        smtplib.SMTPRecipientsRefused({"alice@example.org": (450, b"greylisted")}),
    ],
)
def test_a_server_that_may_take_it_later_is_told_apart(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    answering(monkeypatch, error)
    with pytest.raises(mail.MailServerDown) as caught:
        send()
    assert "alice" not in caught.value.detail


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"alice@example.org": (550, b"no such alice")}),
        smtplib.SMTPDataError(554, b"spam"),
    ],
)
def test_a_mail_that_is_refused_for_good_is_told_apart(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    answering(monkeypatch, error)
    with pytest.raises(mail.MailRefused) as caught:
        send()
    assert "alice" not in caught.value.detail


def put(to: str = "alice@example.org") -> int:
    return outbox.put(kind="mail.send", payload={"to": to, "subject": "s", "text": "t"}, now=THEN)


@pytest.mark.django_db
def test_a_queued_mail_is_sent_once_and_answers_itself_to_no_robot(
    drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    effect_id = put()
    drain(), drain()
    (sent,) = mailoutbox
    assert sent.message()["Message-ID"] == f"<effect-{effect_id}@testserver>"
    assert sent.message()["Auto-Submitted"] == "auto-generated"


@pytest.mark.django_db
def test_242_one_bad_address_among_many_stops_nobody(drain: Drain, mailoutbox: list[EmailMessage]) -> None:
    for to in ("a@example.org", "not an address", "b@example.org"):
        put(to)
    drain()
    assert [mail.to for mail in mailoutbox] == [["a@example.org"], ["b@example.org"]]
    assert [entry.reason for entry in queries.dead()] == ["This is not an e-mail address."]


@pytest.mark.django_db
def test_a_mail_server_that_is_down_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    put()
    with monkeypatch.context() as down:
        answering(down, ConnectionRefusedError())
        drain(THEN)
    (waiting,) = queries.waiting()
    assert waiting.reason == "The mail server cannot be reached: ConnectionRefusedError."
    assert drain(waiting.due_at) == 1
    assert len(mailoutbox) == 1
