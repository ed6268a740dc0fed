"""Queued mail and real mail servers: ones that are down, hang, are busy, or refuse somebody."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from pytest_django import Settings

from consentry_server.outbox import actions as outbox
from consentry_server.outbox import queries
from tests.smtp import MailServer
from tests.world import THEN

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]
Start = Callable[[MailServer], MailServer]


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Let mail go to a server of this test."""
    with ExitStack() as stack:

        def start(server: MailServer) -> MailServer:
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
            return stack.enter_context(server.running())

        yield start


def put(to: str = "alice@example.org") -> int:
    return outbox.put(kind="mail.send", payload={"to": to, "subject": "Grüße", "text": "Täxt\n.\nend"}, now=THEN)


def outcome() -> tuple[int, int]:
    return len(list(queries.waiting())), len(list(queries.dead()))


def test_a_mail_arrives_as_it_was_written(start: Start, drain: Drain) -> None:
    server = start(MailServer())
    put()
    drain()
    ((to, mail),) = server.taken
    body = mail.get_body()
    assert body is not None
    assert (to, mail["Subject"], body.get_content()) == ("alice@example.org", "Grüße", "Täxt\n.\nend\n")


def test_242_of_many_addresses_the_bad_one_is_dead_and_all_others_get_one_mail(start: Start, drain: Drain) -> None:
    server = start(MailServer())
    server.refused = {"n7@example.org": "550 no such box", "n8@example.org": "450 come back later"}
    for n in range(20):
        put(f"n{n}@example.org")
    drain(THEN)
    assert outcome() == (1, 1)
    del server.refused["n8@example.org"]
    drain()
    assert sorted(to for to, _ in server.taken) == sorted(f"n{n}@example.org" for n in range(20) if n != 7)


def test_244_a_server_that_never_answers_costs_a_time_out_and_no_mail(
    start: Start, drain: Drain, settings: Settings
) -> None:
    assert settings.EMAIL_TIMEOUT == 10
    settings.EMAIL_TIMEOUT = 0.2
    server = start(MailServer(mute=True))
    put()
    assert drain(THEN) == 1
    assert outcome() == (1, 0)
    server.mute = False
    drain()
    assert len(server.taken) == 1


def test_a_server_that_is_down_loses_nothing(start: Start, drain: Drain, settings: Settings) -> None:
    server = start(MailServer())
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = unused.getsockname()[1]
        put()
        drain(THEN)
    assert outcome() == (1, 0)
    settings.EMAIL_PORT = server.port
    drain()
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ({"hello": "421 too busy"}, (1, 0)),
        ({"hello": "554 go away"}, (1, 0)),
        ({"hello": "\x00\x01 what"}, (1, 0)),
        ({"mail": "550 who are you"}, (1, 0)),
        ({"data": "451 later"}, (1, 0)),
        ({"data": "554 no"}, (0, 1)),
        ({"end": "452 no room"}, (1, 0)),
        ({"end": "550 spam"}, (0, 1)),
    ],
)
def test_what_a_server_answers_decides_between_later_and_never(
    start: Start, drain: Drain, answers: dict[str, str], left: tuple[int, int]
) -> None:
    start(MailServer(**answers))
    put()
    drain(THEN)
    assert outcome() == left
