"""In which language pages and mails are: as a member chose, as a browser chose, as it asks for, else English."""

import threading

import httpx
import pytest
from django.core.mail import EmailMessage
from django.utils import translation
from pytest_django import Settings

from consentry_server.members import queries as members
from consentry_server.members.rules import LANGUAGES
from consentry_server.messaging import actions as messaging
from consentry_server.messaging.rules import Draft
from tests.doors.web.conftest import Mails
from tests.doors.web.person import JOIN, Person, seen
from tests.world import THEN, World

ASKS_FOR_GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
GERMAN, ENGLISH = "Deine Daten", "Your data"


def test_a_browser_that_asks_for_german_gets_german(alice: Person) -> None:
    page = alice.browser.get("/member/me/data/", headers=ASKS_FOR_GERMAN)

    assert GERMAN in seen(page)
    assert ENGLISH not in seen(page)
    assert '<html lang="de">' in page.text
    assert page.headers["Content-Language"] == "de"


@pytest.mark.parametrize("asked", ["", "en", "fr", "*", "x" * 5000, "de_DE.UTF-8", "de" * 300, ";;,,"])
def test_whoever_asks_for_no_language_of_ours_gets_english(alice: Person, asked: str) -> None:
    page = alice.browser.get("/member/me/data/", headers={"Accept-Language": asked})

    assert ENGLISH in seen(page)
    assert '<html lang="en">' in page.text
    assert page.headers["Content-Language"] == "en"


def test_caches_keep_the_languages_of_a_public_page_apart(anybody: Person) -> None:
    page = anybody.browser.get("/terms/", headers=ASKS_FOR_GERMAN)

    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in page.headers["Vary"].split(",")}
    assert "Set-Cookie" not in page.headers
    assert "Cache-Control" not in page.headers


def test_what_is_no_page_is_in_no_language(anybody: Person) -> None:
    style = anybody.browser.get("/static/web/page.css", headers=ASKS_FOR_GERMAN)

    assert "Content-Language" not in style.headers
    assert "Accept-Language" not in style.headers.get("Vary", "")


def test_a_visitor_chooses_at_the_foot_of_a_page(anybody: Person) -> None:
    chosen = anybody.browser.post("/language/", data={"language": "de", "here": "/terms/?a=1"})

    assert chosen.headers["Location"] == "/terms/?a=1"
    assert "Bedingungen" in seen(anybody.get("/terms/"))
    assert "Terms" in seen(anybody.browser.get("/terms/", headers={"Cookie": ""}))


def test_what_a_visitor_chose_comes_before_what_the_browser_says(anybody: Person) -> None:
    anybody.browser.post("/language/", data={"language": "en"})

    assert "Terms" in seen(anybody.browser.get("/terms/", headers=ASKS_FOR_GERMAN))


@pytest.mark.parametrize("language", ["", "fr", "de\n", "../de", "x" * 10_000])
def test_another_language_changes_nothing(anybody: Person, language: str) -> None:
    chosen = anybody.browser.post("/language/", data={"language": language})

    assert chosen.status_code == 302
    assert "language" not in anybody.browser.cookies


@pytest.mark.parametrize(
    "where", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_choosing_a_language_leads_nowhere_else(anybody: Person, where: str) -> None:
    chosen = anybody.browser.post("/language/", data={"language": "de", "here": where})

    assert chosen.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("/explore-share/?q=sleep&does=&page=2", "/explore-share/?q=sleep&amp;does=&amp;page=2"),
        ("/account/login/?next=/member/me/", "/account/login/?next=%2Fmember%2Fme%2F"),
        ("/account/login/?next=//evil.example/", "/account/login/"),
        ("/terms/?access_token=csm-secret", "/terms/"),
        ("/nothing/", "/"),
    ],
)
def test_a_page_is_shown_again_with_what_our_own_forms_ask_and_nothing_else(
    anybody: Person, address: str, here: str
) -> None:
    page = anybody.get(address).text.split('action="/language/"')[1]

    assert f'name="here" value="{here}"' in page
    assert "secret" not in page


