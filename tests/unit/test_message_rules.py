"""How mails between projects and members read, and what of a text is never believed."""

import re
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from consentry_server.messaging import rules
from consentry_server.messaging.rules import Letter, Parties, Site

KEY = b"k" * 32
SITE = Site("https://data.example", "noreply@data.example", KEY)
PARTIES = Parties(7, "12345678", "alice", "alice@example.org", "Sleep", "sleep", "study@example.org")


def letter(text: str = "Hello", subject: str = "", **changed: str) -> Letter:
    parties = Parties(**{**vars(PARTIES), **changed})
    return rules.message_letter(parties, delivery_id=3, given=subject, text=text, site=SITE)


def words(text: str) -> str:
    """Return what a mail says above its footer."""
    return letter(text).text.split("\n\n----")[0]


@pytest.mark.parametrize(
    "text", ["{{ PROJECT_MEMBER_ID }}", "{{PROJECT_MEMBER_ID}}", "{{  PROJECT_MEMBER_ID\t}}", "{{ PROJECT_MEMBER_ID}}"]
)
def test_the_number_stands_where_the_text_asks_for_it(text: str) -> None:
    assert words(f"a={text}&b={text}") == "a=12345678&b=12345678"


@pytest.mark.parametrize(
    "text",
    [
        "{% include 'web/base.html' %}",
        "{{ settings.SECRET_KEY }}",
        '{{ "a"|center:999999999 }}',
        "{% for a in b %}{% endfor %}",
        "{{ PROJECT_MEMBER_ID|safe }}",
        "{{ project_member_id }}",
        "{ { PROJECT_MEMBER_ID } }",
        "{{ PROJECT_MEMBER_ID",
        "{# PROJECT_MEMBER_ID #}",
        "%(number)s {number} ${number} \\1 \\g<0>",
        "<b>bold</b> &amp; <script>alert(1)</script>",
        "{{" * 50_000 + " " * 50_000,
    ],
)
def test_148_nothing_else_in_a_text_means_anything(text: str) -> None:
    assert words(text) == text


def test_a_number_put_in_is_not_looked_at_again() -> None:
    assert rules.body("{{{{ PROJECT_MEMBER_ID }}}}", "12345678") == "{{12345678}}"


def test_the_subject_says_what_it_is_and_from_whom_if_nothing_was_given() -> None:
    assert letter(subject="Week 3").subject == "[Open Humans Project Message] Week 3"
    assert letter().subject == '[Open Humans Project Message] From "Sleep"'
    assert letter(subject="{{ PROJECT_MEMBER_ID }}").subject.endswith("] {{ PROJECT_MEMBER_ID }}")


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: eve@example.org", "a\nb", "a\x0bb", "a\x85b", "a\u2028b", "\u202ea", "a\x00b"]
)
def test_a_header_stays_one_line_without_anything_invisible(evil: str) -> None:
    written = letter(subject=evil, project=evil)
    for text in (written.subject, written.headers["From"], letter(project=evil).subject):
        assert text.isprintable()
        assert "Bcc:" not in text or " Bcc:" in text


def test_a_subject_that_never_ends_is_cut() -> None:
    assert len(letter(subject="x" * 100_000).subject) < 300
    assert len(letter(project="x" * 100_000).headers["From"]) < 300


@pytest.mark.parametrize(
    "name", ["Admin <security@data.example>", 'Bank", <a@b.example>', "Grüße", "a, b; c", "=?utf-8?q?x?="]
)
def test_241_no_project_can_pass_for_somebody_else(name: str) -> None:
    assert parseaddr(letter(project=name).headers["From"])[1] == "noreply@data.example"
    message = EmailMessage()
    message["From"] = letter(project=name).headers["From"]
    assert [box.addr_spec for box in message["From"].addresses] == ["noreply@data.example"]
    assert "Project " in message["From"].addresses[0].display_name
    assert message["From"].addresses[0].display_name.endswith("via Consentry")


def test_the_footer_says_who_wrote_and_how_to_answer_mute_and_leave() -> None:
    written = letter()
    assert written.headers["Reply-To"] == "study@example.org"
    for part in (
        '"Sleep"',
        "alice",
        "https://data.example/activity/sleep/send-message/",
        "/activity/sleep/\n",
        "/mute/7-",
    ):
        assert part in written.text
    assert "alice@example.org" not in written.text


def test_247_the_only_key_in_a_mail_mutes_one_project_for_one_member() -> None:
    links = re.findall(r"https?://\S+", letter().text)
    (mute,) = [link for link in links if "/mute/" in link]
    assert [link for link in links if re.search(r"[0-9a-f]{16}", link)] == [mute]
    assert letter().headers["List-Unsubscribe"] == f"<{mute}>"
    assert letter().headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert rules.read_mute_ticket(KEY, mute.rstrip("/").rpartition("/")[2]) == 7


@pytest.mark.parametrize("ticket", ["", "7", "7-", "-", "7-" + "0" * 32, "x-y", "٣-a", "9" * 30 + "-a", "7-é"])
def test_a_link_to_mute_that_we_never_sent_is_none(ticket: str) -> None:
    assert rules.read_mute_ticket(KEY, ticket) is None


def test_a_link_to_mute_is_for_one_member_of_one_installation() -> None:
    ticket = rules.mute_ticket(KEY, 7)
    assert rules.read_mute_ticket(b"x" * 32, ticket) is None
    assert rules.read_mute_ticket(KEY, ticket.replace("7-", "8-", 1)) is None


def test_a_mail_has_the_same_name_each_time_and_tells_nothing_by_it() -> None:
    assert letter().headers["Message-ID"] == letter("other").headers["Message-ID"]
    names = {rules.mail_id(SITE, kind, row) for kind in ("message", "reply") for row in (1, 2)}
    assert len(names) == 4
    assert all(re.fullmatch(r"<(message|reply)\.[0-9a-f]{32}@data\.example>", name) for name in names)


def test_a_members_answer_names_them_by_number_only() -> None:
    written = rules.reply_letter(PARTIES, reply_id=1, text="Hello", site=SITE)
    assert written.to == "study@example.org"
    assert written.subject == "Open Humans: message from project member 12345678"
    whole = str(written)
    assert "alice" not in whole
    assert written.headers["Reply-To"] == "noreply@data.example"
    assert "https://data.example/direct-sharing/projects/message/sleep/" in written.text


def test_who_was_removed_is_told_what_that_means() -> None:
    written = rules.removal_letter(PARTIES, authorization_id=1, site=SITE)
    assert (written.to, written.subject) == ("alice@example.org", "The project Sleep has removed you")
    assert "study@example.org" in written.text


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([], ()),
        ([None], ()),
        (["a b,c\r\nd"], ("a", "b", "c", "d")),
        (["a", "b a"], ("a", "b")),
        ([12345678], ("12345678",)),
        ([True, 1.5, {}], ("?",)),
        (["a\tb"], ("a\tb",)),
    ],
)
def test_ids_are_read_out_of_lists_and_texts(given: list[object], found: tuple[str, ...]) -> None:
    assert rules.split_numbers(given) == found


def test_245_no_holiday_notice_shows_an_address_or_begins_a_loop() -> None:
    removal = rules.removal_letter(PARTIES, authorization_id=1, site=SITE)
    answer = rules.reply_letter(PARTIES, reply_id=1, text="Hello", site=SITE)
    for written in (letter(), removal, answer):
        assert written.headers["Auto-Submitted"] == "auto-generated"
        assert written.headers["X-Auto-Response-Suppress"] == "All"
