"""Changes of projects."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, Invalid, Refused
from consentry_server.common.ids import ALPHABET, fingerprint, new_signing_secret
from consentry_server.common.keys import seal, unseal
from consentry_server.projects import queries
from consentry_server.projects.actions.listing import searched, set_featured, settle
from consentry_server.projects.actions.reviewing import (
    ChangedMeanwhile,
    NothingNew,
    TooOften,
    appoint,
    approve,
    ask_for_review,
    dismiss,
    mail_news,
    remark,
    send_back,
    set_approved,
    told,
    withdraw,
)
from consentry_server.projects.actions.team import (
    TooManyInvitations,
    accept,
    acting,
    check,
    decline,
    forget_invitations,
    invite,
    keep,
    leave_team,
    leave_teams,
    mail_invitation,
    mail_offer,
    offer,
    remove,
    set_role,
    take_over,
    turn_down,
    withdraw_invitation,
)
from consentry_server.projects.models import OAUTH2, Client, Project, Registration, WebhookSecret
from consentry_server.projects.rules import LONGEST_OVERLAP, RESERVED_SLUGS, secret_fault, slug_candidates

__all__ = [
    "AlreadyApproved",
    "ChangedMeanwhile",
    "NoSeat",
    "NothingNew",
    "TooManyInvitations",
    "TooOften",
    "accept",
    "acting",
    "appoint",
    "approve",
    "ask_for_review",
    "check",
    "create",
    "decline",
    "dismiss",
    "edit",
    "forget_invitations",
    "free_seat",
    "invite",
    "keep",
    "leave_team",
    "leave_teams",
    "mail_invitation",
    "mail_news",
    "mail_offer",
    "offer",
    "register_datatypes",
    "remark",
    "remove",
    "replace_webhook_secret",
    "reveal_webhook_secret",
    "send_back",
    "set_approved",
    "set_badge",
    "set_featured",
    "set_role",
    "take_over",
    "take_seat",
    "told",
    "turn_down",
    "withdraw",
    "withdraw_invitation",
]


class NoSeat(Refused):
    """The project is not approved and has as many members as it may have until then."""


@transaction.atomic
def create(*, coordinator_id: int, kind: str, fields: dict[str, Any], now: datetime) -> Project:
    """Make a project from checked form fields; it is unlisted and capped until staff approve it."""
    sources = fields.pop("requested_sources", [])
    active = fields.pop("active", True)
    client, secret = _client_fields(fields), fields.pop("webhook_secret", "")
    project = Project(coordinator_id=coordinator_id, kind=kind, created_at=now, **fields)
    project.paused_at, project.searched = None if active else now, searched(project)
    _save_under_free_slug(project)
    project.requested_sources.set(sources)
    if kind == OAUTH2:
        Client.objects.create(project=project, client_id=_new_client_id(), **client)
    _have_webhook_secret(project, secret, now=now)
    record(
        name="project.create",
        actor=f"member:{coordinator_id}",
        about=f"project:{project.pk}",
        now=now,
    )
    return project


@transaction.atomic
def edit(*, project: Project, actor: str, fields: dict[str, Any], now: datetime) -> Project:
    """Change a project. Members who agreed before keep what they agreed to; what is wider than reviewers saw
    leaves the public lists until it is reviewed again."""
    queries.locked(project.pk)
    project.refresh_from_db()
    sources = fields.pop("requested_sources", None)
    active = fields.pop("active", project.active)
    client, secret = _client_fields(fields), fields.pop("webhook_secret", "")
    renamed = fields.get("name", project.name) != project.name
    for name, value in fields.items():
        setattr(project, name, value)
    project.paused_at, project.searched = None if active else (project.paused_at or now), searched(project)
    columns = [*fields, "paused_at", "searched"]
    if renamed:
        _save_under_free_slug(project, update_fields=[*columns, "slug"])
    else:
        project.save(update_fields=columns)
    if sources is not None:
        project.requested_sources.set(sources)
    if client:
        Client.objects.filter(project=project).update(**client)
    settle(project, now=now)
    _have_webhook_secret(project, secret, now=now)
    record(
        name="project.edit",
        actor=actor,
        about=f"project:{project.pk}",
        now=now,
        fields=sorted({**fields, **client}),
    )
    return project


_OF_CLIENT = ("redirect_uris", "enrollment_url", "terms_url", "public", "pkce_required", "device_allowed")


def _client_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Take from checked form fields those that are about the app of an OAuth2 project; an app without a secret
    proves each time that it began what it ends (PKCE)."""
    found = {name: fields.pop(name) for name in _OF_CLIENT if name in fields}
    if found.get("public"):
        found["pkce_required"] = True
    return found


def _new_client_id() -> str:
    """Return 40 letters and digits. They are no secret, but nobody can guess which apps there are."""
    return "".join(secrets.choice(ALPHABET) for _ in range(40))


