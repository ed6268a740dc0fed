"""Signing up, confirming, logging in and out, passwords, closing an account."""

import re
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.db import connection
from pytest_django import Settings

from consentry_server.files import actions as files
from consentry_server.files.models import DataFile
from consentry_server.limits import hashing
from consentry_server.limits.turns import Turns
from consentry_server.members.models import Member
from tests.doors.web.conftest import Mails
from tests.doors.web.person import Person, hidden, seen
from tests.world import PASSWORD, THEN, World

NEWCOMER = {
    "username": "Newcomer_1",
    "name": "New Comer",
    "email": "new@example.org",
    "password1": "four plain words here",
    "terms": "on",
}
DATA = "/member/me/"


def link(mail: EmailMessage) -> str:
    """Return the path of the link in a mail."""
    found = re.search(r"http://testserver(/account/\S+)", str(mail.body))
    assert found is not None
    return found[1]


def log_in(person: Person, login: str, password: str = PASSWORD) -> bool:
    answer = person.post("/account/login/", login=login, password=password)
    return answer.status_code == 302 and answer.headers["Location"] == DATA


def test_signing_up_and_confirming_the_address_logs_in(anybody: Person, mails: Mails) -> None:
    answer = anybody.post("/account/signup/", **NEWCOMER)
    assert answer.headers["Location"] == "/account/confirm-email/"
    assert not log_in(anybody, "newcomer_1", NEWCOMER["password1"])
    looked = anybody.get(link(mails()[0]))
    confirmed = anybody.post(link(mails()[0]))

    assert "Is new@example.org your address?" in seen(looked)
    assert confirmed.headers["Location"] == DATA
    assert "Newcomer_1" in seen(anybody.get(DATA))
    assert Member.objects.get(username="Newcomer_1").name == "New Comer"


def test_whoever_confirms_the_first_address_is_welcomed_by_mail_once(anybody: Person, mails: Mails) -> None:
    anybody.post("/account/signup/", **NEWCOMER)
    for _ in range(2):
        anybody.post(link(mails()[0]))
    welcome = mails()[-1]

    assert [mail.subject for mail in mails()] == ["Welcome: confirm your e-mail address", "Your account is open"]
    assert welcome.to == ["new@example.org"]
    assert "Hello Newcomer_1," in str(welcome.body)
    assert f"http://testserver{DATA}" in str(welcome.body)


def test_the_link_works_from_another_browser_too_but_only_once_and_logs_nobody_in_there(
    anybody: Person, visit: Callable[[], Person], mails: Mails
) -> None:
    anybody.post("/account/signup/", **NEWCOMER)
    elsewhere, later = visit(), visit()
    first = elsewhere.post(link(mails()[0]))
    again = later.post(link(mails()[0]))

    assert first.headers["Location"] == "/account/login/"
    assert elsewhere.get(DATA).status_code == 302
    assert again.status_code == 404
    assert log_in(elsewhere, "newcomer_1", NEWCOMER["password1"])


def test_looking_at_a_confirmation_link_changes_nothing(anybody: Person, alice: Person, mails: Mails) -> None:
    anybody.post("/account/signup/", **NEWCOMER)
    alice.get(link(mails()[0]))

    assert not EmailAddress.objects.get(email="new@example.org").verified
    assert alice.get(DATA).status_code == 200


