"""Telling a project that a member left: by its webhook, by mail, and again about what it was asked to erase."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from consentry_server import outgoing
from consentry_server.audit.actions import record
from consentry_server.common.errors import NotFound
from consentry_server.common.keys import unseal
from consentry_server.mail import actions as mail
from consentry_server.mail.words import written_in
from consentry_server.members import queries as members
from consentry_server.outbox import actions as outbox
from consentry_server.outbox import queries as outbox_queries
from consentry_server.outbox.rules import Dead, Retry
from consentry_server.projects import queries as projects
from consentry_server.sharing import queries
from consentry_server.sharing.models import Authorization
from consentry_server.sharing.rules import (
    ERASURE_REMINDERS,
    Departure,
    Known,
    Letter,
    Stamp,
    answer_fault,
    departure_letter,
    erasure_letter,
    signed,
    undelivered_letter,
)

WEBHOOK = "sharing.webhook"
_LOOK_AGAIN = timedelta(hours=80)  # when the last try of a webhook may be over
_MOST_PATIENCE = timedelta(hours=6)  # that a receiver can ask for
_NO_ANSWER = gettext_noop(
    "No receiver answered: its name leads to no public address, nobody answers there in time, or "
    "its certificate is not good."
)


def tell(authorization: Authorization, *, erasure: bool, now: datetime) -> None:
    """Put down, in the transaction that ends an authorization, what its project has to hear."""
    project, payload = projects.get(authorization.project_id), {"authorization_id": authorization.pk}
    about = f"project:{project.pk}"
    if project.deauth_webhook:
        effect_id = outbox.put(kind=WEBHOOK, payload=payload, now=now, about=about)
        Authorization.objects.filter(id=authorization.pk).update(told_by=effect_id)
        _watch(effect_id, project_id=project.pk, now=now)
    if project.deauth_email_notification:
        outbox.put(kind="sharing.notice", payload=payload, now=now, about=about)
    if erasure:
        for days in ERASURE_REMINDERS:
            when, kind = now + timedelta(days=days), "sharing.erasure_due"
            outbox.put(kind=kind, payload=payload | {"days": days}, now=now, due_at=when, about=about)
        outbox.put(kind="sharing.erasure_late", payload=payload | {"days": days}, now=now, due_at=when, about=about)


def _watch(effect_id: int, *, project_id: int, now: datetime) -> None:
    """Look whether a webhook was given up when all its tries are over."""
    payload = {"project_id": project_id, "effect_id": effect_id}
    about = f"project:{project_id}"
    outbox.put(kind="sharing.undelivered", payload=payload, now=now, due_at=now + _LOOK_AGAIN, about=about)


def call_webhook(*, authorization_id: int, effect_id: int, now: datetime) -> None:
    """Tell a project's webhook that a member left. Twice is once for a receiver that looks at `webhook-id`.

    Raises Retry and Dead. No transaction is open while the receiver is waited for.
    """
    row = queries.between(authorization_id)
    if not row.project.deauth_webhook:
        raise Dead(gettext_noop("The project has no webhook address any more."))
    body = _departure(row).body(sequence=effect_id)
    answer = _post(row.project.deauth_webhook, body, _signatures(row.project_id, body, effect_id, now), now=now)
    fault = answer_fault(answer.status)
    if answer.status == 410:
        raise Dead(fault)
    if fault:
        raise Retry(fault, after=min(answer.retry_after or timedelta(), _MOST_PATIENCE))


def _signatures(project_id: int, body: bytes, effect_id: int, now: datetime) -> dict[str, str]:
    secrets = [unseal(row.sealed) for row in projects.webhook_secrets(project_id, now=now)]
    return signed(body, secrets=secrets, message_id=f"departure_{effect_id}", now=now)


def _post(url: str, body: bytes, signatures: dict[str, str], *, now: datetime) -> outgoing.Answer:
    headers = {"Content-Type": "application/json", "User-Agent": "Consentry"} | signatures
    try:
        return outgoing.post(url, body=body, headers=headers, policy=outgoing.policy(), now=now)
    except outgoing.Unreachable:
        raise Retry(_NO_ANSWER) from None


def _departure(row: Authorization) -> Departure:
    left_at = row.revoked_at or row.authorized_at
    return Departure(row.project_id, row.project_member.number, row.erasure_requested_at is not None, left_at)


def mail_departure(*, authorization_id: int, stamp: Stamp) -> None:
    """Mail to a project that a member left. Raises what `mail.actions.send` raises."""
    row = queries.between(authorization_id)
    with written_in(_language(row)):
        letter = departure_letter(_departure(row), project=_known(row), stamp=stamp)
    _send(row.project.contact_email, letter)


def remind_of_erasure(*, authorization_id: int, days: int, stamp: Stamp, to: str = "") -> None:
    """Ask a project, or whoever `to` is, what became of an erasure. Raises as above.

    What the project has acknowledged it is asked about only when time runs out; what is settled, never.
    """
    row = queries.between(authorization_id)
    if row.erasure_done_at or (row.erasure_acknowledged_at and days == ERASURE_REMINDERS[0]):
        return
    with written_in("" if to else _language(row)):
        letter = erasure_letter(row.project_member.number, days=days, project=_known(row), stamp=stamp)
    _send(to or row.project.contact_email, letter)


def _language(row: Authorization) -> str:
    """Return what whoever runs the project reads."""
    return members.language_of(row.project.coordinator_id)


def _known(row: Authorization) -> Known:
    return Known(row.project.name, row.project.slug)


def report_undelivered(*, project_id: int, effect_id: int, stamp: Stamp) -> None:
    """Mail to a project that its webhook was given up, once for all that it has not looked at yet.

    Raises Retry while it is still being tried, and as above.
    """
    found = outbox_queries.entry(effect_id)
    if found is None or found.finished_at:
        return
    if not found.dead_at:
        raise Retry("It is still being tried.", after=_MOST_PATIENCE)
    first = min(outbox_queries.dead(kind=WEBHOOK, about=found.about), key=lambda entry: (entry.dead_at, entry.id))
    if first.id == effect_id:
        project = projects.get(project_id)
        with written_in(members.language_of(project.coordinator_id)):
            letter = undelivered_letter(project=Known(project.name, project.slug), stamp=stamp)
        _send(project.contact_email, letter)


def _send(to: str, letter: Letter) -> None:
    mail.send(to=to, subject=letter.subject, text=letter.text, headers=letter.headers)


@transaction.atomic
def replay_webhook(*, project_id: int, effect_id: int, actor: str, now: datetime) -> None:
    """Try once more to tell a project's webhook of a departure. Raises NotFound, also for what arrived already."""
    if not queries.was_told(project_id=project_id, effect_id=effect_id):
        raise NotFound(gettext("There is no such delivery."))
    about = f"project:{project_id}"
    outbox.replay(effect_id=effect_id, now=now, about=about)
    _watch(effect_id, project_id=project_id, now=now)
    record(name="webhook.replay", actor=actor, about=about, now=now, effect=effect_id)
