"""What those who run the installation see and may do."""

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from pytest_django import Settings

from consentry_server.audit.models import Event
from consentry_server.members.models import Member
from consentry_server.outbox import actions as outbox
from consentry_server.outbox.models import Effect
from consentry_server.projects.queries import directory, reviewing
from consentry_server.sharing import queries
from consentry_server.tokens.models import ClientSecret, MasterToken
from tests.world import REDIRECT, THEN, World, make_app, make_member

READ_ONLY = [
    "audit/event",
    "files/access",
    "files/datafile",
    "messaging/delivery",
    "messaging/message",
    "outbox/effect",
    "projects/colleague",
    "projects/review",
    "projects/reviewer",
    "sharing/authorization",
    "sharing/consent",
    "tokens/clientsecret",
    "tokens/mastertoken",
]
LISTS = [*READ_ONLY, "members/member", "projects/project"]


@pytest.fixture(autouse=True)
def _keep_the_connection() -> Iterator[None]:
    """Undo what Django's test client does after each request; see tests/conftest.py."""
    yield
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)


@pytest.fixture
def boss(db: None) -> Member:
    member = make_member("boss")
    member.is_staff = member.is_superuser = True
    member.save()
    return member


@pytest.fixture
def staff(boss: Member, settings: Settings) -> Client:
    cache.clear()
    settings.ROOT_URLCONF = "tests.doors.staff.addresses"
    client = Client()
    client.force_login(boss)
    return client


def press(staff: Client, model: str, action: str, *ids: int) -> int:
    fields = {"action": action, "_selected_action": [str(pk) for pk in ids]}
    return staff.post(f"/admin/{model}/", fields).status_code


def test_130_there_is_no_staff_site_unless_it_is_switched_on(db: None, client: object) -> None:
    assert Client().get("/admin/").status_code == 404


@pytest.mark.parametrize(
    ("address", "inside"),
    [("203.0.113.7", True), ("10.9.8.7", True), ("::ffff:10.9.8.7", True), ("2001:db8::5", True),
     ("203.0.113.8", False), ("2001:db9::5", False), ("unknown", False), ("", False)],
)  # fmt: skip
def test_130_staff_pages_are_reached_only_from_addresses_that_are_named(
    staff: Client, settings: Settings, address: str, *, inside: bool
) -> None:
    settings.STAFF_ADDRESSES = list(map(ip_network, ("203.0.113.7", "10.0.0.0/8", "2001:db8::/32")))
    for path in ("/admin/", "/admin/members/member/"):
        assert staff.get(path, REMOTE_ADDR=address).status_code == (200 if inside else 404)
    assert Client().get("/admin/login/", REMOTE_ADDR=address).status_code == (302 if inside else 404)


def test_staff_log_in_through_the_page_of_members(staff: Client) -> None:
    answer = Client().get("/admin/login/?next=/admin/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=")
    assert staff.get("/admin/").status_code == 200


def test_members_do_not_get_in(world: World, staff: Client) -> None:
    member = Client()
    member.force_login(world.alice)

    for path in ("/admin/", "/admin/members/member/", "/admin/projects/project/"):
        assert member.get(path, follow=True).status_code == 403


@pytest.mark.parametrize("model", LISTS)
def test_every_list_can_be_looked_at_and_searched(
    world: World,
    staff: Client,
    model: str,
) -> None:
    assert staff.get(f"/admin/{model}/").status_code == 200
    assert staff.get(f"/admin/{model}/", {"q": "x' OR 1=1 %_"}).status_code == 200


