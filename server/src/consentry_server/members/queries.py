"""Reads of members."""

from consentry_server.members.models import Member


def by_id(member_id: int) -> Member | None:
    """Return a member whose account is open."""
    return Member.objects.filter(id=member_id, closed_at=None).first()


def anybody() -> bool:
    """Say whether anyone has an account here."""
    return Member.objects.exists()