def _have_webhook_secret(project: Project, given: str, *, now: datetime) -> None:
    """Give a project that wants to be called a secret, theirs or a new one: no webhook is ever unsigned.

    One that is there already stays: `replace_webhook_secret` is for that, after a password.
    """
    if (given or project.deauth_webhook) and queries.webhook_secret(project.pk) is None:
        _keep_webhook_secret(project.pk, given or new_signing_secret(), now=now)


def _keep_webhook_secret(project_id: int, secret: str, *, now: datetime) -> None:
    WebhookSecret.objects.create(
        project_id=project_id, sealed=seal(secret), fingerprint=fingerprint(secret), created_at=now
    )


def _save_under_free_slug(project: Project, **how: Any) -> None:
    """Take the next free address until it is ours: the database decides, not a look before."""
    while True:
        project.slug = _free_slug(project)
        try:
            with transaction.atomic():
                return project.save(**how)
        except IntegrityError:
            if not queries.slug_taken(project.slug, besides=project.pk):
                raise


def _free_slug(project: Project) -> str:
    base = slugify(project.name)[:110] or "project"
    if base in RESERVED_SLUGS:
        base += "-project"
    slugs = (slug_candidates(base, attempt) for attempt in count(1))
    return next(slug for slug in slugs if not queries.slug_taken(slug, besides=project.pk))


@transaction.atomic
def set_badge(*, project_id: int, key: str, actor: str, now: datetime) -> str:
    """Give a project another picture and return the key of the old one, or ""."""
    project = queries.locked(project_id)
    old, project.badge_image = project.badge_image, key
    project.save(update_fields=["badge_image"])
    settle(project, now=now)
    record(name="project.badge", actor=actor, about=f"project:{project_id}", now=now)
    return old


class AlreadyApproved(Refused):
    """Staff approved the project with the data types that it had."""


@transaction.atomic
def register_datatypes(*, project_id: int, datatype_ids: Collection[int], actor: str, now: datetime) -> None:
    """Say of which data types a project's files may be; once it is approved, only staff's flags widen that.

    Raises AlreadyApproved.
    """
    if queries.locked(project_id).approved_at is not None:
        raise AlreadyApproved(
            gettext("Your project is approved with the data types that it has. Ask staff for others.")
        )
    Registration.objects.filter(project_id=project_id).exclude(datatype_id__in=datatype_ids).delete()
    rows = [Registration(project_id=project_id, datatype_id=one) for one in sorted(set(datatype_ids))]
    Registration.objects.bulk_create(rows, ignore_conflicts=True)
    about = f"project:{project_id}"
    record(name="project.datatypes", actor=actor, about=about, now=now, datatypes=sorted(set(datatype_ids)))


def take_seat(*, project_id: int, cap: int | None) -> None:
    """Count one more member, in one statement so that a race cannot pass the cap; None is no cap."""
    rows = Project.objects.filter(id=project_id) if cap is None else queries.having_seat(project_id, cap=cap)
    if not rows.update(authorized_members=F("authorized_members") + 1):
        raise NoSeat(gettext("This project has not been approved yet and has all the members it may have until then."))


def free_seat(*, project_id: int) -> None:
    """Count one member less."""
    Project.objects.filter(id=project_id).update(authorized_members=F("authorized_members") - 1)


@transaction.atomic
def replace_webhook_secret(
    *, project_id: int, actor: str, replacing: str, secret: str, overlap: timedelta, now: datetime
) -> str:
    """Sign a project's webhooks with another secret and return it; an empty `secret` is drawn at random.

    The old one, whose fingerprint is `replacing` (or ""), signs along for `overlap`, a day at most. Raises Conflict
    if it was replaced meanwhile, Invalid for a secret that cannot sign.
    """
    queries.locked(project_id)
    fault = secret_fault(secret) if secret else ""
    if fault:
        raise Invalid({"secret": [fault]})
    old = queries.webhook_secret(project_id)
    if (old.fingerprint if old else "") != replacing:
        raise Conflict(gettext("This secret has just been replaced. Look at the new one before you replace it again."))
    if old is not None:
        old.ends_at = now + min(overlap, LONGEST_OVERLAP)
        old.save(update_fields=["ends_at"])
    new = secret or new_signing_secret()
    _keep_webhook_secret(project_id, new, now=now)
    about = f"project:{project_id}"
    record(name="webhook.rotate", actor=actor, about=about, now=now, old=replacing, new=fingerprint(new))
    return new


@transaction.atomic
def reveal_webhook_secret(*, project_id: int, actor: str, now: datetime) -> str | None:
    """Return what a project's webhooks are signed with, in clear, and note that it was looked at."""
    found = queries.webhook_secret(project_id)
    if found is None:
        return None
    record(name="webhook.reveal", actor=actor, about=f"project:{project_id}", now=now, secret=found.fingerprint)
    return unseal(found.sealed)