@pytest.mark.parametrize("kept", ["fr", "", "de; Path=/", "x" * 5000])
def test_a_cookie_of_somebody_else_makes_no_difference(anybody: Person, kept: str) -> None:
    anybody.browser.cookies.set("language", kept, domain="testserver.local")

    assert anybody.get("/terms/").status_code in {200, 400}


def test_what_a_member_chose_comes_first_in_every_browser(alice: Person, world: World) -> None:
    saved = alice.post("/member/me/language/", language="de")

    assert saved.headers["Location"] == "/member/me/account-settings/"
    page = seen(alice.browser.get("/member/me/data/", headers={"Accept-Language": "en"}))
    assert GERMAN in page
    assert "Gespeichert." in page
    assert members.language_of(world.alice.pk) == "de"


def test_a_member_leaves_it_to_the_browser_again(alice: Person, world: World) -> None:
    alice.post("/member/me/language/", language="de")
    alice.post("/member/me/language/", language="")

    assert members.language_of(world.alice.pk) == ""
    assert "language" not in alice.browser.cookies
    assert ENGLISH in seen(alice.get("/member/me/data/"))


def test_a_member_who_chooses_at_the_foot_of_a_page_chooses_for_good(alice: Person, world: World) -> None:
    alice.browser.post("/language/", data={"language": "de"})

    assert members.language_of(world.alice.pk) == "de"


def test_a_member_cannot_choose_what_is_not_there(alice: Person, world: World) -> None:
    assert alice.post("/member/me/language/", language="fr").status_code == 400
    assert members.language_of(world.alice.pk) == ""


def test_a_page_that_does_not_exist_is_in_the_members_language_too(alice: Person) -> None:
    alice.post("/member/me/language/", language="de")

    assert "Hier ist nichts" in seen(alice.get("/nothing/"))


def test_what_is_refused_before_anything_is_read_is_german_too(anybody: Person) -> None:
    refused = anybody.browser.get("/terms/?a=%00", headers=ASKS_FOR_GERMAN)

    assert refused.status_code == 400
    assert "Das ließ sich nicht lesen" in seen(refused)


def test_what_the_domain_refuses_is_said_in_german(joiner: Person, world: World) -> None:
    refused = joiner.browser.get(f"{JOIN}/{world.study.slug}/", headers=ASKS_FOR_GERMAN)
    assert "Bitte lies das, bevor du weitergehst" in seen(refused)
    joiner.browser.headers.update(ASKS_FOR_GERMAN)
    again = joiner.post(f"{JOIN}/{world.study.slug}/", shown="another", accept="accept")

    assert again.status_code == 409
    assert "hat seinen Einwilligungstext geändert" in seen(again)


def test_what_is_wrong_with_a_form_is_said_in_german(anybody: Person) -> None:
    anybody.browser.headers.update(ASKS_FOR_GERMAN)
    page = anybody.post("/account/login/", login="alice", password="wrong")

    assert "Benutzername oder E-Mail-Adresse und Passwort passen nicht zusammen." in seen(page)


def test_days_are_written_as_the_language_does(alice: Person, world: World) -> None:
    address = f"/activity/{world.study.slug}/"

    assert "11 April 2016" in seen(alice.get(address))
    assert "11. April 2016" in seen(alice.browser.get(address, headers=ASKS_FOR_GERMAN))


def test_programs_are_answered_in_english_right_after_a_german_page(alice: Person, world: World) -> None:
    def ask() -> httpx.Response:
        return alice.browser.get(
            "/api/direct-sharing/project/", headers=ASKS_FOR_GERMAN | {"Authorization": "Bearer nonsense"}
        )

    before = ask()
    assert GERMAN in seen(alice.browser.get("/member/me/data/", headers=ASKS_FOR_GERMAN))
    after = ask()

    assert (after.status_code, after.content) == (before.status_code, before.content)
    assert before.json() == {"detail": "Invalid token."}


def test_a_refusal_of_the_domain_is_english_for_programs_after_a_german_page(alice: Person, world: World) -> None:
    alice.browser.get("/member/me/data/", headers=ASKS_FOR_GERMAN)
    answer = alice.browser.post(
        "/api/direct-sharing/project/message/",
        headers=ASKS_FOR_GERMAN | {"Authorization": f"Bearer {world.token}"},
        data={"message": "Hello"},
    )

    assert answer.status_code == 400
    assert "You must specify either all members or provide a list of IDs." in answer.text


