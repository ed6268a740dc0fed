"""What the worker does with messages: each mail on its own, asked once more whether it is wanted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from consentry_server.common.keys import derive
from consentry_server.mail import actions as mail
from consentry_server.messaging import actions as messaging
from consentry_server.messaging.rules import Site
from consentry_server.outbox.rules import Dead, Retry
from consentry_server.projects import actions as projects
from consentry_server.projects.rules.letters import Stamp


@contextmanager
def mailing() -> Iterator[None]:
    """Say of a mail that failed whether it is worth another try."""
    try:
        yield
    except mail.MailServerDown as error:
        raise Retry(error.detail) from error
    except mail.MailRefused as error:
        raise Dead(error.detail) from error


def _site() -> Site:
    from django.conf import settings

    return Site(settings.SITE_URL, parseaddr(settings.DEFAULT_FROM_EMAIL)[1], derive("mute"))


def queue(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Give each of some deliveries of a message an effect of its own."""
    messaging.queue(message_id=payload["message_id"], now=now)


def deliver(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Mail a message to one member."""
    with mailing():
        messaging.deliver(delivery_id=payload["delivery_id"], site=_site(), now=now)


def tell_removed(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Tell a member that a project has removed them."""
    with mailing():
        messaging.tell_removed(authorization_id=payload["authorization_id"], site=_site())


def reply(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Mail to a project what a member wrote to it."""
    with mailing():
        messaging.deliver_reply(reply_id=payload["reply_id"], site=_site(), now=now)


def announce(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Give the next members of a project a mail each about what became of it."""
    messaging.announce(announcement_id=payload["announcement_id"], now=now)


def announcement(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Tell one member what became of a project."""
    with mailing():
        messaging.tell(**payload, site=_site())


def review(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Tell a coordinator or a reviewer what became of a review."""
    from django.conf import settings

    with mailing():
        projects.mail_news(**payload, stamp=Stamp(settings.SITE_URL, effect_id))


def invitation(payload: dict[str, Any], effect_id: int, now: datetime) -> None:
    """Ask somebody into a project's team."""
    from django.conf import settings

    with mailing():
        projects.mail_invitation(**payload, stamp=Stamp(settings.SITE_URL, effect_id), now=now)


def offer(payload: dict[str, Any], effect_id: int, now: datetime) -> None:  # noqa: ARG001 - as every handler
    """Ask a colleague whether they take a project over."""
    from django.conf import settings

    with mailing():
        projects.mail_offer(**payload, stamp=Stamp(settings.SITE_URL, effect_id))


LETTERS: dict[str, Callable[[dict[str, Any], int, datetime], None]] = {
    "messaging.queue": queue,
    "messaging.deliver": deliver,
    "messaging.removed": tell_removed,
    "messaging.reply": reply,
    "messaging.announce": announce,
    "messaging.announcement": announcement,
    "projects.review": review,
    "projects.invitation": invitation,
    "projects.offer": offer,
}
