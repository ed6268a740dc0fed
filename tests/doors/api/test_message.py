"""`project/message/`: a project writes to its members without knowing them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from django.core.mail import EmailMessage

from consentry_server.audit.models import Event
from consentry_server.files import actions as files
from consentry_server.messaging.models import Message
from consentry_server.outbox.models import Effect
from tests.doors.api.calls import MESSAGE, PROJECT, bearer
from tests.world import World, authorize, leave

pytestmark = pytest.mark.django_db

Drain = Callable[..., int]
REQUIRED = {"message": ["This field is required."]}
NEITHER = "You must specify either all members or provide a list of IDs."
BOTH = "You must specify either all members or provide a list of IDs but not both."
EIGHT = {"project_member_ids": ["Project member IDs are always 8 digits long."]}
EVERYBODY = {"alice@example.org", "bob@example.org"}


def invalid(*numbers: str) -> dict[str, list[str]]:
    return {"project_member_ids": [f"Invalid project member ID(s): {', '.join(numbers)}"]}


@pytest.fixture
def send(world: World, client: httpx.Client) -> Callable[..., httpx.Response]:
    """Call `message/` with a form, JSON or a form of parts."""

    def send(how: str = "data", **fields: Any) -> httpx.Response:
        if how == "files":
            parts = [(name, (None, str(value))) for name, given in fields.items() for value in _many(given)]
            return client.post(MESSAGE, headers=bearer(world.token), files=parts)
        return client.post(MESSAGE, headers=bearer(world.token), **{how: fields})  # type: ignore[arg-type]

    return send


def _many(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def receivers(box: list[EmailMessage]) -> list[str]:
    return sorted(address for mail in box for address in mail.to)


def refused(answer: httpx.Response, errors: dict[str, list[str]]) -> None:
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})
    assert not Message.objects.exists()
    assert not Effect.objects.filter(kind__startswith="messaging.").exists()


@pytest.mark.parametrize(("how", "yes"), [("data", "True"), ("data", "true"), ("json", True), ("files", "on")])
def test_all_members_get_a_mail_each(
    send: Callable[..., httpx.Response], drain: Drain, mailoutbox: list[EmailMessage], how: str, yes: object
) -> None:
    answer = send(how, all_members=yes, subject="Week 3", message="Please sleep.")
    assert (answer.status_code, answer.text) == (200, '"success"')
    assert mailoutbox == []  # the answer waits for no mail server
    drain()
    assert receivers(mailoutbox) == ["alice@example.org", "bob@example.org"]
    assert all(len(mail.to) == 1 and not mail.cc and not mail.bcc for mail in mailoutbox)


@pytest.mark.parametrize("form", ["{0},{1}", "{0} {1}", "{0}\r\n{1}", "{0}\n\n{1}", " ,{0}, ,{1},\n", "{0},{1},{0}"])
@pytest.mark.parametrize("how", ["data", "json", "files"])
def test_a_text_of_ids_is_split(
    world: World, send: Callable[..., httpx.Response], drain: Drain, mailoutbox: list[EmailMessage], how: str, form: str
) -> None:
    text = form.format(world.alice_number, world.bob_number)
    assert send(how, project_member_ids=text, message="Hello").status_code == 200
    drain()
    assert receivers(mailoutbox) == ["alice@example.org", "bob@example.org"]


@pytest.mark.parametrize("how", ["data", "json", "files"])
@pytest.mark.parametrize("kind", [str, int])
def test_179_a_list_of_ids_counts_whole_however_it_is_sent(
    world: World, send: Callable[..., httpx.Response], drain: Drain, mailoutbox: list[EmailMessage], how: str, kind: Any
) -> None:
    numbers = [kind(number) for number in (world.alice_number, world.bob_number, world.alice_number)]
    assert send(how, project_member_ids=numbers, message="Hello").status_code == 200
    drain()
    assert receivers(mailoutbox) == ["alice@example.org", "bob@example.org"]


def test_all_members_may_come_with_an_empty_list(
    send: Callable[..., httpx.Response], drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    assert send("json", all_members=True, project_member_ids=[], message="Hello").status_code == 200
    drain()
    assert set(receivers(mailoutbox)) == EVERYBODY


@pytest.mark.parametrize("fields", [{}, {"message": ""}, {"message": " \n\t "}, {"subject": "Hello"}])
def test_a_message_is_required(send: Callable[..., httpx.Response], fields: dict[str, str]) -> None:
    refused(send(all_members="true", **fields), REQUIRED)


@pytest.mark.parametrize("message", [None, 5, {"a": 1}, []])
def test_a_message_that_is_no_text_is_none(send: Callable[..., httpx.Response], message: object) -> None:
    refused(send("json", all_members=True, message=message), REQUIRED)


@pytest.mark.parametrize("fields", [{}, {"all_members": "False"}, {"project_member_ids": " ,\r\n"}])
def test_somebody_must_be_meant(send: Callable[..., httpx.Response], fields: dict[str, str]) -> None:
    refused(send(message="Hello", **fields), {"__all__": [NEITHER]})


def test_all_and_a_list_contradict_each_other(world: World, send: Callable[..., httpx.Response]) -> None:
    answer = send(message="Hello", all_members="true", project_member_ids=world.alice_number)
    refused(answer, {"__all__": [BOTH]})


def test_a_bodyless_call_is_told_all_that_is_missing(world: World, client: httpx.Client) -> None:
    answer = client.post(f"{MESSAGE}?access_token={world.token}")
    refused(answer, REQUIRED | {"__all__": [NEITHER]})


@pytest.mark.parametrize(
    "ids", ["1234567", "123456789", "1" * 17, "a", ["12345678", "1"], [True], [1.5], [{}], [["12345678"]], {"a": "b"}]
)
def test_041_ids_of_another_length_or_kind_are_refused(send: Callable[..., httpx.Response], ids: object) -> None:
    refused(send("json", message="Hello", project_member_ids=ids), EIGHT)


def test_031_179_strangers_look_alike_and_then_nobody_is_mailed(
    world: World, send: Callable[..., httpx.Response]
) -> None:
    foreign = authorize(world.joiner, world.other).project_member.number
    left = authorize(world.joiner, world.study)
    leave(left)
    files.suspend(member_id=world.bob.pk, suspended=True, actor="test", now=datetime.now(UTC))
    strangers = ["99999999", foreign, left.project_member.number, world.bob_number, "abcdefgh"]
    ids = [world.alice_number, *strangers, strangers[0]]
    refused(send("json", message="Hello", project_member_ids=ids), invalid(*strangers))


@pytest.mark.parametrize("yes", ["maybe", "2", "yes"])
def test_182_an_unclear_yes_mails_nobody(send: Callable[..., httpx.Response], yes: str) -> None:
    refused(send(message="Hello", all_members=yes), {"all_members": ["Send true or false."]})


def test_166_what_cannot_be_kept_is_refused(send: Callable[..., httpx.Response]) -> None:
    for fields in ({"message": "a\x00b"}, {"message": "a", "subject": "\x00"}, {"message": "\uffff"}):
        assert send(all_members="true", **fields).status_code == 400
    assert not Message.objects.exists()


def test_subject_and_text_are_trimmed_and_kept(
    world: World, send: Callable[..., httpx.Response], drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    send(project_member_ids=world.alice_number, subject="  Week 3 ", message="\n  Grüße!\r\n 🙂 \n")
    drain()
    (mail,) = mailoutbox
    assert mail.subject == "[Open Humans Project Message] Week 3"
    assert str(mail.body).splitlines()[:2] == ["Grüße!", " 🙂"]
    (kept,) = Message.objects.all()
    assert (kept.subject, kept.text, kept.to_all, kept.recipients) == ("Week 3", "Grüße!\r\n 🙂", False, 1)


def test_the_answer_and_the_trail_name_no_member(world: World, send: Callable[..., httpx.Response]) -> None:
    send(all_members="true", message="Hello")
    event = Event.objects.get(name="message.write")
    assert event.about == f"project:{world.study.pk}"
    assert event.detail["members"] == 2
    assert "example.org" not in str(event.detail)


def test_040_the_message_of_another_project_reaches_its_own_members_only(
    world: World, client: httpx.Client, drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    form = {"all_members": "true", "message": "Hello", "project_id": str(world.study.pk)}
    assert client.post(MESSAGE, headers=bearer(world.other_token), data=form).status_code == 200
    drain()
    assert mailoutbox == []


def test_the_suffix_json_works(world: World, client: httpx.Client) -> None:
    form = {"all_members": "true", "message": "Hello"}
    assert client.post(f"{PROJECT}message.json", headers=bearer(world.token), data=form).status_code == 200


def test_a_paused_or_unapproved_project_may_write(world: World, send: Callable[..., httpx.Response]) -> None:
    world.study.paused_at = world.study.created_at
    world.study.approved_at = None
    world.study.save()
    assert send(all_members="true", message="Hello").status_code == 200


def test_an_id_of_16_characters_is_looked_up_like_one_of_8(send: Callable[..., httpx.Response]) -> None:
    refused(send(message="Hello", project_member_ids="1234567890123456"), invalid("1234567890123456"))


def test_all_members_may_come_with_an_empty_field(
    send: Callable[..., httpx.Response], drain: Drain, mailoutbox: list[EmailMessage]
) -> None:
    assert send(all_members="True", project_member_ids="", message="Hello").status_code == 200
    drain()
    assert set(receivers(mailoutbox)) == EVERYBODY


@pytest.mark.parametrize("how", ["data", "json", "files"])
def test_a_message_has_no_limit_of_its_own(
    world: World, send: Callable[..., httpx.Response], drain: Drain, mailoutbox: list[EmailMessage], how: str
) -> None:
    subject, text = "week " * 1_000, "sleep " * 300_000
    answer = send(how, project_member_ids=world.alice_number, subject=subject, message=text)
    assert (answer.status_code, answer.text) == (200, '"success"')
    drain()
    (mail,) = mailoutbox
    assert Message.objects.get().subject == subject.strip()
    assert mail.subject.startswith("[Open Humans Project Message] week week")  # cut to what a line of a mail holds
    assert text.strip() in str(mail.body)


def test_several_faults_are_told_at_once(world: World, send: Callable[..., httpx.Response]) -> None:
    refused(send(all_members="true", project_member_ids=world.alice_number), REQUIRED | {"__all__": [BOTH]})
    refused(send(project_member_ids="1"), REQUIRED | EIGHT)
