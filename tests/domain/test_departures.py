"""What follows from leaving, whoever ended it and whatever the project's webhook does."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from hmac import new as hmac

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from pytest_django import Settings
from standardwebhooks import Webhook

from consentry_server.audit.models import Event
from consentry_server.common.errors import Conflict, Invalid, NotFound
from consentry_server.files import actions as files
from consentry_server.files.models import DataFile
from consentry_server.messaging import actions as messaging
from consentry_server.outbox import queries as outbox
from consentry_server.outbox.models import Effect
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project, WebhookSecret
from consentry_server.sharing import actions, queries
from consentry_server.sharing.models import Authorization
from tests.receivers import Receiver, Say, answering, receiver
from tests.world import THEN, World, authorize, give

Drain = Callable[..., int]
Mails = list[EmailMessage]
KIND = "sharing.webhook"


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.WEBHOOK_LOOPBACK = True


@pytest.fixture
def listening(world: World) -> Iterator[Receiver]:
    """A receiver that takes everything, and whose address the study has."""
    with receiver(answering(200)) as found:
        edit(world.study, deauth_webhook=found.url)
        yield found


def edit(project: Project, **fields: object) -> None:
    projects.edit(project=project, actor="test", fields=fields, now=THEN)


def secret(project: Project) -> str:
    return projects.reveal_webhook_secret(project_id=project.pk, actor="test", now=THEN) or ""


def leave(
    authorization: Authorization, *, erasure: bool = False, remove: bool = False, at: datetime | None = None
) -> None:
    files.leave(
        member_id=authorization.member_id,
        authorization_id=authorization.pk,
        remove_files=remove,
        erasure=erasure,
        now=at or datetime.now(UTC),
    )


def close(world: World) -> None:
    files.close_account(member_id=world.alice.pk, now=datetime.now(UTC))


def send_away(world: World) -> None:
    who = {"project_id": world.study.pk, "numbers": (world.alice_number,)}
    messaging.remove_members(**who, actor="test", now=datetime.now(UTC))


ENDINGS = [
    pytest.param(lambda world: leave(world.of_alice), False, id="leaves"),
    pytest.param(lambda world: leave(world.of_alice, erasure=True), True, id="leaves and asks for erasure"),
    pytest.param(send_away, False, id="is removed"),
    pytest.param(close, True, id="closes the account"),
]


@pytest.mark.parametrize(("end", "erasure"), ENDINGS)
def test_128_a_project_hears_of_a_member_who(
    world: World, listening: Receiver, drain: Drain, end: Callable[[World], None], erasure: object
) -> None:
    end(world)
    drain()
    said = json.loads(listening.body())

    assert len(listening.requests) == 1
    assert said["project_member_id"] == world.alice_number
    assert said["erasure_requested"] is erasure
    assert said["project_id"] == world.study.pk
    assert datetime.fromisoformat(said["timestamp"]) == Authorization.objects.get(pk=world.of_alice.pk).revoked_at
    assert listening.head()["content-type"] == "application/json"


def test_290_both_signatures_verify_with_the_secret_that_the_coordinator_sees(
    world: World, listening: Receiver, drain: Drain
) -> None:
    leave(world.of_alice)
    drain()
    body, head, key = listening.body(), listening.head(), secret(world.study)

    Webhook(key).verify(body, head)
    assert head["x-openhumans-webhooks-signature"] == f"sha1={hmac(key.encode(), body, sha1).hexdigest()}"


def test_238_no_token_name_or_address_leaves_with_it(world: World, listening: Receiver, drain: Drain) -> None:
    leave(world.of_alice)
    drain()

    for private in ("alice", "Alice", "example.org", world.token, secret(world.study)):
        assert private.encode() not in listening.requests[0]


def test_the_project_is_mailed_if_it_wants_to_be(world: World, drain: Drain, mailoutbox: Mails) -> None:
    edit(world.study, deauth_email_notification=True)
    leave(world.of_alice, erasure=True)
    drain()
    (mail,) = mailoutbox

    assert mail.to == ["study@example.org"]
    assert mail.subject == "Open Humans notification:  member withdrawal"
    assert world.alice_number in mail.body
    assert "erase" in mail.body
    assert "http://testserver/direct-sharing/projects/withdrawn-members/study/" in mail.body
    assert "alice" not in mail.body.lower()


def test_a_project_that_asked_for_nothing_is_told_nothing(world: World, drain: Drain, mailoutbox: Mails) -> None:
    leave(world.of_alice)

    assert not Effect.objects.filter(kind__startswith="sharing.").exists()
    drain()
    assert mailoutbox == []


def test_a_suspended_account_tells_nobody(world: World, listening: Receiver, drain: Drain, mailoutbox: Mails) -> None:
    edit(world.study, deauth_email_notification=True)
    files.suspend(member_id=world.alice.pk, suspended=True, actor="test", now=THEN)

    assert drain() == 0
    assert (listening.requests, mailoutbox) == ([], [])


def test_leaving_twice_tells_once(world: World, listening: Receiver, drain: Drain) -> None:
    stale = Authorization.objects.get(pk=world.of_alice.pk)
    leave(world.of_alice)
    actions.revoke(authorization=stale, by="member", erasure=True, now=THEN)
    drain()

    assert len(listening.requests) == 1


def test_what_is_rolled_back_is_told_to_nobody(world: World, listening: Receiver, drain: Drain) -> None:
    with transaction.atomic():
        leave(world.of_alice)
        transaction.set_rollback(True)

    assert drain() == 0
    assert queries.is_live(world.of_alice.pk)


BROKEN = [
    pytest.param(answering(500), id="500"),
    pytest.param(answering(302, "Location: http://10.0.0.1/"), id="redirect"),
    pytest.param(lambda _: None, id="hangs up"),
]


@pytest.mark.parametrize("say", BROKEN)
def test_264_whatever_the_receiver_does_all_else_happens(
    world: World, drain: Drain, mailoutbox: Mails, say: Say
) -> None:
    own = give(world.alice, world.study, "own.csv")
    with receiver(say) as found:
        edit(world.study, deauth_webhook=found.url, deauth_email_notification=True)
        leave(world.of_alice, erasure=True, remove=True)
        drain()
    row = Authorization.objects.get(pk=world.of_alice.pk)

    assert row.revoked_at is not None
    assert row.erasure_requested_at == row.revoked_at
    assert DataFile.objects.get(pk=own).blob_erased_at is not None
    assert len(mailoutbox) == 1
    assert [entry.attempts for entry in outbox.waiting(kind=KIND)] == [1]


@pytest.mark.parametrize("url", ["not an address", "https://10.0.0.1/", "ftp://example.org/", "https://x.invalid/"])
def test_264_an_address_that_cannot_be_called_stops_nothing(
    world: World, drain: Drain, mailoutbox: Mails, url: str
) -> None:
    edit(world.study, deauth_webhook=url, deauth_email_notification=True)
    leave(world.of_alice)
    drain()
    (entry,) = outbox.waiting(kind=KIND)

    assert len(mailoutbox) == 1
    assert entry.reason.startswith("No receiver answered")


def hour_by_hour(drain: Drain, first: int, last: int) -> None:
    for hour in range(first, last):
        drain(datetime.now(UTC) + timedelta(hours=hour))


def test_287_after_three_days_it_is_given_up_told_once_and_can_be_replayed(
    world: World, drain: Drain, mailoutbox: Mails
) -> None:
    with receiver(answering(500)) as found:
        edit(world.study, deauth_webhook=found.url)
        leave(world.of_alice)
        leave(world.of_bob)
        drain()
        hour_by_hour(drain, 1, 76)
        assert list(outbox.dead(kind=KIND)) == []
        hour_by_hour(drain, 76, 150)
        first, second = (found.head(nth)["webhook-id"] for nth in (0, 1))
        heads = [found.head(nth) for nth in range(len(found.requests))]
        tries = [head for head in heads if head["webhook-id"] == first]
        gone = list(outbox.dead(kind=KIND, about=f"project:{world.study.pk}"))

    assert ["5xx" in entry.reason for entry in gone] == [True, True]
    assert len(tries) > 10
    assert first != second
    assert len({head["webhook-timestamp"] for head in tries}) > 10  # each is signed anew
    (mail,) = mailoutbox
    assert "http://testserver/direct-sharing/projects/deliveries/study/" in mail.body

    with receiver(answering(200)) as well:
        edit(world.study, deauth_webhook=well.url)
        who = {"project_id": world.study.pk, "actor": "test", "now": datetime.now(UTC)}
        actions.replay_webhook(effect_id=gone[0].id, **who)
        drain()
        assert well.head()["webhook-id"] == first
    assert len(list(outbox.dead(kind=KIND))) == 1


def test_289_gone_is_given_up_at_once(world: World, drain: Drain) -> None:
    with receiver(answering(410)) as found:
        edit(world.study, deauth_webhook=found.url)
        leave(world.of_alice)
        drain()

    assert [entry.attempts for entry in outbox.dead(kind=KIND)] == [1]


@pytest.mark.parametrize(("asked", "least", "most"), [("600", 600, 700), ("9" * 9, 21600, 21700), ("soon", 4, 10)])
def test_289_patience_is_given_where_it_is_asked_for_and_not_without_end(
    world: World, drain: Drain, asked: str, least: int, most: int
) -> None:
    with receiver(answering(429, f"Retry-After: {asked}")) as found:
        edit(world.study, deauth_webhook=found.url)
        now = datetime.now(UTC)
        leave(world.of_alice, at=now)
        drain(now)
    (entry,) = outbox.waiting(kind=KIND)

    assert timedelta(seconds=least) <= entry.due_at - now <= timedelta(seconds=most)


def test_292_who_leaves_comes_back_and_leaves_is_told_in_order(world: World, listening: Receiver, drain: Drain) -> None:
    leave(world.of_alice, erasure=True)
    leave(authorize(world.alice, world.study, now=datetime.now(UTC)))
    drain()
    said = sorted((json.loads(listening.body(nth)) for nth in (0, 1)), key=lambda body: body["sequence"])

    assert [body["erasure_requested"] for body in said] == [True, False]
    assert said[0]["timestamp"] < said[1]["timestamp"]


def test_a_webhook_whose_address_was_taken_away_is_kept_for_the_coordinator(world: World, drain: Drain) -> None:
    edit(world.study, deauth_webhook="https://hooks.example.org/")
    leave(world.of_alice)
    edit(world.study, deauth_webhook="")
    drain()

    assert [entry.reason for entry in outbox.dead(kind=KIND)] == ["The project has no webhook address any more."]


def test_295_nobody_replays_what_another_project_is_told(world: World, drain: Drain) -> None:
    edit(world.study, deauth_webhook="https://10.0.0.1/")
    leave(world.of_alice)
    told_by = Authorization.objects.get(pk=world.of_alice.pk).told_by or 0
    for project_id, effect_id in ((world.other.pk, told_by), (world.study.pk, told_by + 1000)):
        with pytest.raises(NotFound):
            actions.replay_webhook(project_id=project_id, effect_id=effect_id, actor="test", now=THEN)


def test_011_no_secret_and_no_number_lies_open_in_the_database(world: World, listening: Receiver) -> None:
    leave(world.of_alice)
    key = secret(world.study)

    assert key.startswith("whsec_")
    assert not any(key in row.sealed for row in WebhookSecret.objects.all())
    assert not any(world.alice_number in row.sealed for row in Effect.objects.all())
    assert not any(key in str(row.detail) for row in Event.objects.all())


def replace(project: Project, replacing: str, given: str = "", hours: int = 0) -> str:
    who = {"project_id": project.pk, "actor": "test", "now": datetime.now(UTC)}
    return projects.replace_webhook_secret(replacing=replacing, secret=given, overlap=timedelta(hours=hours), **who)


def fingerprint(project: Project) -> str:
    return WebhookSecret.objects.get(project=project, ends_at=None).fingerprint


def test_290_a_replaced_secret_signs_along_for_as_long_as_was_said(
    world: World, listening: Receiver, drain: Drain
) -> None:
    old = secret(world.study)
    new = replace(world.study, fingerprint(world.study), hours=1)
    leave(world.of_alice)
    drain()
    newest = replace(world.study, fingerprint(world.study), "chosen-by-the-coordinator")
    leave(world.of_bob)
    drain()

    for key in (old, new):
        Webhook(key).verify(listening.body(0), listening.head(0))
    Webhook(old).verify(listening.body(1), listening.head(1))
    Webhook(newest.encode()).verify(listening.body(1), listening.head(1))
    assert len(listening.head(1)["webhook-signature"].split()) == 2


def test_290_two_replacements_at_once_leave_one_secret(world: World, listening: Receiver) -> None:
    before = fingerprint(world.study)
    replace(world.study, before)
    with pytest.raises(Conflict):
        replace(world.study, before)
    with pytest.raises(Invalid):
        replace(world.study, fingerprint(world.study), "short")


@pytest.fixture
def asked(world: World) -> Authorization:
    """Alice left and asked for erasure, now."""
    leave(world.of_alice, erasure=True)
    return Authorization.objects.get(pk=world.of_alice.pk)


def who(world: World, asked: Authorization) -> dict[str, object]:
    return {"project_id": world.study.pk, "authorization_id": asked.pk, "actor": "test", "now": datetime.now(UTC)}


def days(drain: Drain, *numbers: int) -> None:
    for number in numbers:
        drain(datetime.now(UTC) + timedelta(days=number, minutes=1))


def test_293_silence_about_an_erasure_is_asked_about_after_7_21_and_28_days(
    world: World, asked: Authorization, drain: Drain, mailoutbox: Mails
) -> None:
    days(drain, 6)
    assert mailoutbox == []
    days(drain, 7, 21)
    assert [mail.to for mail in mailoutbox] == [["study@example.org"]] * 2
    days(drain, 28)
    assert sorted(mail.to[0] for mail in mailoutbox[2:]) == ["study@example.org", "support@localhost"]
    assert all(world.alice_number in mail.body for mail in mailoutbox)


def test_293_what_is_settled_is_not_asked_about(
    world: World, asked: Authorization, drain: Drain, mailoutbox: Mails
) -> None:
    actions.acknowledge_erasure(**who(world, asked))
    days(drain, 7)
    assert mailoutbox == []
    days(drain, 21)
    assert len(mailoutbox) == 1
    actions.settle_erasure(**who(world, asked), kept_because="")
    days(drain, 28)
    assert len(mailoutbox) == 1


def test_293_an_erasure_is_settled_once(world: World, asked: Authorization) -> None:
    actions.settle_erasure(**who(world, asked), kept_because="The law wants invoices kept.")
    row = Authorization.objects.get(pk=asked.pk)

    assert row.erasure_acknowledged_at == row.erasure_done_at is not None
    assert row.erasure_kept_because == "The law wants invoices kept."
    with pytest.raises(Conflict):
        actions.settle_erasure(**who(world, asked), kept_because="")
    with pytest.raises(Conflict):
        actions.acknowledge_erasure(**who(world, asked))


def test_293_a_project_settles_only_what_it_was_asked_for(world: World, asked: Authorization) -> None:
    leave(world.of_bob)
    for changed in ({"project_id": world.other.pk}, {"authorization_id": world.of_bob.pk}, {"authorization_id": 0}):
        with pytest.raises(NotFound):
            actions.settle_erasure(**(who(world, asked) | changed), kept_because="")
    with pytest.raises(Invalid):
        actions.settle_erasure(**who(world, asked), kept_because="x" * 301)
    assert Authorization.objects.get(pk=asked.pk).erasure_done_at is None
