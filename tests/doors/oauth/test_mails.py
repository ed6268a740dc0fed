"""The mails about apps: who gets which, and what is in none of them."""

import re
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage

from consentry_server.outbox.models import Effect
from consentry_server.tokens.models import Family
from tests.doors.oauth.app import App, answer
from tests.doors.oauth.conftest import Clock
from tests.doors.web.person import Person
from tests.world import World, leave

Mails = Callable[[], list[EmailMessage]]


@pytest.fixture
def mails(drain: Callable[..., int], mailoutbox: list[EmailMessage], clock: Clock) -> Mails:
    """The mails that were sent so far, once the worker has done its work by the clock of the test."""

    def sent() -> list[EmailMessage]:
        drain(clock.now)
        return mailoutbox

    return sent


_SECRET = re.compile(r"\bcs[a-z][0-9A-Za-z]{20,}")


def to(mails: list[EmailMessage], who: str) -> list[EmailMessage]:
    return [mail for mail in mails if mail.to == [f"{who}@example.org"]]


def text(mail: EmailMessage) -> str:
    return f"{mail.subject}\n{mail.body}\n{mail.extra_headers}"


def reuse(app: App, person: Person, clock: Clock) -> dict[str, str]:
    """Use a refresh token, and use it again after the time in which that is forgiven."""
    first = app.tokens(person)
    second: dict[str, str] = app.refresh(first["refresh_token"]).json()
    clock.move(seconds=61)
    assert app.refresh(first["refresh_token"]).json() == {"error": "invalid_grant"}
    return first | {f"second_{name}": value for name, value in second.items()}


def test_a_member_is_told_once_that_they_let_an_app_in(alice: Person, app: App, mails: Mails) -> None:
    tokens = app.tokens(alice)
    app.tokens(alice, approval_prompt="force")
    app.refresh(tokens["refresh_token"])
    sent = mails()

    assert [mail.to for mail in sent] == [["alice@example.org"]]
    assert sent[0].subject == 'You let "Tracker" in'
    assert 'You, alice, have let the app "Tracker" in on http://testserver.' in sent[0].body
    assert "http://testserver/member/me/connections/" in sent[0].body
    assert "http://testserver/activity/tracker/" in sent[0].body
    assert sent[0].extra_headers["Auto-Submitted"] == "auto-generated"


def test_who_comes_back_after_leaving_is_told_again(world: World, alice: Person, app: App, mails: Mails) -> None:
    app.tokens(alice)
    leave(Family.objects.get().authorization)
    app.tokens(alice)

    welcomes = [mail for mail in to(mails(), "alice") if mail.subject == 'You let "Tracker" in']
    assert len(welcomes) == 1  # the first had not gone out before she left, and would have been untrue


def test_saying_no_is_nothing_to_be_told_of(alice: Person, app: App, mails: Mails) -> None:
    answer(alice, app.send(alice), cancel="cancel")

    assert mails() == []


def test_092_a_token_used_twice_is_told_to_member_and_coordinator(
    alice: Person, app: App, mails: Mails, clock: Clock
) -> None:
    reuse(app, alice, clock)
    sent = [mail for mail in mails() if mail.subject != 'You let "Tracker" in']

    assert sorted(mail.to[0] for mail in sent) == ["alice@example.org", "coordinator@example.org"]
    (member,), (coordinator,) = to(sent, "alice"), to(sent, "coordinator")
    assert member.subject == 'We ended the access of "Tracker" to your account'
    assert "account alice" in member.body
    assert "http://testserver/member/me/access-log/" in member.body
    assert coordinator.subject == 'A token of your app "Tracker" was used twice'
    assert "http://testserver/direct-sharing/projects/oauth2/tracker/" in coordinator.body


def test_092_the_address_in_the_mail_is_the_page_of_the_app(
    alice: Person, coordinator: Person, app: App, mails: Mails, clock: Clock
) -> None:
    reuse(app, alice, clock)
    (mail,) = to(mails(), "coordinator")
    found = re.search(r"http://testserver(/direct-sharing/\S+)", mail.body)
    assert found is not None

    assert coordinator.get(found[1]).status_code == 200


def test_092_reuse_is_told_once_however_often_the_token_comes_back(
    alice: Person, app: App, mails: Mails, clock: Clock
) -> None:
    old = reuse(app, alice, clock)["refresh_token"]
    for _ in range(3):
        assert app.refresh(old).status_code == 400

    assert len(to(mails(), "coordinator")) == 1
    assert len(to(mails(), "alice")) == 2


@pytest.mark.parametrize("shares_username", [True, False])
def test_247_no_mail_carries_a_token_or_a_secret_and_none_tells_the_coordinator_who(
    world: World, alice: Person, app_of: Callable[..., App], mails: Mails, clock: Clock, shares_username: bool
) -> None:
    app = app_of(request_username_access=shares_username)
    tokens = reuse(app, alice, clock)
    found = [value for name, value in tokens.items() if name.endswith(("access_token", "refresh_token"))]
    number = Family.objects.get().authorization.project_member.number
    sent = mails()

    assert len(found) == 4

    assert len(sent) == 3
    for mail in sent:
        assert not _SECRET.search(text(mail))
        for secret in (*found, app.secret):
            assert secret not in text(mail)
    (told,) = to(sent, "coordinator")
    for name in ("alice", world.alice.email, world.alice.name, number):
        assert name not in text(told)
    assert told.cc == told.bcc == []


def test_028_what_the_outbox_keeps_of_a_mail_holds_no_token(
    alice: Person, app: App, clock: Clock, mails: Mails
) -> None:
    tokens = reuse(app, alice, clock)
    mails()
    kept = str(list(Effect.objects.values()))

    assert not _SECRET.search(kept)
    assert tokens["access_token"] not in kept
