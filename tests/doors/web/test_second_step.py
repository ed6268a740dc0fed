"""The second step of logging in, where somebody is logged in, and which mail they get."""

import re
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.admin import AdminSite
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.test import RequestFactory
from pytest_django import Settings

from consentry_server.messaging import actions as messaging
from consentry_server.messaging.rules import Draft
from consentry_server.staff.site import pages
from tests.doors.web.person import Person, seen
from tests.world import PASSWORD, THEN, World

SETTINGS, STEP, LOGIN = "/member/me/account-settings/", "/account/second-step/", "/account/login/"
Mails = Callable[[], list[EmailMessage]]
Visit = Callable[..., Person]


def code(secret: str, *, steps: int = 0) -> str:
    """Return what an app shows now, or so many half minutes later (RFC 6238)."""
    return str(format_hotp_value(hotp_value(secret, int(totp.time.time()) // 30 + steps)))


@pytest.fixture(autouse=True)
def _one_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of codes: one that is made in one half minute is not taken in the next."""
    now = time.time()
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: now))


def confirmed(person: Person) -> Person:
    """Show once more that it is them, as the pages of the second step ask for."""
    assert person.post("/account/reauthenticate/", password=PASSWORD).status_code == 302
    return person


@pytest.fixture
def secret(alice: Person, django_capture_on_commit_callbacks: Any) -> str:
    """Turn codes on for alice; return the key that her app has."""
    page = confirmed(alice).get(f"{STEP}codes/on/").text
    found = re.search(r'<code class="hash">([A-Z2-7]+)</code>', page)
    assert found is not None
    with django_capture_on_commit_callbacks(execute=True):
        assert alice.post(f"{STEP}codes/on/", code=code(found[1])).status_code == 302
    return found[1]


def log_in(person: Person, password: str = PASSWORD) -> httpx.Response:
    return person.post(LOGIN, login="alice", password=password)


def test_a_password_alone_lets_nobody_in_any_more(alice: Person, anybody: Person, secret: str) -> None:
    assert log_in(anybody).headers["Location"] == f"{STEP}authenticate/"
    assert anybody.get(SETTINGS).headers["Location"].startswith(LOGIN)
    assert anybody.post(f"{STEP}authenticate/", code="000000").status_code == 200
    assert anybody.get(SETTINGS).headers["Location"].startswith(LOGIN)
    assert anybody.post(f"{STEP}authenticate/", code=code(secret, steps=0)).status_code == 302
    assert "On: your password alone lets nobody in." in seen(anybody.get(SETTINGS))


def test_the_key_of_the_app_is_sealed_in_the_database(secret: str) -> None:
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)


def test_the_same_code_works_once(anybody: Person, visit: Visit, secret: str) -> None:
    used = code(secret)
    log_in(anybody)
    assert anybody.post(f"{STEP}authenticate/", code=used).status_code == 302
    other = visit()
    log_in(other)
    assert other.post(f"{STEP}authenticate/", code=used).status_code == 200
    assert other.get(SETTINGS).headers["Location"].startswith(LOGIN)


def kept_codes(person: Person) -> list[str]:
    """Make codes to keep and return them, as the page shows them once."""
    confirmed(person)
    assert person.post(f"{STEP}kept/make/").status_code == 302
    return re.findall(r"<li><code>([0-9]+)</code>", person.get(f"{STEP}kept/").text)


def test_119_a_kept_code_gets_in_once_and_is_shown_once(alice: Person, visit: Visit, secret: str) -> None:
    codes = kept_codes(alice)
    assert len(set(codes)) == 10
    assert re.findall(r"<li><code>", alice.get(f"{STEP}kept/").text) == []
    for times, inside in ((1, True), (2, False)):
        person = visit()
        log_in(person)
        person.post(f"{STEP}authenticate/", code=codes[0])
        assert (person.get(SETTINGS).status_code == 200) is inside, times
    assert not any(kept in str(row.data) for row in Authenticator.objects.all() for kept in codes)


def test_turning_it_on_is_told_by_mail(alice: Person, secret: str, mails: Mails) -> None:
    told = [mail for mail in mails() if mail.subject == "Codes from an app are on for your account"]
    assert [mail.to for mail in told] == [["alice@example.org"]]
    assert secret not in told[0].body


def test_it_is_not_changed_without_the_password_again(alice: Person) -> None:
    for page in ("codes/on/", "keys/add/"):
        assert alice.get(f"{STEP}{page}").headers["Location"].startswith("/account/reauthenticate/")


def test_118_what_no_key_signed_adds_no_key(alice: Person) -> None:
    confirmed(alice)
    for credential in ("", "{}", "null", "[1]", '{"id":"x","rawId":"x","response":{},"type":"public-key"}', "x" * 5000):
        answer = alice.post(f"{STEP}keys/add/", name="Key", credential=credential)
        assert answer.status_code == 200, credential
    assert not Authenticator.objects.exists()


def test_118_what_no_key_signed_lets_nobody_in(anybody: Person) -> None:
    for credential in ("", "{}", "null", "[1]", '{"id":"x","rawId":"x","response":{},"type":"public-key"}'):
        answer = anybody.post(f"{STEP}keys/login/", credential=credential)
        assert answer.status_code in (200, 302), credential
        assert anybody.get(SETTINGS).status_code == 302


def test_where_i_am_logged_in_is_listed_and_ended(world: World, alice: Person, visit: Visit) -> None:
    other = visit()
    log_in(other)
    log_in(alice_again := visit())
    assert seen(alice_again.get("/account/sessions/")).count("UTC") == 0
    assert "Log out everywhere else" in seen(alice_again.get("/account/sessions/"))
    alice_again.post("/account/sessions/")
    assert other.get(SETTINGS).status_code == 302
    assert alice_again.get(SETTINGS).status_code == 200


def test_bob_ends_nobodys_sessions_but_his_own(world: World, visit: Visit, bob: Person) -> None:
    log_in(person := visit())
    bob.post("/account/sessions/")
    assert person.get(SETTINGS).status_code == 200
    assert Session.objects.count() >= 2


def test_mail_that_somebody_does_without_is_not_sent_and_still_on_the_site(
    world: World, alice: Person, mails: Mails
) -> None:
    assert alice.post("/member/me/notices/", removals="on", apps="on").status_code == 302
    draft = Draft(to_all=True, numbers=(), subject="Week 3", text="Hello")
    messaging.write(project_id=world.study.pk, draft=draft, actor="test", now=THEN)
    assert [mail.to for mail in mails()] == [["bob@example.org"]]
    assert "Hello" in seen(alice.get("/member/me/messages/"))


def test_being_removed_is_told_unless_somebody_does_without(world: World, alice: Person, mails: Mails) -> None:
    alice.post("/member/me/notices/", messages="on")
    numbers = (world.alice_number, world.bob_number)
    messaging.remove_members(project_id=world.study.pk, numbers=numbers, actor="test", now=THEN)
    assert [mail.to for mail in mails()] == [["bob@example.org"]]


@pytest.mark.parametrize(("mode", "inside"), [("production", False), ("demo", True)])
def test_130_staff_come_in_with_a_second_step_in_production(
    world: World, settings: Settings, mode: str, *, inside: bool
) -> None:
    settings.MODE = mode
    world.alice.is_staff = True
    request = RequestFactory().get("/admin/")
    request.user = world.alice
    assert AdminSite().has_permission(request)
    assert pages.has_permission(request) is inside
    Authenticator.objects.create(user=world.alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert pages.has_permission(request)
