"""Mail about accounts: queued with the request, sent by the worker."""

from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage

from consentry_server.outbox.models import Effect
from tests.doors.web.conftest import Mails
from tests.doors.web.person import Person
from tests.doors.web.test_accounts import DATA, NEWCOMER, link


def nobody_answers(self: EmailMessage) -> int:
    raise ConnectionRefusedError


def test_244_a_mail_server_that_is_down_neither_fails_a_sign_up_nor_loses_its_mail(
    anybody: Person, drain: Callable[[], int], mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as down:
        down.setattr(EmailMessage, "send", nobody_answers)
        answer = anybody.post("/account/signup/", **NEWCOMER)
        assert answer.headers["Location"] == "/account/confirm-email/"
        assert drain() == 1
    effect = Effect.objects.get()
    assert (effect.finished_at, effect.dead_at) == (None, None)
    Effect.objects.update(due_at=effect.put_at)
    (mail,) = mails()
    assert anybody.post(link(mail)).headers["Location"] == DATA


def test_no_request_waits_for_the_mail_server(anybody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[EmailMessage] = []
    monkeypatch.setattr(EmailMessage, "send", called.append)
    anybody.post("/account/signup/", **NEWCOMER)
    anybody.post("/account/password/reset/", email="alice@example.org")
    assert Effect.objects.count() == 2
    assert called == []


def test_011_a_link_to_a_new_password_cannot_be_read_in_the_database(anybody: Person, mails: Mails) -> None:
    anybody.post("/account/password/reset/", email="alice@example.org")
    waiting = str(Effect.objects.values().get())
    (mail,) = mails()
    sent = str(Effect.objects.values().get())
    for secret in (link(mail), "alice@example.org"):
        assert secret not in waiting
        assert secret not in sent