def test_a_page_that_falls_over_leaves_no_language_behind(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("consentry_server.web.data.asked_page", fall)
    page = alice.browser.get("/member/me/data/", headers=ASKS_FOR_GERMAN)

    assert page.status_code == 500
    assert "Hier ist etwas schiefgegangen" in seen(page)
    assert translation.get_language() == "en"


def test_a_thread_is_left_as_it_was(alice: Person) -> None:
    left: list[str | None] = []

    def work() -> None:
        left.append(translation.get_language())
        with translation.override("de", deactivate=True):
            left.append(translation.get_language())
        left.append(translation.get_language())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert left == ["en", "de", "en"]


def test_pages_of_staff_stay_english(anybody: Person, settings: Settings) -> None:
    settings.STAFF_SITE, settings.STAFF_PATH = True, "staff"

    assert "There is nothing here" in seen(anybody.browser.get("/staff/members/", headers=ASKS_FOR_GERMAN))
    assert "Hier ist nichts" in seen(anybody.browser.get("/staffed/", headers=ASKS_FOR_GERMAN))


def test_the_mail_to_a_new_member_is_in_the_language_of_the_page(anybody: Person, mails: Mails) -> None:
    anybody.browser.headers.update(ASKS_FOR_GERMAN)
    form = {"username": "greta", "name": "Greta", "email": "greta@example.org", "password1": "vier Wörter im Kreis"}
    assert anybody.post("/account/signup/", **form, terms="on").status_code == 302

    assert mails()[-1].subject == "Willkommen: Bestätige deine E-Mail-Adresse"
    assert mails()[-1].body.startswith("Hallo greta,")


def test_a_member_who_signed_up_in_german_keeps_getting_german_mail(anybody: Person, mails: Mails) -> None:
    anybody.browser.headers.update(ASKS_FOR_GERMAN)
    form = {"username": "greta", "name": "Greta", "email": "greta@example.org", "password1": "vier Wörter im Kreis"}
    anybody.post("/account/signup/", **form, terms="on")
    greta = members.by_username("greta")

    assert greta is not None
    assert greta.language == "de"


def _written(world: World, mails: Mails) -> EmailMessage:
    draft = Draft(to_all=True, numbers=(), subject="", text="Hello {{ PROJECT_MEMBER_ID }}")
    messaging.write(project_id=world.study.pk, draft=draft, actor="test", now=THEN)
    return next(mail for mail in mails() if mail.to == ["alice@example.org"])


def test_the_worker_writes_to_a_member_in_their_language(alice: Person, world: World, mails: Mails) -> None:
    alice.post("/member/me/language/", language="de")
    mail = _written(world, mails)

    assert mail.subject.startswith("[Open Humans Project Message] Von „")
    assert "Antworten, ohne die Adresse zu zeigen:" in mail.body
    assert "Hello " in mail.body


def test_the_worker_writes_english_to_whoever_did_not_choose(world: World, mails: Mails) -> None:
    mail = _written(world, mails)

    assert "Answer without showing your address:" in mail.body
    assert translation.get_language() == "en"


def test_a_member_who_is_removed_is_told_in_their_language(alice: Person, world: World, mails: Mails) -> None:
    alice.post("/member/me/language/", language="de")
    messaging.remove_members(project_id=world.study.pk, numbers=(world.alice_number,), actor="test", now=THEN)

    assert [mail.subject for mail in mails()] == [f"Das Projekt {world.study.name} hat dich entfernt"]


def test_every_language_names_itself_at_the_foot_of_a_page(anybody: Person) -> None:
    page = anybody.get("/terms/")

    for code, name in LANGUAGES.items():
        assert f'value="{code}" lang="{code}"' in page.text
        assert name in seen(page)


def test_the_words_of_a_password_are_german_in_the_page_that_resets_one(anybody: Person) -> None:
    page = anybody.browser.get("/account/password/reset/", headers=ASKS_FOR_GERMAN)

    assert "Passwort vergessen?" in seen(page)
    assert "E-Mail-Adresse" in seen(page)
