"""Gives the seeded first member many projects and a long ledger, and logs two members in; prints their cookies as JSON.

Run in a process of its own, where `bench.seed` has run: `python -m bench.visitors --projects=200 --lines=100000`.
"""

import argparse
import json
import sys
from datetime import timedelta

from bench import seed  # sets Django up

# isort: split
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from consentry_server.files.models import Access
from consentry_server.members.models import Member
from consentry_server.projects.models import Project
from consentry_server.sharing import queries
from consentry_server.sharing.models import Authorization, Consent, ProjectMember


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, required=True)
    parser.add_argument("--lines", type=int, required=True)
    wanted = parser.parse_args()
    many, few = Member.objects.filter(username__startswith="bench1").order_by("id")[:2]
    _join(many, wanted.projects)
    _consents()
    _lines(wanted.lines)
    if connection.vendor == "postgresql":
        seed._run("VACUUM ANALYZE")  # noqa: SLF001
    json.dump({"many_cookie": _session(many), "few_cookie": _session(few)}, sys.stdout)


def _join(member: Member, count: int) -> None:
    """Let one member share with so many projects more."""
    coordinator = Member.objects.get(username="coordinator")
    sources = Project.objects.filter(name__in=("Step counts", "Sleep diary"))
    for number in range(count):
        project = seed._project(coordinator, f"Study {number}")  # noqa: SLF001
        project.requested_sources.set(sources)
        seat = ProjectMember.objects.create(
            member=member, project=project, number=str(10**7 + number), created_at=seed.THEN, joined_at=seed.THEN
        )
        authorization = Authorization.objects.create(
            project_member=seat, member=member, project=project, authorized_at=seed.THEN, username_shared=True
        )
        for source in sources:
            authorization.grants.create(source=source)


def _consents() -> None:
    """Note for everybody that they agreed to what is asked now."""
    rows = list(Authorization.objects.values_list("id", "project_id"))
    asks = queries.asks(list(Project.objects.filter(id__in={project for _, project in rows})))
    said = {project: (ask.consent_text, ask.canonical(), ask.sha256) for project, ask in asks.items()}
    new = []
    for row, project in rows:
        text, request, sha256 = said[project]
        new.append(Consent(authorization_id=row, text=text, request=request, sha256=sha256, agreed_at=seed.THEN))
    Consent.objects.bulk_create(new, batch_size=1000)


def _lines(count: int) -> None:
    """Write a ledger: half its lines are about one member, the others about many of the measured project."""
    project = Project.objects.get(name="Study of sleep")
    seats = list(ProjectMember.objects.order_by("id").values_list("id", "project_id"))
    first, last = (ProjectMember.objects.filter(project=project).order_by(order)[0].pk for order in ("id", "-id"))

    def line(number: int) -> Access:
        at = seed.THEN + timedelta(minutes=number)
        if number % 2:
            about = {"kind": "members", "project_id": project.pk, "first_member": first, "last_member": last}
        else:
            seat, owner = seats[number // 2 % len(seats)]
            about = {"kind": "member", "project_id": owner, "first_member": seat, "last_member": seat}
        return Access(at=at, files=10, address="127.0.0.1", fingerprint="0" * 8, **about)

    Access.objects.bulk_create(map(line, range(count)), batch_size=1000)


def _session(member: Member) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


if __name__ == "__main__":
    main()
