"""A coordinator's webhook: its address, its secret, and what it did not take."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from consentry_server.audit.models import Event
from consentry_server.outbox.models import Effect
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project, WebhookSecret
from tests.doors.web.person import PROJECT, Person, seen
from tests.doors.web.test_projects import GOOD
from tests.receivers import answering, receiver
from tests.world import PASSWORD, THEN, World, leave

PAGE = "/direct-sharing/projects/deliveries/study/"
Drain = Callable[..., int]


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.WEBHOOK_LOOPBACK = True


def aim(world: World, url: str) -> None:
    projects.edit(project=world.study, actor="test", fields={"deauth_webhook": url}, now=THEN)


def shown(page: str) -> str:
    found = re.search(r'id="webhook-secret">([^<]+)<', page)
    return found[1] if found else ""


def test_the_form_takes_an_address_and_makes_a_secret(world: World, alice: Person) -> None:
    alice.post(f"{PROJECT}/create/", **GOOD, deauth_webhook="https://hooks.example.org/left?a=1")
    project = Project.objects.get(slug="light-sleep")

    assert project.deauth_webhook == "https://hooks.example.org/left?a=1"
    assert WebhookSecret.objects.filter(project=project).count() == 1
    assert "hooks.example.org" in seen(alice.get(f"{PROJECT}/light-sleep/"))
    assert 'value="https://hooks.example.org/left?a=1"' in alice.get(f"{PROJECT}/update/light-sleep/").text


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.org/", "Start the address with https://"),
        ("https://10.0.0.1/", "This address is not a public one."),
        ("https://169.254.169.254/latest/meta-data/", "This address is not a public one."),
        ("https://hooks.example.org:22/", "port 443 only"),
        ("ftp://hooks.example.org/", "plain web address"),
        ("https://a:b@hooks.example.org/", "plain web address"),
        ("https://testserver/", "this site itself"),
        ("hooks.example.org", "plain web address"),
        ("https://hooks.example.org/" + "x" * 256, "at most 256 characters"),
        ("javascript:alert(1)", "plain web address"),
    ],
)
def test_225_229_230_the_form_refuses_an_address_that_would_not_be_called(alice: Person, url: str, reason: str) -> None:
    before = Project.objects.count()
    answer = alice.post(f"{PROJECT}/create/", **GOOD, deauth_webhook=url)

    assert answer.status_code == 400
    assert reason in seen(answer)
    assert Project.objects.count() == before


def test_the_secret_is_shown_after_the_password_only(world: World, coordinator: Person) -> None:
    aim(world, "https://hooks.example.org/")
    wrong = coordinator.post(f"{PAGE}reveal-secret/", reveal__password="not this")
    right = coordinator.post(f"{PAGE}reveal-secret/", reveal__password=PASSWORD)

    assert (wrong.status_code, shown(wrong.text), shown(coordinator.get(PAGE).text)) == (400, "", "")
    assert shown(right.text).startswith("whsec_")
    assert Event.objects.filter(name="webhook.reveal").count() == 1


def replacement(coordinator: Person, **fields: str) -> dict[str, str]:
    held = re.search(r'name="replace-replacing" value="([^"]*)"', coordinator.get(PAGE).text)
    known = {"replacing": held[1] if held else "", "password": PASSWORD, "overlap": "0", "secret": ""}
    return {f"replace__{name}": value for name, value in (known | fields).items()}


def test_290_the_secret_is_replaced_by_a_new_one_or_by_the_coordinators_own(world: World, coordinator: Person) -> None:
    aim(world, "https://hooks.example.org/")
    first = coordinator.post(f"{PAGE}replace-secret/", **replacement(coordinator))
    stale = replacement(coordinator)
    own = coordinator.post(f"{PAGE}replace-secret/", **replacement(coordinator, secret="one-of-my-own-choice"))

    assert shown(first.text).startswith("whsec_")
    assert shown(own.text) == "one-of-my-own-choice"
    assert coordinator.post(f"{PAGE}replace-secret/", **stale).status_code == 409


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"secret": "short"}, "16 to 64 characters"),
        ({"secret": "whsec_" + "!" * 20}, "base64"),
        ({"password": "wrong"}, "This is not your password."),
        ({"overlap": "25"}, "less than or equal to 24"),
        ({"overlap": "-1"}, "greater than or equal to 0"),
        ({"overlap": "1e3"}, "Enter a whole number."),
    ],
)
def test_a_bad_replacement_changes_nothing(
    world: World, coordinator: Person, fields: dict[str, str], reason: str
) -> None:
    aim(world, "https://hooks.example.org/")
    answer = coordinator.post(f"{PAGE}replace-secret/", **replacement(coordinator, **fields))

    assert answer.status_code == 400
    assert reason in seen(answer)
    assert WebhookSecret.objects.count() == 1


def test_287_what_was_given_up_is_seen_with_its_reason_and_tried_again(
    world: World, coordinator: Person, drain: Drain
) -> None:
    with receiver(answering(410)) as gone:
        aim(world, gone.url)
        leave(world.of_alice)
        drain()
    page = seen(coordinator.get(PAGE))
    assert world.alice_number in page
    assert "wants no more of these (410)" in page
    assert "gave up on 1" in seen(coordinator.get(f"{PROJECT}/study/"))

    with receiver(answering(200)) as well:
        aim(world, well.url)
        effect = Effect.objects.get(kind="sharing.webhook")
        answer = coordinator.post(f"{PAGE}replay/", effect=str(effect.pk))
        drain()

    assert answer.headers["Location"] == PAGE
    assert len(well.requests) == 1
    page = seen(coordinator.get(PAGE))
    assert "Given up Nothing." in page
    assert "Nothing waits." in page


def test_235_why_it_did_not_arrive_is_told_only_roughly(world: World, coordinator: Person, drain: Drain) -> None:
    aim(world, "https://no.such.name.invalid/")
    leave(world.of_alice)
    told = set()
    for hour, url in enumerate(("https://no.such.name.invalid/", "http://127.0.0.1:1/", "https://10.0.0.1/")):
        aim(world, url)
        drain(datetime.now(UTC) + timedelta(hours=hour))
        effect = Effect.objects.get(kind="sharing.webhook")
        assert effect.attempts == hour + 1
        told.add(effect.reason)

    (reason,) = told
    assert reason in seen(coordinator.get(PAGE))


def test_a_coordinator_tries_again_only_what_is_theirs(world: World, coordinator: Person, drain: Drain) -> None:
    aim(world, "https://10.0.0.1/")
    leave(world.of_alice)
    effect = Effect.objects.get(kind="sharing.webhook")
    for path, sent in (
        ("/direct-sharing/projects/deliveries/other/replay/", str(effect.pk)),
        (f"{PAGE}replay/", "0"),
        (f"{PAGE}replay/", "x"),
        (f"{PAGE}replay/", "9" * 30),
        (f"{PAGE}replay/", str(effect.pk + 1)),
    ):
        assert coordinator.post(path, effect=sent).status_code == 404
    assert not Event.objects.filter(name="webhook.replay").exists()


def test_044_nobody_else_sees_or_changes_the_secret(world: World, alice: Person) -> None:
    aim(world, "https://hooks.example.org/")
    for what in ("reveal-secret/", "replace-secret/", "replay/"):
        assert alice.post(f"{PAGE}{what}", reveal__password=PASSWORD, replace__password=PASSWORD).status_code == 404
        assert alice.get(f"{PAGE}{what}").status_code == 405
    assert WebhookSecret.objects.count() == 1
