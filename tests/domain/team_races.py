"""Answers and removals at the same moment, with real commits: run by test_races.py in a database of its own."""

import sys

from tests.domain.races import NOW, all_at_once

from django.core.management import call_command  # isort: skip - after Django is set up, as all that follows

from consentry_server.common.errors import Conflict, NotFound, Refused  # isort: skip
from consentry_server.audit.models import Event
from consentry_server.files import actions as files
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Colleague, Invitation, Project
from consentry_server.projects.rules.team import Do, Role
from tests.teams import help_with, invite
from tests.world import make_member, make_project


def _tried(work: object) -> str:
    try:
        work()  # type: ignore[operator]
    except (Conflict, NotFound, Refused) as refused:
        return type(refused).__name__
    return "done"


def accept() -> None:
    """Eight answer one invitation with yes; then, forty times, one says yes while the owner takes it back."""
    owner, helper = make_member("coordinator"), make_member("helper")
    project = make_project(owner, "Study")
    asked = invite(project, "helper")
    yes = {"invitation_id": asked.pk, "member_id": helper.pk, "now": NOW}
    answers = all_at_once(8, lambda _: _tried(lambda: projects.accept(**yes)))
    first = f"{answers.count('done')} {Colleague.objects.count()} {Event.objects.filter(name='team.accept').count()}"
    agree = set()
    for n in range(40):
        other = make_project(owner, f"Other {n}")
        row = invite(other, f"n{n}@example.org", now=NOW)
        Invitation.objects.filter(pk=row.pk).update(member=helper)
        Invitation.objects.filter(pk__lt=row.pk).delete()  # not too many for a day
        back = {"project_id": other.pk, "member_id": owner.pk, "invitation_id": row.pk, "now": NOW}
        works = [
            lambda row=row: projects.accept(invitation_id=row.pk, member_id=helper.pk, now=NOW),
            lambda back=back: projects.withdraw_invitation(**back),
        ]
        said = all_at_once(2, lambda nth, works=works: _tried(works[nth]))  # type: ignore[misc]
        inside = Colleague.objects.filter(project=other).exists()
        agree.add((said.count("done") == 1, (said[0] == "done") == inside))
    sys.stdout.write(f"{first} {agree}")


def act() -> None:
    """Forty times, a manager edits while the owner removes them: what comes after the removal is not done."""
    owner, helper = make_member("coordinator"), make_member("helper")
    orders = set()
    for n in range(40):
        project = make_project(owner, f"Study {n}")
        row = help_with(project, helper)
        who = {"project_id": project.pk, "member_id": helper.pk}

        def edit(project: Project = project, who: dict[str, int] = who) -> None:
            with projects.acting(**who, do=Do.EDIT):
                projects.edit(project=project, actor=f"member:{helper.pk}", fields={"leader": "Eve"}, now=NOW)

        out = {"project_id": project.pk, "member_id": owner.pk, "colleague_id": row.pk, "now": NOW}
        works = [edit, lambda out=out: projects.remove(**out)]
        said = all_at_once(2, lambda nth, works=works: _tried(works[nth]))  # type: ignore[misc]
        about = Event.objects.filter(about=f"project:{project.pk}", name__in=["project.edit", "team.remove"])
        trail = list(about.order_by("id").values_list("name", flat=True))
        orders.add((said[1], (said[0] == "done") == (trail == ["project.edit", "team.remove"])))
    sys.stdout.write(str(orders))


def hand_over() -> None:
    """Forty times, somebody takes a project over while its owner removes them, and both close their accounts."""
    outcomes = set()
    for n in range(40):
        owner, helper = make_member(f"owner_{n}"), make_member(f"helper_{n}")
        project = make_project(owner, f"Study {n}")
        row = help_with(project, helper, Role.AUDITOR)
        who = {"project_id": project.pk, "now": NOW}
        projects.offer(member_id=owner.pk, colleague_id=row.pk, **who)
        works = [
            lambda who=who, helper=helper: projects.take_over(member_id=helper.pk, **who),
            lambda who=who, owner=owner, row=row: projects.remove(member_id=owner.pk, colleague_id=row.pk, **who),
            lambda helper=helper: files.close_account(member_id=helper.pk, now=NOW),
            lambda owner=owner: files.close_account(member_id=owner.pk, now=NOW),
        ]
        all_at_once(4, lambda nth, works=works: _tried(works[nth]))  # type: ignore[misc]
        project.refresh_from_db()
        runs = project.coordinator
        inside = Colleague.objects.filter(project=project).exclude(member__is_active=True)
        outcomes.add(
            (runs is not None and runs.is_active, inside.count(), project.coordinator_id in (owner.pk, helper.pk))
        )
    sys.stdout.write(str(outcomes))


def offer() -> None:
    """Forty times, two colleagues act while a project that was offered to one is offered to the other and kept."""
    owner, one, two = map(make_member, ("coordinator", "one", "two"))
    said = set()
    for n in range(40):
        project = make_project(owner, f"Study {n}")
        rows = [help_with(project, member) for member in (one, two)]
        who = {"project_id": project.pk, "member_id": owner.pk, "now": NOW}
        projects.offer(colleague_id=rows[0].pk, **who)

        def act(member: int, project: Project = project) -> None:
            with projects.acting(project_id=project.pk, member_id=member, do=Do.EDIT):
                projects.edit(project=project, actor="test", fields={"leader": "Eve"}, now=NOW)

        works = [
            lambda act=act: act(one.pk),
            lambda act=act: act(two.pk),
            lambda who=who, rows=rows: projects.offer(colleague_id=rows[1].pk, **who),
            lambda who=who: projects.keep(**who),
        ]
        said.update(all_at_once(4, lambda nth, works=works: _tried(works[nth]))[:3])  # type: ignore[misc]
    offers = Colleague.objects.filter(offered_at__isnull=False).values("project").distinct().count()
    left = Colleague.objects.filter(offered_at__isnull=False).count()
    sys.stdout.write(f"{said} {offers == left}")


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    {race.__name__: race for race in (accept, act, hand_over, offer)}[sys.argv[1]]()
