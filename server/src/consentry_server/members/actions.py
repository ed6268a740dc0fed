"""Changes of an account itself. Leaving projects and removing files come first: see the apps above."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, Invalid
from consentry_server.members.models import Member
from consentry_server.members.rules import LANGUAGES, about_fault, keepable


@transaction.atomic
def register(*, username: str, name: str, email: str, password: str | None, now: datetime) -> int:
    """Make an account with a confirmed address, as commands do. Without a password: no login.

    Raises Invalid with what is wrong, field by field.
    """
    member = Member(username=username, name=name, email=email, date_joined=now)
    member.set_password(password)
    try:
        member.full_clean()
    except ValidationError as error:
        raise Invalid({field: list(reasons) for field, reasons in error.message_dict.items()}) from None
    member.save()
    try:
        member.emailaddress_set.create(email=email, verified=True, primary=True)  # type: ignore[attr-defined]
    except IntegrityError:
        raise Invalid({"email": [gettext("Somebody else has this address.")]}) from None
    record(name="member.register", actor="command", about=f"member:{member.pk}", now=now)
    return member.pk


@transaction.atomic
def make_staff(*, member_id: int, now: datetime) -> None:
    """Let a member into the staff pages."""
    Member.objects.filter(id=member_id).update(is_staff=True, is_superuser=True)
    record(name="member.make_staff", actor="command", about=f"member:{member_id}", now=now)


@transaction.atomic
def choose_mail(*, member_id: int, unwanted: Collection[str], now: datetime) -> None:
    """Say which kinds of mail a member does without."""
    Member.objects.filter(id=member_id).update(unwanted_mail=keepable(unwanted))
    record(name="member.mail", actor=f"member:{member_id}", about=f"member:{member_id}", now=now)


@transaction.atomic
def choose_language(*, member_id: int, language: str, now: datetime) -> None:
    """Say in which language a member reads pages and mails; "" leaves it to their browser. Raises Invalid."""
    if language and language not in LANGUAGES:
        raise Invalid({"language": [gettext("Choose one of these languages.")]})
    Member.objects.filter(id=member_id).update(language=language)
    record(name="member.language", actor=f"member:{member_id}", about=f"member:{member_id}", now=now)


@transaction.atomic
def show_in_public(*, member_id: int, shown: bool, about: str, now: datetime) -> None:
    """Give a member a public page with what they say of themselves, or take it away. Raises Invalid."""
    if fault := about_fault(about):
        raise Invalid({"about": [fault]})
    Member.objects.filter(id=member_id).update(about=about, public_at=now if shown else None)
    record(name="member.public", actor=f"member:{member_id}", about=f"member:{member_id}", now=now, shown=shown)


@transaction.atomic
def close(*, member_id: int, now: datetime) -> None:
    """End an account: nobody can log in with it, and no name or address of the person is kept."""
    member = Member.objects.get(id=member_id)
    for table in ("emailaddress_set", "authenticator_set", "usersession_set"):  # allauth's
        getattr(member, table).all().delete()
    member.username, member.name, member.email, member.language = f"closed_{member.pk}", "", "", ""
    member.about, member.public_at = "", None
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


class UsernameTaken(Conflict):
    """Another member has this username, in whatever case."""

    def __init__(self) -> None:
        super().__init__(gettext("That username is taken."))


def open_account(*, username: str, name: str, email: str, password: str, now: datetime, language: str = "") -> Member:
    """Make an account, whose address is still to be confirmed. Raises UsernameTaken."""
    member = Member(username=username, name=name, email=email, date_joined=now, language=language)
    member.set_password(password)  # takes its time and its turn: not inside the transaction
    with transaction.atomic():
        _save(member)
        record(name="member.open", actor=f"member:{member.pk}", about=f"member:{member.pk}", now=now)
    return member


@transaction.atomic
def rename(*, member_id: int, username: str, name: str, now: datetime) -> None:
    """Change what a member is called. Raises UsernameTaken."""
    member = Member.objects.get(id=member_id)
    member.username, member.name = username, name
    _save(member)
    record(name="member.rename", actor=f"member:{member.pk}", about=f"member:{member.pk}", now=now)


def _save(member: Member) -> None:
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError:
        raise UsernameTaken from None


@transaction.atomic
def note_signature(*, member_id: int, key_id: int, first: int, count: int, now: datetime) -> bool:
    """Note how often a member's key has signed; `first` is what it counted when it was added.

    Return whether it may let them in: one that counts and has not moved on was copied (WebAuthn level 2, section 7.2).
    """
    keys = Member.objects.get(id=member_id).authenticator_set  # type: ignore[attr-defined] # allauth's
    key = keys.select_for_update().get(id=key_id)
    before = key.data.get("count", first)
    if (count or before) and count <= before:
        record(name="member.key_copied", actor=f"member:{member_id}", about=f"member:{member_id}", now=now)
        return False
    key.data["count"] = count
    key.save(update_fields=["data"])
    return True
