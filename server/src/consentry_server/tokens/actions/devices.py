"""Apps on things without a browser (RFC 8628): the member says yes on another machine."""

import secrets
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop

from consentry_server.common.errors import NotFound
from consentry_server.common.ids import digest, new_secret
from consentry_server.sharing import queries as sharing
from consentry_server.tokens.actions.allowing import let_in
from consentry_server.tokens.models import Device
from consentry_server.tokens.queries import acting
from consentry_server.tokens.rules import DEVICE, DEVICE_FOR, DEVICE_INTERVAL, LETTERS

_NOTHING = gettext_noop("No app waits under this code. Codes work for ten minutes, and once.")
State = Literal["unknown", "pending", "slow_down", "expired", "denied", "allowed"]


class Begun(NamedTuple):
    """What an app shows a person, and what it asks with."""

    device_code: str
    user_code: str


def begin_device(*, project_id: int, scope: str, now: datetime) -> Begun:
    """Let an app wait for a member to say yes."""
    while True:
        begun = Begun(new_secret(DEVICE), _new_user_code())
        try:
            with transaction.atomic():
                Device.objects.create(
                    sha256=digest(begun.device_code),
                    user_code=begun.user_code,
                    project_id=project_id,
                    scope=scope,
                    created_at=now,
                    expires_at=now + DEVICE_FOR,
                    interval=DEVICE_INTERVAL,
                )
        except IntegrityError:  # the code that a person types is short: another app waits under it
            continue
        return begun


def _new_user_code() -> str:
    """Return what a person types on another machine: eight consonants, which make no word."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


@transaction.atomic
def claim_device(*, user_code: str, member_id: int, now: datetime) -> None:
    """Have what waits under a code wait for the member who typed it, and for nobody else (RFC 8628 section 5.1).

    Raises NotFound if nothing waits there for them.
    """
    rows = Device.objects.filter(user_code=user_code, decided_at=None, expires_at__gt=now)
    if not rows.filter(Q(member=None) | Q(member=member_id)).update(member=member_id):
        raise NotFound(gettext(_NOTHING))


@transaction.atomic
def decide_device(*, user_code: str, member_id: int, shown: str | None, hidden: bool, now: datetime) -> None:
    """Say yes, to the ask whose hash was `shown`, or no (None). The first word counts.

    Raises NotFound if nothing waits for this member under that code, and as `sharing.authorize` does.
    """
    found = acting.waiting_device(user_code, member_id=member_id, now=now)
    if found is None:
        raise NotFound(gettext(_NOTHING))
    held = Device.objects.filter(id=found.pk, member=member_id, decided_at=None)
    if not held.update(decided_at=now):
        raise NotFound(gettext("This has been decided already."))
    if shown is not None:
        authorization_id = let_in(member_id=member_id, project_id=found.project_id, shown=shown, hidden=hidden, now=now)
        Device.objects.filter(id=found.pk).update(authorization_id=authorization_id)


@transaction.atomic
def poll_device(*, secret: str, project_id: int, now: datetime) -> tuple[State, Device | None]:
    """Return how it stands with what waits, held; whoever asks too often has to wait longer each time."""
    device = acting.held_device(secret)
    if device is None or device.project_id != project_id or device.family_id is not None:
        return "unknown", None
    if device.expires_at <= now:
        return "expired", None
    state, device.asked_at = _state(device, now), now
    if state == "slow_down":
        device.interval += DEVICE_INTERVAL
    device.save(update_fields=["asked_at", "interval"])
    return state, device


def _state(device: Device, now: datetime) -> State:
    if device.decided_at is not None:
        said_yes = device.authorization_id is not None and sharing.held_live(device.authorization_id)
        return "allowed" if said_yes else "denied"
    if device.asked_at is not None and now < device.asked_at + timedelta(seconds=device.interval):
        return "slow_down"
    return "pending"
