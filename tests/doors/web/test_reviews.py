"""The pages of a review: a coordinator asks, reviewers look at exactly that version, remark, approve or return."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Project, Review
from consentry_server.projects.queries import reviewing as queries
from consentry_server.projects.rules.reviewing import Description, checklist
from tests.doors.web.person import Person, hidden, seen
from tests.reviews import approve, ask, draft, edit, make_reviewer
from tests.world import World, make_app, make_project

OWN, QUEUE = "/direct-sharing/projects/review/draft/", "/direct-sharing/review/"
NOW = datetime.now(UTC)
Visit = Callable[[Member | None], Person]


@pytest.fixture
def project(world: World) -> Project:
    return draft(world)


@pytest.fixture
def judge(db: None) -> Member:
    return make_reviewer("judith")


@pytest.fixture
def reviewer(judge: Member, visit: Visit) -> Person:
    return visit(judge)


def address(review: Review, what: str = "") -> str:
    return f"{QUEUE}{review.pk}/{what}"


def all_checks(review: Review) -> list[str]:
    return [check.code for check in checklist(Description.read(review.version.text))]


def test_a_coordinator_asks_a_reviewer_returns_it_the_coordinator_mends_it_and_it_is_listed(
    project: Project, coordinator: Person, reviewer: Person, anybody: Person
) -> None:
    held = hidden(coordinator.get(OWN).text)
    asked = coordinator.post(f"{OWN}ask/", shown=held["shown"], note="See our page.")
    first = Review.objects.get(project=project)
    assert asked.headers["Location"] == OWN
    assert "waits for a reviewer" in seen(coordinator.get(OWN))
    assert "Draft" in seen(reviewer.get(QUEUE))
    assert "See our page." in seen(reviewer.get(address(first)))
    reviewer.post(address(first, "return/"), reason="Say for how long.")
    assert "Say for how long." in seen(coordinator.get(OWN))
    edit(project, consent_text="For a year.")
    coordinator.post(f"{OWN}ask/", shown=hidden(coordinator.get(OWN).text)["shown"])
    second = Review.objects.exclude(pk=first.pk).get(project=project)
    page = reviewer.get(address(second))
    assert "For a year." in seen(page)
    assert "Returned" in seen(page)
    reviewer.post(address(second, "approve/"), checked=all_checks(second))

    assert "Draft" in seen(anybody.get("/explore-share/"))
    assert "approved As it stands" in seen(coordinator.get(OWN))


def test_the_page_shows_exactly_the_version_that_was_asked_about(project: Project, reviewer: Person) -> None:
    review = ask(project)
    edit(project, consent_text="We sell it.", short_description="Another")
    page = reviewer.get(address(review))

    assert review.version.sha256 in page.text
    assert "I agree to share" in seen(page)
    assert "so this request cannot be approved" in seen(page)
    assert "<ins><span" in page.text
    assert "We sell it." in page.text.split("The version")[0]


def test_253_approving_what_was_widened_meanwhile_answers_409_and_approves_nothing(
    project: Project, reviewer: Person
) -> None:
    review = ask(project)
    held = all_checks(review)
    edit(project, requested_sources=[*project.requested_sources.all(), Project.objects.get(slug="private")])
    answer = reviewer.post(address(review, "approve/"), checked=held)

    project.refresh_from_db()
    assert answer.status_code == 409
    assert "Nothing was approved" in seen(answer)
    assert project.approved_at is None


def test_253_asking_about_another_version_than_was_shown_answers_409(project: Project, coordinator: Person) -> None:
    held = hidden(coordinator.get(OWN).text)
    edit(project, leader="Somebody Else")

    assert coordinator.post(f"{OWN}ask/", **held).status_code == 409
    assert not Review.objects.filter(project=project).exists()


@pytest.mark.parametrize("checked", [[], ["who"], ["who", "nonsense"]])
def test_what_was_not_looked_at_is_not_approved(project: Project, reviewer: Person, checked: list[str]) -> None:
    review = ask(project)
    answer = reviewer.post(address(review, "approve/"), checked=checked)

    assert answer.status_code == 400
    assert queries.open_review(project.pk) == review


@pytest.mark.parametrize("reason", ["", "  ", "r" * 2001])
def test_a_return_without_a_reason_is_none(project: Project, reviewer: Person, reason: str) -> None:
    review = ask(project)

    assert reviewer.post(address(review, "return/"), reason=reason).status_code == 400
    assert queries.open_review(project.pk) == review


def test_044_nobody_else_sees_or_touches_the_review_of_a_project(
    world: World, project: Project, alice: Person, coordinator: Person, visit: Visit, reviewer: Person
) -> None:
    review = ask(project)
    make_project(world.alice, "Hers", approved=False)
    pages = [QUEUE, address(review)]
    forms = [(f"{OWN}ask/", {"shown": "x"}), (f"{OWN}withdraw/", {}), (f"{OWN}remark/", {"text": "x"})]
    judged = [(address(review, what), {"reason": "x", "text": "x", "checked": all_checks(review)})
              for what in ("approve/", "return/", "remark/")]  # fmt: skip

    for person in (alice, coordinator):
        for path in pages:
            assert person.get(path).status_code == 404
        for path, fields in judged:
            assert person.post(path, **fields).status_code == 404
    for person in (alice, reviewer):
        assert person.get(OWN).status_code == 404
        for path, fields in forms:
            assert person.post(path, **fields).status_code == 404
    assert reviewer.get(f"{QUEUE}999999/").status_code == 404
    assert queries.open_review(project.pk) == review


def test_anybody_is_led_to_log_in_and_back(project: Project, anybody: Person) -> None:
    for path in (OWN, QUEUE, address(ask(project))):
        answer = anybody.get(path)
        assert answer.headers["Location"] == f"/account/login/?next={path}"


def test_122_each_form_needs_its_proof_and_looking_decides_nothing(
    project: Project, coordinator: Person, reviewer: Person
) -> None:
    review = ask(project)
    for what in ("approve/", "return/", "remark/"):
        assert reviewer.browser.post(address(review, what), data={"reason": "x"}).status_code == 403
        assert reviewer.get(address(review, what)).status_code == 405
    for what in ("ask/", "withdraw/", "remark/"):
        assert coordinator.browser.post(f"{OWN}{what}", data={"text": "x"}).status_code == 403
        assert coordinator.get(f"{OWN}{what}").status_code == 405
    assert queries.open_review(project.pk) == review


def test_both_sides_read_remarks_and_the_coordinator_learns_no_name(
    project: Project, coordinator: Person, reviewer: Person
) -> None:
    review = ask(project)
    reviewer.post(address(review, "remark/"), text="For how <b>long</b>?")
    coordinator.post(f"{OWN}remark/", text="A year.")
    own, theirs = coordinator.get(OWN), reviewer.get(address(review))

    for page in (own, theirs):
        assert "For how <b>long</b>?" in seen(page)
        assert "A year." in seen(page)
        assert "<b>long" not in page.text
    assert "A reviewer" in seen(own)
    assert "judith" in seen(theirs)
    assert "judith" not in own.text


def test_a_remark_on_what_is_over_is_refused(project: Project, coordinator: Person, reviewer: Person) -> None:
    review = ask(project)
    reviewer.post(address(review, "return/"), reason="No.")

    assert reviewer.post(address(review, "remark/"), text="More").status_code == 409
    assert coordinator.post(f"{OWN}remark/", text="More").status_code == 404


def test_remarks_and_requests_have_a_daily_limit(project: Project, coordinator: Person) -> None:
    for n in range(5):
        edit(project, short_description=f"Version {n}")
        ask(project)
    edit(project, short_description="One more")
    held = hidden(coordinator.get(OWN).text)
    review = queries.open_review(project.pk)
    assert review is not None
    for _ in range(30):
        projects.remark(review_id=review.pk, member_id=project.coordinator_id, text="Please", now=NOW)

    assert coordinator.post(f"{OWN}ask/", shown=held["shown"]).status_code == 429
    assert coordinator.post(f"{OWN}remark/", text="Please").status_code == 403


def test_a_coordinator_sees_what_changed_since_the_review_and_what_that_means(
    project: Project, coordinator: Person, judge: Member, reviewer: Person
) -> None:
    approve(ask(project), judge)
    edit(project, short_description="Words only")
    small = coordinator.get(OWN)
    edit(project, consent_text="We sell it.")
    wide = coordinator.get(OWN)

    assert "That needs no review" in seen(small)
    assert "Words only" in seen(small)
    assert "How people sleep" in seen(small)
    assert "not listed for now" in seen(wide)
    assert "Ask for a review" in seen(wide)
    assert "reviewed again" in seen(wide)
    assert "not listed for it" in seen(reviewer.get(QUEUE))


def test_a_reviewer_sees_what_is_new_since_the_last_approval(project: Project, judge: Member, reviewer: Person) -> None:
    approve(ask(project), judge)
    edit(project, consent_text="For two years.")
    page = reviewer.get(address(ask(project)))

    assert "What is new since its approval" in seen(page)
    assert "For two years." in page.text.split("The version")[0]


def test_a_request_can_be_taken_back(project: Project, coordinator: Person) -> None:
    ask(project)
    coordinator.post(f"{OWN}withdraw/")

    assert queries.open_review(project.pk) is None
    assert coordinator.post(f"{OWN}withdraw/").status_code == 409


def test_149_an_address_that_a_browser_would_run_is_no_link_for_reviewers(world: World, reviewer: Person) -> None:
    app, _, _ = make_app(world.coordinator, "App", redirect_uris="com.example.app:/back")
    Project.objects.filter(pk=app.pk).update(info_url="javascript:alert(1)", approved_at=None)
    page = reviewer.get(address(ask(app))).text

    assert 'href="javascript' not in page
    assert 'href="com.example' not in page
    assert "javascript:alert(1)" in page
    assert "com.example.app:/back" in page


@pytest.mark.parametrize("text", ["a\n" * 9_000, "\n".join(f"line {n % 7}" for n in range(200_000))])
def test_133_a_very_long_text_is_shown_without_being_compared(
    project: Project, coordinator: Person, judge: Member, text: str
) -> None:
    approve(ask(project), judge)
    edit(project, consent_text=text)
    answer = coordinator.get(OWN)

    changes = answer.text.partition("Changed since it was approved")[2].partition("<details")[0]
    assert "lines more" in changes
    assert len(changes) < 40_000


def test_reviewers_pages_cost_the_same_however_much_there_is(
    world: World, project: Project, reviewer: Person, judge: Member
) -> None:
    review = ask(project)
    edit(world.study, short_description="Words")

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert reviewer.get(path).status_code == 200
        return len(found)

    reviewer.get(QUEUE)
    before = cost(QUEUE), cost(address(review))
    for n in range(8):
        ask(make_project(world.coordinator, f"Waits {n}", approved=False))
        edit(make_project(world.coordinator, f"Changed {n}"), short_description="Words")
        projects.remark(review_id=review.pk, member_id=judge.pk, text="Hm", now=NOW)

    assert (cost(QUEUE), cost(address(review))) == before
    assert max(before) <= 16
