"""Joining a project: the consent text, then exactly what would be shared."""

import re

from consentry_server.projects import actions as projects
from consentry_server.sharing import queries
from consentry_server.sharing.models import Authorization, Consent, ProjectMember
from tests.doors.web.conftest import Callable, Member
from tests.doors.web.person import AUTHORIZE, JOIN, Person, hidden, seen
from tests.world import THEN, World, authorize, give, make_member, make_project


def change(project: object, **fields: object) -> None:
    projects.edit(project=project, actor="test", fields=fields, now=THEN)  # type: ignore[arg-type]


def live(world: World, member: Member) -> Authorization | None:
    return queries.live(member_id=member.pk, project_id=world.study.pk)


def test_a_logged_out_visitor_is_led_to_log_in_and_back(anybody: Person) -> None:
    answer = anybody.get(f"{JOIN}/study/")

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/account/login/?next={JOIN}/study/"


def test_joining_and_agreeing_shares_exactly_what_was_shown(world: World, joiner: Person) -> None:
    first = joiner.press(f"{JOIN}/study/")
    page = joiner.get(f"{AUTHORIZE}/study/")
    done = joiner.press(f"{AUTHORIZE}/study/", allow="allow")

    assert first.headers["Location"] == f"{AUTHORIZE}/study/"
    assert "Source : 1 file now" in seen(page)
    assert "new files from this source" in seen(page)
    assert "eight-digit number" in seen(page)
    assert "does not learn your username" in seen(page)
    assert done.headers["Location"] == "/activity/study/"
    authorization = live(world, world.joiner)
    assert authorization is not None
    assert [grant.source_id for grant in authorization.grants.all()] == [world.source.pk]


def test_reading_the_consent_text_shares_nothing_yet(world: World, joiner: Person) -> None:
    page = joiner.get(f"{JOIN}/study/")
    joiner.press(f"{JOIN}/study/")

    assert "<h2>Consent</h2>" in page.text
    assert "<strong>share</strong>" in page.text
    assert live(world, world.joiner) is None


def test_nobody_authorizes_before_joining(world: World, joiner: Person) -> None:
    looked = joiner.get(f"{AUTHORIZE}/study/")
    forced = joiner.post(f"{AUTHORIZE}/study/", shown=queries.ask(world.study.pk).sha256)

    assert looked.headers["Location"] == f"{JOIN}/study/"
    assert forced.status_code == 409
    assert live(world, world.joiner) is None


def test_saying_no_records_nothing(world: World, joiner: Person) -> None:
    joiner.press(f"{JOIN}/study/")
    answer = joiner.press(f"{AUTHORIZE}/study/", cancel="cancel")

    assert answer.headers["Location"] == "/activity/study/"
    assert not ProjectMember.objects.filter(member=world.joiner).exists()
    assert not Authorization.objects.filter(member=world.joiner).exists()


def test_a_member_who_asked_for_it_is_not_listed(world: World, joiner: Person) -> None:
    joiner.press(f"{JOIN}/study/")
    joiner.press(f"{AUTHORIZE}/study/", hide__membership="hidden_membership")

    assert queries.listed_members(world.study.pk, start=0, count=9) == ["alice", "bob"]


def test_the_username_is_named_if_it_is_asked_for(world: World, joiner: Person) -> None:
    change(world.study, request_username_access=True)
    joiner.press(f"{JOIN}/study/")

    assert "learns your username , joiner" in seen(joiner.get(f"{AUTHORIZE}/study/"))


def test_access_to_all_sources_is_said_in_so_many_words(world: World, joiner: Person) -> None:
    change(world.study, all_sources_access=True)
    joiner.press(f"{JOIN}/study/")

    assert "all your files, from every source" in seen(joiner.get(f"{AUTHORIZE}/study/"))


def test_081_a_source_added_between_looking_and_agreeing_is_not_granted(world: World, joiner: Person) -> None:
    joiner.press(f"{JOIN}/study/")
    held = hidden(joiner.get(f"{AUTHORIZE}/study/").text)
    change(world.study, requested_sources=[world.source, world.private])
    answer = joiner.post(f"{AUTHORIZE}/study/", **held)

    assert answer.status_code == 409
    assert "has changed what it asks for" in seen(answer)
    assert "Private : 0 files now" in seen(answer)
    assert live(world, world.joiner) is None


def test_082_any_change_of_what_was_shown_asks_again(world: World, joiner: Person) -> None:
    changes: list[dict[str, object]] = [
        {"name": "Study of light"},
        {"leader": "Somebody Else"},
        {"organization": "Another House"},
        {"request_username_access": True},
        {"all_sources_access": True},
    ]
    joiner.press(f"{JOIN}/study/")
    for fields in changes:
        held = hidden(joiner.get(f"{AUTHORIZE}/{world.study.slug}/").text)
        change(world.study, **fields)
        assert joiner.post(f"{AUTHORIZE}/{world.study.slug}/", **held).status_code == 409

    assert live(world, world.joiner) is None


def test_082_a_changed_consent_text_is_shown_anew_on_both_pages(world: World, joiner: Person) -> None:
    held = hidden(joiner.get(f"{JOIN}/study/").text)
    change(world.study, consent_text="The second text")
    refused = joiner.post(f"{JOIN}/study/", **held)
    joiner.press(f"{JOIN}/study/")
    held = hidden(joiner.get(f"{AUTHORIZE}/study/").text)
    change(world.study, consent_text="The third text")
    refused_later = joiner.post(f"{AUTHORIZE}/study/", **held)

    assert (refused.status_code, refused_later.status_code) == (409, 409)
    assert "The second text" in seen(refused)
    assert "The third text" in seen(refused_later)
    assert live(world, world.joiner) is None


