"""See what they see: the project's exact view, before and after agreeing."""

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.files.models import Access
from consentry_server.members import actions as members
from consentry_server.sharing.models import Authorization
from tests.doors.web.person import AUTHORIZE, JOIN, Person, seen
from tests.doors.web.test_joining import change
from tests.world import THEN, World, authorize, give, leave


def page_of(authorization: Authorization) -> str:
    return f"/member/me/connections/{authorization.pk}/seen/"


def read(world: World, anybody: Person, **query: str) -> httpx.Response:
    """Ask for alice as the study does."""
    bearer = {"Authorization": f"Bearer {world.token}"}
    asked = {"project_member_id": world.alice_number} | query
    return anybody.browser.get("/api/direct-sharing/project/exchange-member/", params=asked, headers=bearer)


def test_it_shows_what_the_api_hands_out_and_nothing_else(world: World, alice: Person, anybody: Person) -> None:
    for nth in range(3):
        give(world.alice, world.source, f"more-{nth}.csv")
    give(world.alice, world.study, "from-the-study.csv")
    page, said = alice.get(page_of(world.of_alice)), read(world, anybody).json()

    assert len(said["data"]) == 5
    for file in said["data"]:
        assert file["basename"] in page.text
        assert file["sha256"] in page.text
    assert world.alice_number in seen(page)
    assert said["created"] in page.text
    assert "Username not told" in seen(page)
    assert "4 from Source" in seen(page)
    assert "1 from Study" in seen(page)
    assert "secret.csv" not in page.text


def test_only_the_member_sees_it(
    world: World, bob: Person, joiner: Person, coordinator: Person, anybody: Person
) -> None:
    path = page_of(world.of_alice)
    for person in (bob, joiner, coordinator):
        assert person.get(path).status_code == 404
    assert anybody.get(path).headers["Location"] == f"/account/login/?next={path}"


@pytest.mark.parametrize("number", ["0", "99999", "999999999999999999", "x", "-1"])
def test_052_a_number_that_is_nobodys_is_as_one_of_somebody_else(alice: Person, number: str) -> None:
    assert alice.get(f"/member/me/connections/{number}/seen/").status_code == 404


def test_looking_writes_nothing_into_the_ledger(world: World, alice: Person) -> None:
    alice.get(page_of(world.of_alice))

    assert not Access.objects.exists()


def test_298_after_leaving_there_is_nothing_to_see(world: World, alice: Person) -> None:
    leave(world.of_alice)

    assert alice.get(page_of(world.of_alice)).status_code == 404


def test_a_username_is_shown_only_where_it_is_told(world: World, alice: Person) -> None:
    change(world.other, request_username_access=True)
    other = authorize(world.alice, world.other)
    members.rename(member_id=world.alice.pk, username="alice", name="Alice Liddell", now=THEN)

    assert "Username alice" in seen(alice.get(page_of(other)))
    assert "Liddell" not in alice.get(page_of(other)).text.split("<main", 1)[1]


def test_many_files_come_page_by_page_in_as_many_statements_as_one(world: World, alice: Person) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            alice.get(page_of(world.of_alice))
        return len(found)

    few = statements()
    for nth in range(60):
        give(world.alice, world.source, f"many-{nth}.csv")
    first, second = (alice.get(f"{page_of(world.of_alice)}?page={number}") for number in (1, 2))

    assert statements() == few
    assert (first.text.count("many-"), second.text.count("many-")) == (49, 11)
    assert "No files on this page" in seen(alice.get(f"{page_of(world.of_alice)}?page=9"))


def test_names_of_files_are_text(world: World, alice: Person) -> None:
    give(world.alice, world.source, "<b>bold.csv")

    assert "<b>bold" not in alice.get(page_of(world.of_alice)).text


def test_before_agreeing_the_sources_lead_to_the_files_that_would_be_opened(world: World, joiner: Person) -> None:
    give(world.joiner, world.source, "mine.csv")
    joiner.press(f"{JOIN}/study/")
    page = joiner.get(f"{AUTHORIZE}/study/")
    path = f"/member/me/data/{world.source.pk}/"

    assert f'href="{path}"' in page.text
    assert "mine.csv" in joiner.get(path).text