@pytest.mark.parametrize("model", LISTS)
def test_nothing_is_made_or_deleted_by_staff(world: World, staff: Client, model: str) -> None:
    assert staff.get(f"/admin/{model}/add/").status_code == 403
    assert staff.post(f"/admin/{model}/1/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in staff.get(f"/admin/{model}/").content.decode()


def test_rows_are_shown_without_secrets_names_of_files_or_metadata(world: World, staff: Client) -> None:
    pages = [
        f"/admin/files/datafile/{world.file_id}/change/",
        f"/admin/sharing/authorization/{world.of_alice.pk}/change/",
        f"/admin/sharing/consent/{world.of_alice.consents.get().pk}/change/",
        f"/admin/tokens/mastertoken/{MasterToken.objects.get(project=world.study).pk}/change/",
        f"/admin/members/member/{world.alice.pk}/change/",
    ]
    for page in pages:
        answer = staff.get(page)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert world.token not in text
        assert "alice.csv" not in text
        assert "argon2" not in text


def test_what_an_effect_says_is_not_shown(staff: Client) -> None:
    effect_id = outbox.put(kind="mail.send", payload={"to": "alice@example.org"}, now=THEN, about="project:3")
    text = staff.get(f"/admin/outbox/effect/{effect_id}/change/").content.decode()

    assert "project:3" in text
    assert "alice@example.org" not in text
    assert Effect.objects.get().sealed not in text


def test_staff_take_an_approval_back_on_record(world: World, staff: Client) -> None:
    assert press(staff, "projects/project", "unapprove", world.study.pk) == 302
    world.study.refresh_from_db()

    assert world.study.approved_at is None
    event = Event.objects.get(about=f"project:{world.study.pk}", name="project.unapprove")
    assert event.actor.startswith("staff:")


def test_staff_choose_what_is_on_the_front_page_on_record(world: World, staff: Client) -> None:
    press(staff, "projects/project", "feature", world.study.pk, world.other.pk)
    press(staff, "projects/project", "unfeature", world.other.pk)

    assert directory.featured(most=3) == [world.study]
    names = Event.objects.filter(name__contains="feature", actor__startswith="staff:").order_by("id")
    assert [event.name.partition(".")[2] for event in names] == ["feature", "feature", "unfeature"]


def test_staff_appoint_reviewers_and_dismiss_them_on_record(world: World, staff: Client) -> None:
    press(staff, "members/member", "appoint", world.bob.pk, world.alice.pk)
    press(staff, "members/member", "appoint", world.bob.pk)
    press(staff, "members/member", "dismiss", world.alice.pk)

    assert reviewing.is_reviewer(world.bob.pk)
    assert not reviewing.is_reviewer(world.alice.pk)
    assert Event.objects.filter(name="reviewer.appoint", about=f"member:{world.bob.pk}").count() == 2
    assert Event.objects.filter(name="reviewer.dismiss").count() == 1
    press(staff, "members/member", "appoint", world.alice.pk)
    assert reviewing.is_reviewer(world.alice.pk)


def test_055_staff_set_two_flags_of_a_project_and_nothing_else(world: World, staff: Client) -> None:
    fields = {"all_sources_access": "on", "name": "Hijacked", "coordinator": str(world.bob.pk)}
    answer = staff.post(f"/admin/projects/project/{world.study.pk}/change/", fields)
    world.study.refresh_from_db()

    assert answer.status_code == 302
    assert world.study.all_sources_access
    assert not world.study.eternal_tokens_allowed
    assert (world.study.name, world.study.coordinator) == ("Study", world.coordinator)


def test_suspending_a_member_shuts_their_data_and_reinstating_opens_it(world: World, staff: Client) -> None:
    who = {"member_id": world.alice.pk, "project_id": world.study.pk}
    press(staff, "members/member", "suspend", world.alice.pk)
    world.alice.refresh_from_db()
    assert not world.alice.is_active
    assert queries.live(**who) is None
    press(staff, "members/member", "reinstate", world.alice.pk)
    world.alice.refresh_from_db()

    assert world.alice.is_active
    assert queries.live(**who) is not None


def test_what_a_member_is_called_is_not_for_staff_to_change(world: World, staff: Client, boss: Member) -> None:
    fields = {"username": "eve", "is_superuser": "on", "is_active": ""}
    staff.post(f"/admin/members/member/{world.alice.pk}/change/", fields)
    press(staff, "members/member", "suspend", boss.pk)
    world.alice.refresh_from_db()
    boss.refresh_from_db()

    assert (world.alice.username, world.alice.is_superuser) == ("alice", False)
    assert world.alice.is_active
    assert boss.is_active


def test_staff_pages_carry_the_same_headers(staff: Client) -> None:
    answer = staff.get("/admin/projects/project/")

    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"


def test_staff_see_what_an_app_says_and_change_none_of_it(world: World, staff: Client) -> None:
    project, client_id, secret = make_app(world.coordinator, "Tracker")
    address = f"/admin/projects/project/{project.pk}/change/"
    page = staff.get(address).content.decode()
    forged = {"client-TOTAL_FORMS": "1", "client-INITIAL_FORMS": "1", "client-0-redirect_uris": "https://evil.example/"}
    staff.post(address, {"eternal_tokens_allowed": "on", **forged, "client-0-public": "on", "client-0-id": "1"})
    project.refresh_from_db()

    assert client_id in page
    assert REDIRECT in page
    assert 'name="client-0-redirect_uris"' not in page
    assert secret not in page
    assert (project.client.addresses, project.client.public) == ([REDIRECT], False)
    study = staff.get(f"/admin/projects/project/{world.study.pk}/change/").content.decode()
    assert "client_id" not in study


def test_staff_see_of_a_client_secret_what_logs_may_hold(world: World, staff: Client) -> None:
    _, _, secret = make_app(world.coordinator, "Tracker")
    row = ClientSecret.objects.get()
    pages = [staff.get(f"/admin/tokens/clientsecret/{at}").content.decode() for at in ("", f"{row.pk}/change/")]

    for page in pages:
        assert row.fingerprint in page
        assert secret not in page
        assert bytes(row.sha256).hex() not in page
