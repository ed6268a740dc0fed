"""Writing to members whom one does not know, reading it, answering, muting, removing."""

import html
import re
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.messaging.models import Message, Reply
from consentry_server.messaging.rules import REPLIES_A_DAY
from consentry_server.sharing.models import Authorization, ProjectMember
from tests.doors.web.person import Person, seen
from tests.world import World, authorize, leave, make_project

Drain = Callable[..., int]
WRITE = "/direct-sharing/projects/message/study/"
REMOVE = "/direct-sharing/projects/remove-members/study/"
ANSWER = "/activity/study/send-message/"
RECEIVED = "/member/me/messages/"
CONNECTIONS = "/member/me/connections/"
TEXT = "Hello {{ PROJECT_MEMBER_ID }} {% now 'Y' %} <b>bold</b>"


def muted(world: World) -> bool:
    return ProjectMember.objects.get(id=world.of_alice.project_member_id).muted_at is not None


def test_a_message_goes_to_all_members(coordinator: Person, drain: Drain, mailoutbox: list[EmailMessage]) -> None:
    sent = coordinator.press(WRITE, all_members="on", subject="Week 3", message=TEXT)
    assert sent.headers["Location"] == WRITE
    assert "Your message is on its way." in seen(coordinator.get(WRITE))
    drain()
    assert sorted(mail.to[0] for mail in mailoutbox) == ["alice@example.org", "bob@example.org"]


def test_a_message_goes_to_those_who_are_listed(
    world: World, coordinator: Person, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    coordinator.press(WRITE, project_member_ids=f" {world.bob_number}\n", message=TEXT)
    drain()
    assert [mail.to for mail in mailoutbox] == [["bob@example.org"]]
    assert f"Hello {world.bob_number} {{% now 'Y' %}} <b>bold</b>" in mailoutbox[0].body


def test_a_preview_sends_nothing_and_shows_the_mail(world: World, coordinator: Person, drain: Drain) -> None:
    look = {"project_member_ids": world.bob_number, "subject": "Week 3", "message": TEXT, "preview": "preview"}
    shown = coordinator.press(WRITE, **look)
    assert shown.status_code == 200
    assert f"Hello {world.bob_number} {{% now 'Y' %}} <b>bold</b>" in seen(shown).replace("  ", " ")
    assert "[Open Humans Project Message] Week 3" in seen(shown)
    assert TEXT in html.unescape(shown.text)  # stands in the form, ready to be sent
    assert not Message.objects.exists()
    assert drain() == 0


def test_the_link_to_mute_in_a_preview_mutes_nobody(coordinator: Person, anybody: Person) -> None:
    shown = coordinator.press(WRITE, all_members="on", message="Hi", preview="preview")
    (link,) = set(re.findall(r"http://testserver(/mute/\S+/)", shown.text))
    assert anybody.browser.post(link).status_code == 404


def test_the_same_form_sent_twice_is_one_message(coordinator: Person) -> None:
    page = coordinator.get(WRITE).text
    once = re.findall(r'name="once" value="([0-9a-f]{32})"', page)[0]
    for _ in range(2):
        assert coordinator.post(WRITE, once=once, all_members="on", message="Hi").status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"all_members": "on"}, "This field is required."),
        ({"message": "Hi"}, "You must specify either all members or provide a list of IDs."),
        ({"message": "Hi", "all_members": "on", "project_member_ids": "12345678"}, "but not both."),
        ({"message": "Hi", "project_member_ids": "1, 12345678"}, "Project member IDs are always 8 digits long."),
        ({"message": "Hi", "project_member_ids": "99999999"}, "Invalid project member ID(s): 99999999"),
        ({"message": "Hi", "all_members": "maybe"}, "Say yes with true, on or 1"),
    ],
)
def test_a_message_that_cannot_be_sent_says_why(coordinator: Person, fields: dict[str, str], told: str) -> None:
    answer = coordinator.press(WRITE, **fields)
    assert answer.status_code == 400
    assert told in seen(answer)
    assert "Nothing was sent." in seen(answer)
    assert not Message.objects.exists()


def test_143_what_was_typed_comes_back_as_text(coordinator: Person) -> None:
    answer = coordinator.press(WRITE, project_member_ids="<script>alert(1)</script>", message="</textarea><script>")
    assert "<script" not in answer.text