def test_106_a_taken_address_looks_like_a_new_one_and_its_owner_is_told(
    anybody: Person, mails: Mails, visit: Callable[[], Person]
) -> None:
    new = anybody.post("/account/signup/", **NEWCOMER)
    other = visit()
    taken = other.post("/account/signup/", **(NEWCOMER | {"username": "x", "email": "ALICE@example.org"}))

    assert (new.status_code, new.headers["Location"]) == (
        taken.status_code,
        taken.headers["Location"],
    )
    assert mails()[1].to == ["alice@example.org"]
    assert "has an account already" in str(mails()[1].body)
    assert not Member.objects.filter(username="x").exists()


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("username", "alice", "That username is taken."),
        ("username", "ALICE", "That username is taken."),
        ("username", "admin", "That username is taken."),
        ("username", "two words", "Use letters, digits and underscores only."),
        ("username", "åse", "Use letters, digits and underscores only."),
        ("username", "a" * 41, "at most 40 characters"),
        ("username", "", "This field is required."),
        ("name", "n" * 31, "at most 30 characters"),
        ("email", "no address", "Enter a valid email address."),
        ("password1", "short", "at least 8 characters"),
        ("password1", "p" * 129, "at most 128 characters"),
        ("password1", "password", "too common"),
        ("terms", "", "This field is required."),
    ],
)
def test_signing_up_says_what_is_wrong(anybody: Person, field: str, value: str, reason: str) -> None:
    answer = anybody.post("/account/signup/", **(NEWCOMER | {field: value}))

    assert reason in seen(answer)
    assert not Member.objects.filter(email="new@example.org").exists()


def test_116_a_password_of_a_megabyte_is_refused_before_it_is_hashed(
    anybody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_args: object) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr("argon2.low_level.hash_secret", never)
    monkeypatch.setattr("django.contrib.auth.hashers.make_password", never)
    long = "p" * 1_000_000

    assert "at most 128" in seen(anybody.post("/account/signup/", **(NEWCOMER | {"password1": long})))
    assert "at most 128" in seen(anybody.post("/account/login/", login="alice", password=long))


def test_116_spaces_and_emoji_of_a_password_are_kept_exactly(
    anybody: Person, mails: Mails, visit: Callable[[], Person]
) -> None:
    password = " seven 🦉 owls "
    anybody.post("/account/signup/", **(NEWCOMER | {"password1": password}))
    anybody.post(link(mails()[0]))

    assert log_in(visit(), "newcomer_1", password)
    assert not log_in(visit(), "newcomer_1", password.strip())


@pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.org", "Alice@Example.org"])
def test_logging_in_by_username_or_address_in_any_case(anybody: Person, login: str) -> None:
    assert log_in(anybody, login)


def test_127_a_wrong_password_and_an_unknown_person_get_the_same_words(
    anybody: Person, visit: Callable[[], Person]
) -> None:
    wrong = anybody.post("/account/login/", login="alice", password="not the password")
    unknown = visit().post("/account/login/", login="nobody", password="not the password")
    by_mail = visit().post("/account/login/", login="n@example.org", password="not the password")

    words = "The username or e-mail address and the password do not match."
    assert all(words in seen(answer) for answer in (wrong, unknown, by_mail))


def test_113_after_five_wrong_passwords_even_the_right_one_has_to_wait(anybody: Person) -> None:
    for _ in range(5):
        anybody.post("/account/login/", login="alice", password="wrong")
    answer = anybody.post("/account/login/", login="alice", password=PASSWORD)

    assert "Too many tries." in seen(answer)


@pytest.mark.parametrize("evil", ["//evil.example", "/\\evil.example", "https://evil.example/", "/%2f/evil"])
def test_109_logging_in_and_out_leads_nowhere_else(anybody: Person, alice: Person, evil: str) -> None:
    entered = anybody.post("/account/login/", login="alice", password=PASSWORD, next=evil)
    left = alice.post("/account/logout/", next=evil)

    assert entered.headers["Location"] == DATA
    assert left.headers["Location"] == "/"


def test_logging_in_leads_back_to_where_the_visitor_was(anybody: Person) -> None:
    address = anybody.get("/member/me/connections/").headers["Location"]
    held = hidden(anybody.get(address).text)
    answer = anybody.post(address, login="alice", password=PASSWORD, **held)

    assert answer.headers["Location"] == "/member/me/connections/"


def test_logging_out_takes_a_button(alice: Person) -> None:
    assert "Log out?" in seen(alice.get("/account/logout/"))
    assert alice.get(DATA).status_code == 200
    assert alice.post("/account/logout/").headers["Location"] == "/"
    assert alice.get(DATA).status_code == 302


