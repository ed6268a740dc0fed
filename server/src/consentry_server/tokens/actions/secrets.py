"""The secrets of apps: shown once, two alive while one replaces the other."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from consentry_server.audit.actions import record
from consentry_server.common.errors import Conflict, NotFound
from consentry_server.common.ids import digest, fingerprint, new_secret
from consentry_server.projects import queries as projects
from consentry_server.tokens.models import ClientSecret
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import LONGEST_SECRET_OVERLAP, SECRET


@transaction.atomic
def rotate_secret(*, project_id: int, actor: str, replacing: str, overlap: timedelta, now: datetime) -> str:
    """Give an app another secret and return it: it is kept as a hash, and cannot be shown again.

    The old one, whose fingerprint is `replacing` ("" if there is none), works on for `overlap`, a week at most.
    Raises Conflict if it was replaced meanwhile.
    """
    projects.locked(project_id)
    found = acting.secrets_of(project_id, now=now)
    old = next((row for row in found if row.ends_at is None), None)
    if (old.fingerprint if old else "") != replacing:
        raise Conflict(
            gettext("This secret has just been replaced. Look at what is there before you replace it again.")
        )
    # two at most: one that was replaced before ends now
    ClientSecret.objects.filter(project_id=project_id, ends_at__gt=now).update(ends_at=now)
    if old is not None:
        ClientSecret.objects.filter(id=old.pk).update(ends_at=now + min(overlap, LONGEST_SECRET_OVERLAP))
    secret = new_secret(SECRET)
    ClientSecret.objects.create(
        project_id=project_id, sha256=digest(secret), fingerprint=fingerprint(secret), created_at=now
    )
    about = f"project:{project_id}"
    record(name="client.rotate", actor=actor, about=about, now=now, old=replacing, new=fingerprint(secret))
    return secret


@transaction.atomic
def end_secret(*, project_id: int, actor: str, secret_id: int, now: datetime) -> None:
    """End a secret that was replaced and still works; raises NotFound if there is none."""
    rows = ClientSecret.objects.filter(id=secret_id, project_id=project_id, ends_at__gt=now)
    if not rows.update(ends_at=now):
        raise NotFound(gettext("There is no such secret."))
    record(name="client.end_secret", actor=actor, about=f"project:{project_id}", now=now, secret=secret_id)