def test_044_nobody_else_writes_for_a_project_or_removes_its_members(
    world: World, alice: Person, joiner: Person, anybody: Person
) -> None:
    for path in (WRITE, REMOVE):
        for person in (alice, joiner):
            fields = {"project_member_ids": world.bob_number, "message": "Hi"}
            assert person.get(path).status_code == person.post(path, **fields).status_code == 404
        assert anybody.get(path).headers["Location"] == f"/account/login/?next={path}"
    assert not Message.objects.exists()
    assert Authorization.objects.get(pk=world.of_bob.pk).revoked_at is None


def test_122_no_form_works_without_its_proof(world: World, alice: Person, coordinator: Person) -> None:
    assert coordinator.browser.post(WRITE, data={"all_members": "on", "message": "Hi"}).status_code == 403
    assert coordinator.browser.post(REMOVE, data={"project_member_ids": world.alice_number}).status_code == 403
    assert alice.browser.post(ANSWER, data={"message": "Hi"}).status_code == 403
    own = f"{CONNECTIONS}{world.of_alice.pk}/mute/"
    assert alice.browser.post(own, data={"muted": "true"}).status_code == 403
    assert not muted(world)


def test_the_history_counts_who_got_it(world: World, coordinator: Person, drain: Drain) -> None:
    coordinator.press(WRITE, all_members="on", subject="First", message="Hi")
    leave(world.of_alice)
    drain()
    coordinator.press(WRITE, all_members="on", message="Second")
    rows = re.findall(r"<tr><td>.*?</tr>", coordinator.get(WRITE).text, re.DOTALL)
    counts = [re.findall(r"<td[^>]*data-label[^>]*>([^<]*)<", row) for row in rows]
    assert counts == [["all: 1", "0", "0", "1"], ["all: 2", "1", "1", "0"]]
    assert world.alice_number not in coordinator.get(WRITE).text


def test_the_history_takes_as_many_statements_for_many_as_for_one(coordinator: Person) -> None:
    coordinator.press(WRITE, all_members="on", message="Hi")
    coordinator.get(WRITE)
    with CaptureQueriesContext(connection) as one:
        coordinator.get(WRITE)
    for _ in range(5):
        coordinator.press(WRITE, all_members="on", message="Hi")
    coordinator.get(WRITE)
    with CaptureQueriesContext(connection) as many:
        coordinator.get(WRITE)
    assert len(many) == len(one)


def test_a_member_reads_what_was_sent_to_them(
    world: World, alice: Person, joiner: Person, coordinator: Person, drain: Drain
) -> None:
    coordinator.press(WRITE, all_members="on", subject="Week 3", message=TEXT)
    assert "No project has written to you." in seen(alice.get(RECEIVED))
    drain()
    page = alice.get(RECEIVED)
    assert f"Hello {world.alice_number} {{% now 'Y' %}} <b>bold</b>" in seen(page)
    assert "<b>bold" not in page.text
    assert "Week 3" in seen(page)
    assert ANSWER in page.text
    assert "No project has written to you." in seen(joiner.get(RECEIVED))
    leave(world.of_alice)
    assert "Week 3" in seen(alice.get(RECEIVED))
    assert ANSWER not in alice.get(RECEIVED).text