def test_a_suspended_member_is_out_at_once(world: World, alice: Person, anybody: Person) -> None:
    files.suspend(member_id=world.alice.pk, suspended=True, actor="test", now=THEN)

    assert alice.get(DATA).status_code == 302
    assert not log_in(anybody, "alice")


def test_107_a_forgotten_password_looks_the_same_for_everybody(
    anybody: Person, visit: Callable[[], Person], mails: Mails
) -> None:
    known = anybody.post("/account/password/reset/", email="alice@example.org")
    unknown = visit().post("/account/password/reset/", email="nobody@example.org")

    assert known.headers["Location"] == unknown.headers["Location"] == "/account/password/reset/done/"
    assert [mail.to for mail in mails()] == [["alice@example.org"], ["nobody@example.org"]]


def test_107_the_link_to_a_new_password_works_once_and_names_the_configured_host(
    anybody: Person, visit: Callable[[], Person], mails: Mails
) -> None:
    anybody.browser.headers["Host"] = "localhost"
    anybody.browser.cookies.clear()
    anybody.browser.get("/account/login/")
    proof = {"csrfmiddlewaretoken": anybody.browser.cookies["csrf"]}
    anybody.browser.post("/account/password/reset/", data={"email": "alice@example.org"} | proof)
    owner, thief = visit(), visit()
    form = owner.get(link(mails()[0])).headers["Location"]
    done = owner.post(form, password1="another few words")
    used = thief.get(link(mails()[0]))

    assert done.status_code == 302
    assert owner.get(DATA).status_code == 200
    assert "does not work any more" in seen(used)
    assert log_in(visit(), "alice", "another few words")
    assert not log_in(visit(), "alice")


def test_107_a_second_link_within_a_minute_is_not_sent(anybody: Person, mails: Mails) -> None:
    statuses = [anybody.post("/account/password/reset/", email="alice@example.org").status_code for _ in range(2)]

    assert statuses == [302, 429]
    assert len(mails()) == 1


def test_107_a_link_dies_when_the_password_changes(anybody: Person, alice: Person, mails: Mails) -> None:
    anybody.post("/account/password/reset/", email="alice@example.org")
    alice.post("/account/password/change/", oldpassword=PASSWORD, password1="another few words")

    assert "does not work any more" in seen(anybody.get(link(mails()[0])))


def test_108_a_stored_way_on_is_not_followed_after_a_reset(
    anybody: Person, visit: Callable[[], Person], mails: Mails
) -> None:
    anybody.post("/account/password/reset/", email="alice@example.org", next="//evil.example/")
    owner = visit()
    form = owner.get(link(mails()[0]), next="/\\evil.example").headers["Location"]
    done = owner.post(form, password1="another few words", next="https:evil.example")

    assert "evil" not in form
    assert done.headers["Location"] == DATA


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(
    world: World, alice: Person, visit: Callable[[Member], Person]
) -> None:
    other = visit(world.alice)
    wrong = alice.post("/account/password/change/", oldpassword="no", password1="another few words")
    right = alice.post("/account/password/change/", oldpassword=PASSWORD, password1="another few words")

    assert "This is not your password." in seen(wrong)
    assert right.headers["Location"] == "/member/me/account-settings/"
    assert alice.get(DATA).status_code == 200
    assert other.get(DATA).status_code == 302


def test_changing_username_and_name(world: World, alice: Person) -> None:
    page = "/member/me/account-settings/"
    taken = alice.post(page, username="BOB", name="A")
    saved = alice.post(page, username="Alice", name="Alice B")

    assert taken.status_code == 400
    assert "That username is taken." in seen(taken)
    assert saved.status_code == 302
    world.alice.refresh_from_db()
    assert (world.alice.username, world.alice.name) == ("Alice", "Alice B")


@pytest.mark.parametrize(
    "username", ["a b", "é", "x" * 41, "", "<b>", "Admin", "administrator", "moderator", "openhuman", "staff"]
)
def test_a_username_that_nobody_may_have_is_refused(world: World, alice: Person, username: str) -> None:
    assert alice.post("/member/me/account-settings/", username=username).status_code == 400
    world.alice.refresh_from_db()
    assert world.alice.username == "alice"


