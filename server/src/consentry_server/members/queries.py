"""Reads of members."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from consentry_server.members.models import Member


def by_id(member_id: int) -> Member | None:
    """Return a member whose account is open."""
    return Member.objects.filter(id=member_id, closed_at=None).first()


def by_username(username: str) -> Member | None:
    """Return the member of that name, in whatever case, whose account is open."""
    return Member.objects.filter(username__iexact=username, closed_at=None).first()


def goes_by(member_id: int, login: str) -> bool:
    """Say whether this is the username or the e-mail address of that member, in whatever case."""
    names = Q(username__iexact=login) | Q(email__iexact=login)
    return Member.objects.filter(names, id=member_id, closed_at=None).exists()


def public(username: str) -> Member | None:
    """Return the member of exactly that name, if they have a public page."""
    rows = Member.objects.filter(username=username, is_active=True, closed_at=None)
    return rows.exclude(public_at=None).first()


def anybody() -> bool:
    """Say whether anyone has an account here."""
    return Member.objects.exists()


def is_staff(member_id: int) -> bool:
    """Say whether a member is of those who run this installation."""
    return Member.objects.filter(id=member_id, is_active=True, is_staff=True).exists()


def staff() -> set[int]:
    """Return those who run this installation."""
    return set(Member.objects.filter(is_active=True, is_staff=True).values_list("id", flat=True))


def open_accounts(member_ids: Iterable[int]) -> QuerySet[Member]:
    """Return those of these members whose account is open and not shut."""
    return Member.objects.filter(id__in=list(member_ids), is_active=True).order_by("id")


def wants(member_id: int, kind: str) -> bool:
    """Say whether a member wants mail of that kind."""
    return kind not in unwanted(member_id)


def unwanted(member_id: int) -> set[str]:
    """Return the kinds of mail that a member does without."""
    kept = Member.objects.values_list("unwanted_mail", flat=True).get(id=member_id)
    return set(kept.split(",")) - {""}


def language_of(member_id: int | None) -> str:
    """Return the language that a member has chosen, "" if none; also of nobody."""
    found = Member.objects.filter(id=member_id or 0).values_list("language", flat=True).first()
    return found or ""


def held_open(member_id: int) -> bool:
    """Say whether somebody can use their account, and keep it so until the transaction ends.

    Without a key lock, so that whoever only names this member in another row does not wait.
    """
    rows = Member.objects.select_for_update(no_key=True).filter(id=member_id, is_active=True, closed_at=None)
    return rows.first() is not None


def proved_addresses(member_id: int) -> list[str]:
    """Return the e-mail addresses that a member has shown to be theirs, while their account is open."""
    rows = Member.objects.filter(id=member_id, is_active=True, closed_at=None, emailaddress__verified=True)
    return list(rows.values_list("emailaddress__email", flat=True))


def usernames(member_ids: Iterable[int]) -> dict[int, str]:
    """Return what these members are called."""
    return dict(Member.objects.filter(id__in=list(member_ids)).values_list("id", "username"))