def test_every_link_in_a_mail_opens(
    alice: Person, coordinator: Person, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    coordinator.press(WRITE, all_members="on", message="Hi")
    drain()
    mail = next(mail for mail in mailoutbox if mail.to == ["alice@example.org"])
    links = re.findall(r"http://testserver(/\S+)", mail.body)
    assert len(links) == 3
    assert [alice.get(link).status_code for link in links] == [200] * 3


def test_the_mail_itself_is_plain_text_and_shows_no_other_address(
    world: World, coordinator: Person, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    world.study.name = "Grüße\r\nBcc: eve@example.org"
    world.study.save()
    coordinator.press(WRITE, all_members="on", subject="a\nBcc: eve@example.org", message="<h1>Hi</h1>")
    drain()
    for mail in mailoutbox:
        written = mail.message()
        assert written.get_content_type() == "text/plain"
        assert written.get_all("Bcc") is None
        assert written["From"].endswith("<noreply@localhost>")
        assert [part for part in ("alice", "bob") if f"{part}@" in written.as_string()] == [mail.to[0].split("@")[0]]
    assert len(mailoutbox) == 2


def test_muting_is_one_press_without_logging_in(
    world: World, anybody: Person, coordinator: Person, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    coordinator.press(WRITE, all_members="on", message="Hi")
    drain()
    mail = next(mail for mail in mailoutbox if mail.to == ["alice@example.org"])
    link = mail.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "No more mail from Study ?" in seen(anybody.get(link))
    assert not muted(world)  # looking changes nothing
    for _ in range(2):
        pressed = anybody.browser.post(link, data={"List-Unsubscribe": "One-Click"})
        assert pressed.status_code == 200  # RFC 8058: no redirect
    assert muted(world)
    coordinator.press(WRITE, all_members="on", message="Hi again")
    mailoutbox.clear()
    drain()
    assert [mail.to for mail in mailoutbox] == [["bob@example.org"]]


@pytest.mark.parametrize("ticket", ["1-" + "0" * 32, "7", "-", "0" * 60])
def test_a_link_to_mute_that_was_never_sent_opens_nothing(anybody: Person, ticket: str) -> None:
    assert anybody.get(f"/mute/{ticket}/").status_code == 404
    assert anybody.browser.post(f"/mute/{ticket}/").status_code == 404


def test_muting_and_hearing_again_on_the_page_of_what_one_shares(world: World, alice: Person, bob: Person) -> None:
    own = f"{CONNECTIONS}{world.of_alice.pk}/mute/"
    assert alice.post(own, muted="true").headers["Location"] == CONNECTIONS
    assert muted(world)
    assert "you get none" in seen(alice.get(CONNECTIONS))
    assert alice.post(own, muted="maybe").status_code == 400
    assert bob.post(own, muted="false").status_code == 404
    assert muted(world)
    alice.post(own, muted="false")
    assert not muted(world)


def test_a_member_answers_and_stays_unknown(
    world: World, alice: Person, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    assert alice.press(ANSWER, message="I sleep badly.").headers["Location"] == "/activity/study/"
    drain()
    (mail,) = mailoutbox
    assert mail.to == ["study@example.org"]
    assert mail.subject == f"Open Humans: message from project member {world.alice_number}"
    assert "alice" not in mail.message().as_string().lower()
    assert mail.extra_headers["Reply-To"] == "noreply@localhost"


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001])
def test_an_empty_or_endless_answer_is_refused(alice: Person, text: str) -> None:
    assert alice.press(ANSWER, message=text).status_code == 400
    assert not Reply.objects.exists()


def test_answers_are_bounded(world: World, alice: Person) -> None:
    for _ in range(REPLIES_A_DAY):
        assert alice.press(ANSWER, message="Hi").status_code == 302
    refused = alice.press(ANSWER, message="Hi")
    assert refused.status_code == 429
    assert "Try again tomorrow." in seen(refused)
    assert Reply.objects.count() == REPLIES_A_DAY


def test_only_who_takes_part_writes_to_a_project(world: World, joiner: Person, bob: Person, anybody: Person) -> None:
    leave(world.of_bob)
    for person in (joiner, bob):
        assert person.get(ANSWER).status_code == person.post(ANSWER, message="Hi").status_code == 404
    assert anybody.get(ANSWER).status_code == 302
    assert anybody.get("/activity/nothing/send-message/").status_code == 302
    assert joiner.get("/activity/nothing/send-message/").status_code == 404


def test_members_are_removed_on_a_page_and_told(
    world: World, coordinator: Person, alice: Person, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    done = coordinator.press(REMOVE, project_member_ids=f"{world.alice_number}, {world.alice_number}")
    assert done.headers["Location"] == "/direct-sharing/projects/on-site/study/"
    assert "1 member removed." in seen(coordinator.get(done.headers["Location"]))
    assert "The project ended it" in seen(alice.get(CONNECTIONS))
    drain()
    assert [mail.to for mail in mailoutbox] == [["alice@example.org"]]


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ("", "You must provide a list of project member IDs."),
        ("123", "Project member IDs are always 8 digits long."),
        ("99999999", "Invalid project member ID(s): 99999999"),
    ],
)
def test_a_removal_that_cannot_be_done_says_why(world: World, coordinator: Person, ids: str, told: str) -> None:
    answer = coordinator.press(REMOVE, project_member_ids=f"{ids} {world.bob_number}" if ids else "")
    assert (answer.status_code, told in seen(answer)) == (400, True)
    assert Authorization.objects.filter(revoked_at=None, project=world.study).count() == 2


def test_a_project_writes_to_its_own_members_only(
    world: World, coordinator: Person, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    authorize(world.joiner, make_project(world.coordinator, "Third"))
    coordinator.press("/direct-sharing/projects/message/third/", all_members="on", message="Hi")
    drain()
    assert [mail.to for mail in mailoutbox] == [["joiner@example.org"]]