def test_a_new_address_needs_the_password_and_counts_once_confirmed(world: World, alice: Person, mails: Mails) -> None:
    page = "/member/me/change-email/"
    wrong = alice.post(page, action_add="", email="a2@example.org", password="no")
    alice.post(page, action_add="", email="a2@example.org", password=PASSWORD)
    world.alice.refresh_from_db()
    before = world.alice.email
    alice.post(link(mails()[0]))
    world.alice.refresh_from_db()

    assert "This is not your password." in seen(wrong)
    assert before == "alice@example.org"
    assert world.alice.email == "a2@example.org"
    assert [row.email for row in EmailAddress.objects.filter(user=world.alice)] == ["a2@example.org"]


def test_110_a_pending_address_of_another_account_is_left_alone(world: World, alice: Person, bob: Person) -> None:
    for person in (alice, bob):
        page = "/member/me/change-email/"
        person.post(page, action_add="", email="both@example.org", password=PASSWORD)

    owners = EmailAddress.objects.filter(email="both@example.org").values_list("user", flat=True)
    assert set(owners) == {world.alice.pk, world.bob.pk}


def test_closing_an_account_needs_the_password_and_leaves_nothing(world: World, alice: Person, anybody: Person) -> None:
    wrong = alice.post("/account/delete/", password="no")
    assert wrong.status_code == 400
    assert Member.objects.get(pk=world.alice.pk).is_active
    done = alice.post("/account/delete/", password=PASSWORD)

    assert done.headers["Location"] == "/"
    closed = Member.objects.get(pk=world.alice.pk)
    assert (closed.name, closed.email, closed.is_active) == ("", "", False)
    assert not DataFile.objects.filter(member=closed, deleted_at=None).exists()
    world.of_alice.refresh_from_db()
    assert world.of_alice.revoked_at is not None
    assert alice.get(DATA).status_code == 302
    assert not log_in(anybody, "alice")


def test_128_whoever_runs_a_project_cannot_close_the_account(world: World, coordinator: Person) -> None:
    answer = coordinator.post("/account/delete/", password=PASSWORD)

    assert answer.status_code == 409
    assert "You run a project." in seen(answer)
    assert Member.objects.get(pk=world.coordinator.pk).is_active


@pytest.mark.parametrize("page", ["/account/login/", "/account/signup/", "/account/password/reset/"])
def test_113_an_address_may_try_only_so_often_whatever_it_tries(
    world: World, anybody: Person, settings: Settings, page: str
) -> None:
    settings.TRIES_PER_ADDRESS = 3
    answers = [anybody.post(page, login=f"guess{n}", password="wrong") for n in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60
    assert "Please wait a minute" in seen(answers[3])
    assert anybody.post("/account/login/", login="alice", password=PASSWORD).status_code == 429
    assert anybody.get(page).status_code == 200


def test_202_where_too_many_log_in_at_once_the_rest_is_told_to_wait_and_other_pages_answer(
    anybody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(1, waiting=0)
    monkeypatch.setattr(hashing, "turns", turns)
    with turns.taken():  # somebody else's password is being hashed
        refused = anybody.post("/account/login/", login="alice", password=PASSWORD)
        assert anybody.get("/").status_code == 200

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "Try again in a few seconds" in seen(refused)
    assert anybody.post("/account/login/", login="alice", password=PASSWORD).status_code == 302


def test_202_no_transaction_waits_for_a_password_to_be_hashed(anybody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite it would keep everybody else from writing."""
    depths: list[int] = []
    encode = hashing.Argon2.encode

    def noted(self: hashing.Argon2, password: str, salt: str) -> str:
        depths.append(len(connection.savepoint_ids))
        return encode(self, password, salt)

    outside = len(connection.savepoint_ids)
    monkeypatch.setattr(hashing.Argon2, "encode", noted)
    anybody.post("/account/signup/", **NEWCOMER)

    assert Member.objects.filter(username=NEWCOMER["username"]).exists()
    assert set(depths) == {outside}
