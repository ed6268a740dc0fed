"""People who help to run a project: asked in by its owner, and in it because they said yes."""

from datetime import UTC, datetime

from consentry_server.members.models import Member
from consentry_server.projects import actions as projects
from consentry_server.projects.models import Colleague, Invitation, Project
from consentry_server.projects.queries import team
from consentry_server.projects.rules.team import GIVEN, Role
from tests.world import make_member

NOW = datetime.now(UTC)


def invite(project: Project, invited: str, role: str = Role.MANAGER, *, now: datetime = NOW) -> Invitation:
    """Ask somebody in, as the owner would by the page."""
    project.refresh_from_db()
    owner = project.coordinator_id
    assert owner is not None
    projects.invite(project_id=project.pk, member_id=owner, invited=invited, role=role, now=now)
    return Invitation.objects.latest("id")


def help_with(project: Project, member: Member, role: str = Role.MANAGER) -> Colleague:
    """Let somebody into a team, with both sides' consent."""
    asked = invite(project, member.username, role)
    projects.accept(invitation_id=asked.pk, member_id=member.pk, now=NOW)
    row = team.colleagues(project.pk).get(member=member)
    Invitation.objects.filter(pk=asked.pk).delete()  # so that many of them do not pass what is allowed in a day
    return row


def make_team(*projects_: Project) -> dict[str, Member]:
    """Make one colleague of each role that is given, in all of these projects."""
    people = {role.value: make_member(f"the_{role.value}") for role in GIVEN}
    for project in projects_:
        for role, member in people.items():
            help_with(project, member, role)
    return people
