"""What a project asks for, as shown to a member, and what is wrong with an answer to it."""

import hashlib
import hmac
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext, gettext_noop
from standardwebhooks import Webhook

UNAPPROVED_CAP = 20
_NUMBER = re.compile(r"[0-9]{8}(?:[0-9]{8})?", re.ASCII)


@dataclass(frozen=True)
class Ask:
    """Everything that a member agrees to. Two asks with one hash are the same ask."""

    project_id: int
    project: str
    leader: str
    organization: str
    consent_text: str
    username: bool
    all_sources: bool
    sources: tuple[tuple[int, str], ...]
    terms_url: str = ""  # of an app

    def canonical(self) -> str:
        """Return the JSON that is hashed and kept."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        return sha256(self.canonical())

    @property
    def text_sha256(self) -> str:
        return sha256(self.consent_text)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_number(text: object) -> bool:
    """Say whether this has the form of a project member id."""
    return isinstance(text, str) and bool(_NUMBER.fullmatch(text))


LONGEST_REASON = 300  # characters
ERASURE_REMINDERS = (7, 21, 28)  # days after which a request to erase is asked about again


@dataclass(frozen=True)
class Departure:
    """That a member left a project, as it is told outside: by number, never by name."""

    project_id: int
    number: str
    erasure: bool
    at: datetime

    def body(self, sequence: int) -> bytes:
        """Return what a webhook says; whoever gets two orders them by `sequence`, whenever they arrive."""
        said = {
            "project_member_id": self.number,
            "erasure_requested": self.erasure,
            "timestamp": self.at.isoformat(timespec="microseconds"),
            "project_id": self.project_id,
            "sequence": sequence,
        }
        return json.dumps(said).encode()


def signed(body: bytes, *, secrets: list[str], message_id: str, now: datetime) -> dict[str, str]:
    """Return the headers that prove who sent this: the original's, and those of Standard Webhooks.

    The first secret is the present one. The original's header has room for one signature only.
    """
    signatures = [_webhook(secret).sign(message_id, now, body.decode()) for secret in secrets]
    legacy = hmac.new(secrets[0].encode(), body, hashlib.sha1).hexdigest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
        "X-OpenHumans-Webhooks-Signature": f"sha1={legacy}",
    }


def _webhook(secret: str) -> Webhook:
    """Read a secret as Standard Webhooks does; one that a coordinator chose otherwise counts as it is written."""
    return Webhook(secret if secret.startswith("whsec_") else secret.encode())


def answer_fault(status: int) -> str:
    """Return what a receiver's answer means, in words that tell a coordinator what to do; "" if it took it."""
    if 200 <= status < 300:
        return ""
    if status < 400:
        return gettext_noop("Your receiver answered with a redirect, which is not followed. Give its final address.")
    if status == 410:
        return gettext_noop("Your receiver says that it wants no more of these (410).")
    if status == 429:
        return gettext_noop("Your receiver is too busy and asked for patience (429).")
    if status < 500:
        return gettext_noop("Your receiver refused it (4xx). Check its address, and how it verifies signatures.")
    return gettext_noop("Your receiver failed (5xx). Look into its log.")


@dataclass(frozen=True)
class Known:
    """A project as a mail names it."""

    name: str
    slug: str

    @property
    def title(self) -> str:
        return " ".join(self.name.split())


@dataclass(frozen=True)
class Stamp:
    """What a mail bears: the address of this site, and the effect that sends it, however often it is tried."""

    site_url: str
    effect_id: int

    def headers(self) -> dict[str, str]:
        own = f"<effect-{self.effect_id}@{urlsplit(self.site_url).hostname}>"
        return {"Message-ID": own, "Auto-Submitted": "auto-generated"}

    def withdrawn(self, project: Known) -> str:
        return f"{self.site_url}/direct-sharing/projects/withdrawn-members/{project.slug}/"

    def deliveries(self, project: Known) -> str:
        return f"{self.site_url}/direct-sharing/projects/deliveries/{project.slug}/"


@dataclass(frozen=True)
class Letter:
    """A mail about a project."""

    subject: str
    text: str
    headers: dict[str, str]


def departure_letter(departure: Departure, *, project: Known, stamp: Stamp) -> Letter:
    """Tell a project that a member left."""
    asked = (
        gettext("They ask you to erase what you hold of them.")
        if departure.erasure
        else gettext("They did not ask for erasure.")
    )
    text = gettext(
        'The member with project member id {number} has left your project "{project}" on {site}.\n'
        "From now on you can read nothing of theirs. {asked}\n"
        "\n"
        "All who left: {page}\n"
    ).format(
        number=departure.number,
        project=project.title,
        site=stamp.site_url,
        asked=asked,
        page=stamp.withdrawn(project),
    )
    # two spaces, as mail filters know it
    return Letter(gettext("Open Humans notification:  member withdrawal"), text, stamp.headers())


def erasure_letter(number: str, *, days: int, project: Known, stamp: Stamp) -> Letter:
    """Remind a project that it was asked to erase something."""
    text = gettext(
        '{days} days ago the member with project member id {number} left the project "{project}" on '
        "{site}\n"
        "and asked it to erase what it holds of them. Nobody has said yet that this was done.\n"
        "The law gives about a month for an answer.\n"
        "\n"
        "The coordinator says here what became of it: {page}\n"
    ).format(days=days, number=number, project=project.title, site=stamp.site_url, page=stamp.withdrawn(project))
    return Letter(
        gettext("Erasure asked for {days} days ago: project member id {number}").format(days=days, number=number),
        text,
        stamp.headers(),
    )


def undelivered_letter(*, project: Known, stamp: Stamp) -> Letter:
    """Tell a project that its webhook was tried for three days in vain."""
    text = gettext(
        'For three days {site} tried to tell the webhook of your project "{project}" that a member\n'
        "left, and has given up. You hear of this once until you have looked at it.\n"
        "\n"
        "What went wrong, and a button to try again: {page}\n"
    ).format(site=stamp.site_url, project=project.title, page=stamp.deliveries(project))
    return Letter(
        gettext("Your webhook could not be reached: {project}").format(project=project.title), text, stamp.headers()
    )
