"""Changes of an account itself. Leaving projects and removing files come first: see the apps above."""

from datetime import datetime

from django.db import transaction

from consentry_server.audit.actions import record
from consentry_server.members.models import Member


@transaction.atomic
def close(*, member_id: int, now: datetime) -> None:
    """End an account: nobody can log in with it, and no name or address of the person is kept."""
    member = Member.objects.get(id=member_id)
    member.emailaddress_set.all().delete()  # type: ignore[attr-defined]  # allauth's table
    member.username, member.name, member.email = f"closed_{member.pk}", "", ""
    member.is_active, member.closed_at = False, now
    member.set_unusable_password()
    member.save()
    record(name="member.close", actor=f"member:{member.pk}", about=f"member:{member.pk}", now=now)


@transaction.atomic
def set_suspended(*, member_id: int, suspended: bool, actor: str, now: datetime) -> None:
    """Shut or reopen the door for a member; `sharing.actions.suspend` does it for their data too."""
    member = Member.objects.get(id=member_id)
    member.is_active, member.suspended_at = not suspended, now if suspended else None
    member.save(update_fields=["is_active", "suspended_at"])
    name = "member.suspend" if suspended else "member.reinstate"
    record(name=name, actor=actor, about=f"member:{member.pk}", now=now)