def test_085_agreeing_twice_leaves_one_authorization_and_one_consent(world: World, joiner: Person) -> None:
    joiner.press(f"{JOIN}/study/")
    held = hidden(joiner.get(f"{AUTHORIZE}/study/").text)
    answers = [joiner.post(f"{AUTHORIZE}/study/", **held) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Authorization.objects.filter(member=world.joiner).count() == 1
    assert Consent.objects.filter(authorization__member=world.joiner).count() == 1


def test_037_a_member_keeps_what_they_agreed_to_until_they_agree_anew(world: World, alice: Person) -> None:
    change(world.study, requested_sources=[world.source, world.private])
    before = [grant.source_id for grant in world.of_alice.grants.all()]
    page = alice.get(f"{AUTHORIZE}/study/")
    alice.press(f"{AUTHORIZE}/study/")
    after = {grant.source_id for grant in world.of_alice.grants.all()}

    assert before == [world.source.pk]
    assert "This is not what you agreed to" in seen(page)
    assert after == {world.source.pk, world.private.pk}
    assert Consent.objects.filter(authorization=world.of_alice).count() == 2


def test_whoever_left_reads_the_consent_text_again(world: World, alice: Person) -> None:
    alice.post(f"/direct-sharing/projects/leave/{world.of_alice.pk}/")

    assert "Step 1 of 2" in seen(alice.get(f"{JOIN}/study/"))


def test_a_paused_or_unknown_project_takes_nobody(world: World, joiner: Person) -> None:
    change(world.study, active=False)

    assert joiner.get(f"{JOIN}/study/").status_code == 404
    assert joiner.get(f"{AUTHORIZE}/study/").status_code == 404
    assert joiner.post(f"{AUTHORIZE}/study/", shown="x").status_code == 404
    assert joiner.get(f"{JOIN}/nothing/").status_code == 404


def test_the_post_sharing_address_gets_the_members_number(world: World, joiner: Person) -> None:
    change(world.study, post_sharing_url="https://Example.org:8443/done?id=PROJECT_MEMBER_ID")
    joiner.press(f"{JOIN}/study/")
    page = joiner.get(f"{AUTHORIZE}/study/")
    answer = joiner.press(f"{AUTHORIZE}/study/", allow="allow")

    authorization = live(world, world.joiner)
    assert authorization is not None
    number = authorization.project_member.number
    assert answer.headers["Location"] == f"https://Example.org:8443/done?id={number}"
    assert "form-action 'self' https://example.org:8443;" in page.headers["Content-Security-Policy"]


def test_149_a_post_sharing_address_that_a_browser_would_run_is_not_followed(world: World, joiner: Person) -> None:
    change(world.study, post_sharing_url="javascript:alert(1)//PROJECT_MEMBER_ID")
    joiner.press(f"{JOIN}/study/")
    page = joiner.get(f"{AUTHORIZE}/study/")
    answer = joiner.press(f"{AUTHORIZE}/study/", allow="allow")

    assert answer.headers["Location"] == "/activity/study/"
    assert "form-action 'self';" in page.headers["Content-Security-Policy"]


def test_the_twenty_first_member_of_an_unapproved_project_is_turned_away(
    world: World, joiner: Person, visit: Callable[[Member], Person]
) -> None:
    small = make_project(world.coordinator, "Small", approved=False)
    members = [make_member(f"member_{nth}") for nth in range(20)]
    for member in members:
        authorize(member, small)
    answer = joiner.get(f"{JOIN}/small/")
    told = joiner.get(answer.headers["Location"])

    assert answer.headers["Location"] == "/member/me/data/"
    assert 'Sorry, "Small" has not been approved and has exceeded the 20 member limit for unapproved projects.' in seen(
        told
    )
    assert visit(members[0]).get(f"{AUTHORIZE}/small/").status_code == 200
    assert visit(world.coordinator).get(f"{JOIN}/small/").status_code == 200


def test_the_cap_holds_for_whoever_looked_before_it_was_reached(world: World, joiner: Person) -> None:
    small = make_project(world.coordinator, "Small", approved=False)
    for nth in range(19):
        authorize(make_member(f"member_{nth}"), small)
    joiner.press(f"{JOIN}/small/")
    held = hidden(joiner.get(f"{AUTHORIZE}/small/").text)
    authorize(world.bob, small)
    answer = joiner.post(f"{AUTHORIZE}/small/", **held)

    assert answer.headers["Location"] == "/member/me/data/"
    assert queries.live(member_id=world.joiner.pk, project_id=small.pk) is None


def test_a_client_without_a_browser_finds_the_button_that_agrees(
    joiner: Person,
) -> None:
    words = re.compile("accept|agree|allow|authorize|consent|join|approve", re.IGNORECASE)
    joiner.press(f"{JOIN}/study/")
    page = joiner.get(f"{AUTHORIZE}/study/").text
    buttons = re.findall(r"<button[^>]*>[^<]*", page)

    first = next(button for button in buttons if words.search(button))
    assert 'name="allow"' in first


def test_counts_of_files_are_those_of_the_member_who_looks(world: World, joiner: Person) -> None:
    for nth in range(3):
        give(world.joiner, world.source, f"more-{nth}.csv")
    joiner.press(f"{JOIN}/study/")

    assert "Source : 4 files now" in seen(joiner.get(f"{AUTHORIZE}/study/"))
