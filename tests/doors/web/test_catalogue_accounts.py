"""Group D of the catalogue: what strangers try on accounts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from argon2 import extract_parameters
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import get_resolver
from pytest_django import Settings

from consentry_server.members.models import Member
from tests.doors.web.conftest import Mails
from tests.doors.web.person import Person, seen
from tests.doors.web.test_accounts import DATA, NEWCOMER, link, log_in
from tests.world import PASSWORD, World

Visit = Callable[..., Person]


def _names(resolver: object, before: str = "") -> list[str]:
    patterns = getattr(resolver, "url_patterns", None)
    here = before + str(getattr(resolver, "pattern", ""))
    return [here] if patterns is None else [name for each in patterns for name in _names(each, here)]


def _form_of_a_link(person: Person, mails: Mails, visit: Visit) -> tuple[Person, str]:
    """Ask for a link to a new password for alice; return who opened it, and the address of the form."""
    person.post("/account/password/reset/", email="alice@example.org")
    opener = visit()
    return opener, opener.get(link(mails()[0])).headers["Location"]


def test_107_a_link_dies_when_the_address_changes(
    world: World, anybody: Person, alice: Person, mails: Mails, visit: Visit
) -> None:
    opener, form = _form_of_a_link(anybody, mails, visit)
    alice.post("/member/me/change-email/", action_add="", email="a2@example.org", password=PASSWORD)
    alice.post(link(mails()[-1]))
    answer = opener.post(form, password1="words that only I know")

    assert "does not work any more" in seen(answer)
    assert log_in(visit(), "alice")


def test_107_a_link_works_for_an_hour(
    world: World, anybody: Person, mails: Mails, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener, form = _form_of_a_link(anybody, mails, visit)
    later = datetime.now() + timedelta(hours=1, seconds=5)  # noqa: DTZ005 - as Django's tokens count
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _self: later)

    assert "does not work any more" in seen(opener.post(form, password1="words that only I know"))
    assert log_in(visit(), "alice")


def test_111_nobody_comes_in_by_an_account_elsewhere() -> None:
    """There is no way to log in but a password or a key of this site, so nothing is ever linked to an address."""
    assert [name for name in _names(get_resolver()) if "social" in name or "provider" in name] == []


def test_112_an_account_that_a_stranger_made_with_my_address_is_not_mine(mails: Mails, visit: Visit) -> None:
    stranger, victim = visit(), visit()
    stranger.post("/account/signup/", **NEWCOMER)
    confirmed = victim.post(link(mails()[0]))
    assert confirmed.headers["Location"] == "/account/login/"
    assert "Log in" in seen(victim.get(confirmed.headers["Location"]))
    assert victim.get(DATA).status_code == 302

    assert log_in(stranger, "newcomer_1", NEWCOMER["password1"])
    victim.post("/account/password/reset/", email="new@example.org")
    form = victim.get(link(mails()[-1])).headers["Location"]
    victim.post(form, password1="words that only I know")

    assert victim.get(DATA).status_code == 200
    assert stranger.get(DATA).status_code == 302
    assert not log_in(visit(), "newcomer_1", NEWCOMER["password1"])


def test_112_the_owner_of_an_address_gets_the_account_that_a_stranger_began_with_it(mails: Mails, visit: Visit) -> None:
    stranger, owner = visit(), visit()
    stranger.post("/account/signup/", **NEWCOMER)
    owner.post("/account/signup/", **(NEWCOMER | {"username": "owner"}))
    assert not Member.objects.filter(username="owner").exists()
    owner.post("/account/password/reset/", email="new@example.org")
    form = owner.get(link(mails()[-1])).headers["Location"]
    owner.post(form, password1="words that only I know")
    owner.post(link(mails()[0]))  # the link that confirms came to the owner, too

    assert owner.get(DATA).status_code == 200
    assert stranger.get(DATA).status_code == 302
    assert not log_in(visit(), "newcomer_1", NEWCOMER["password1"])


def test_113_who_tries_my_password_elsewhere_does_not_lock_me_out(world: World, visit: Visit) -> None:
    mine, stranger = visit(), visit()
    log_in(mine, "alice")
    mine.post("/account/logout/")
    for _ in range(6):
        stranger.post("/account/login/", login="alice", password="wrong")

    assert "Too many tries." in seen(stranger.post("/account/login/", login="alice", password=PASSWORD))
    assert log_in(mine, "ALICE")
    assert "device" in mine.browser.cookies


@pytest.mark.parametrize(("tried", "others_may"), [("alice", True), ("bob", False)])
def test_113_a_device_has_its_own_tries_and_only_for_its_own_member(
    world: World, visit: Visit, tried: str, *, others_may: bool
) -> None:
    mine = visit()
    log_in(mine, "alice")
    mine.post("/account/logout/")
    for _ in range(5):
        mine.post("/account/login/", login=tried, password="wrong")

    assert "Too many tries." in seen(mine.post("/account/login/", login=tried, password=PASSWORD))
    assert log_in(visit(), tried) is others_may


@pytest.mark.parametrize("kept", ["", "x", "W10:1abc:x", "\x01", "a" * 5000])
def test_113_a_made_up_device_counts_as_none(anybody: Person, kept: str) -> None:
    for _ in range(5):
        anybody.post("/account/login/", login="alice", password="wrong")
    anybody.browser.cookies.set("device", kept, domain="testserver.local")

    assert not log_in(anybody, "alice")


def _tries(person: Person, settings: Settings, proxies: int) -> list[int]:
    settings.TRIES_PER_ADDRESS, settings.PROXIES = 3, proxies
    person.get("/account/login/")
    statuses = []
    for n in range(4):
        person.browser.headers["X-Forwarded-For"] = f"203.0.113.{n}, 198.51.100.7"
        statuses.append(person.post("/account/login/", login=f"guess{n}", password="the same").status_code)
    return statuses


@pytest.mark.parametrize("proxies", [0, 1])
def test_113_an_address_that_a_client_made_up_gives_no_more_tries(
    anybody: Person, settings: Settings, proxies: int
) -> None:
    assert _tries(anybody, settings, proxies) == [200, 200, 200, 429]


def test_113_what_a_proxy_of_ours_says_is_believed(anybody: Person, settings: Settings) -> None:
    assert _tries(anybody, settings, 2) == [200] * 4


@pytest.mark.parametrize("password", ["password1", "qwerty123", "iloveyou1", "football1"])
def test_115_a_password_that_everybody_tries_first_is_refused_wherever_it_is_set(
    world: World, anybody: Person, alice: Person, mails: Mails, visit: Visit, password: str
) -> None:
    made = anybody.post("/account/signup/", **(NEWCOMER | {"password1": password}))
    changed = alice.post("/account/password/change/", oldpassword=PASSWORD, password1=password)
    anybody.post("/account/password/reset/", email="bob@example.org")
    person = visit()
    reset = person.post(person.get(link(mails()[0])).headers["Location"], password1=password)

    assert all("too common" in seen(answer) for answer in (made, changed, reset))
    assert not Member.objects.filter(username=NEWCOMER["username"]).exists()


def test_116_a_password_costs_who_guesses_it_what_owasp_asks_for(anybody: Person) -> None:
    anybody.post("/account/signup/", **NEWCOMER)
    kept = Member.objects.get(username=NEWCOMER["username"]).password
    spent = extract_parameters(kept.removeprefix("argon2"))

    assert (spent.type.name, spent.memory_cost >= 19 * 1024, spent.time_cost >= 2) == ("ID", True, True)


def test_116_a_password_with_a_null_character_is_refused_and_not_cut(anybody: Person) -> None:
    answer = anybody.post("/account/signup/", **(NEWCOMER | {"password1": "four plain\x00 words"}))

    assert answer.status_code == 400
    assert not Member.objects.filter(username=NEWCOMER["username"]).exists()


@pytest.mark.parametrize("path", ["/member/{}/", "/member/{}", "/avatar/{}/", "/api/public/members/{}/"])
def test_127_who_has_no_public_page_looks_like_nobody(world: World, anybody: Person, path: str) -> None:
    known, unknown = (anybody.get(path.format(name)) for name in ("alice", "nobody_at_all"))

    assert known.status_code == unknown.status_code
    assert known.text.replace("alice", "") == unknown.text.replace("nobody_at_all", "")
