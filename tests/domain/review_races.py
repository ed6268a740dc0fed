"""A review and an edit at the same moment, with real commits: run by test_races.py in a database of its own."""

import sys

from tests.domain.races import NOW, all_at_once

from django.core.management import call_command  # isort: skip - after Django is set up, as all that follows

from consentry_server.common.errors import Conflict  # isort: skip
from consentry_server.projects import actions as projects
from consentry_server.projects.models import OPEN, Project, Review
from consentry_server.projects.queries import directory, reviewing
from consentry_server.projects.rules.reviewing import Description, checklist
from tests.world import make_member, make_project


def review() -> None:
    """A reviewer approves what a coordinator widens at the same moment; then eight decide one review at once."""
    coordinator, reviewer = make_member("coordinator"), make_member("reviewer")
    projects.appoint(member_id=reviewer.pk, actor="test", now=NOW)

    def asked(name: str) -> Review:
        project = make_project(coordinator, name, approved=False)
        shown = reviewing.described(project).sha256
        who = {"project_id": project.pk, "member_id": coordinator.pk, "note": "", "now": NOW}
        return projects.ask_for_review(shown=shown, **who)  # type: ignore[arg-type]

    def decide(found: Review, nth: int) -> str:
        try:
            if nth % 2:
                projects.send_back(review_id=found.pk, member_id=reviewer.pk, reason="No.", now=NOW)
            else:
                codes = {check.code for check in checklist(Description.read(found.version.text))}
                projects.approve(review_id=found.pk, member_id=reviewer.pk, checked=codes, now=NOW)
        except Conflict:
            return "conflict"
        return "decided"

    def widen(found: Review, nth: int) -> str:
        if nth == 0:
            return decide(found, 0)
        projects.edit(project=found.project, actor="test", fields={"consent_text": "We sell it."}, now=NOW)
        return "widened"

    outcomes = set()
    for n in range(40):
        found = asked(f"Study {n}")
        answers = all_at_once(2, lambda nth, found=found: widen(found, nth))  # type: ignore[misc]
        approved = Project.objects.get(pk=found.project_id).approved_at is not None
        outcomes.add((answers[0] == "decided") == approved)
    listed = directory.listed().count()
    last = asked("Last")
    decided = all_at_once(8, lambda nth: decide(last, nth)).count("decided")
    sys.stdout.write(f"{outcomes} {listed} {Review.objects.filter(OPEN, project=last.project).count()} {decided}")


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    review()
