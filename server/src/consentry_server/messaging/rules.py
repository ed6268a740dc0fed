"""What is wrong with a message, and how the mails read that come of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formataddr
from hmac import compare_digest
from urllib.parse import urlsplit

from django.utils.translation import gettext, gettext_noop

from consentry_server.common.keys import mac

REPLIES_A_DAY = 10
_REQUIRED = gettext_noop("This field is required.")
_NEITHER = gettext_noop("You must specify either all members or provide a list of IDs.")
_BOTH = gettext_noop("You must specify either all members or provide a list of IDs but not both.")
_NOBODY = gettext_noop("You must provide a list of project member IDs.")
_LENGTH = gettext_noop("Project member IDs are always 8 digits long.")
_PREFIX = "[Open Humans Project Message] "
_BETWEEN = re.compile(r"[ ,\r\n]+")
_PLACEHOLDER = re.compile(r"\{\{[ \t]*PROJECT_MEMBER_ID[ \t]*\}\}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_SUBJECT, _NAME = 240, 100  # characters of a header; the site shows all of them
_RULE = "-" * 60
# Nobody's holiday notice answers: to a project it would show the address of whoever is away (RFC 3834).
_NO_NOTICES = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


@dataclass(frozen=True)
class Draft:
    """A message before it is sent: to all members, or to those with these project member ids."""

    to_all: bool
    numbers: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True)
class Site:
    """What a mail says of this installation: its address, who mails come from, and the key that signs links."""

    url: str
    sender: str
    key: bytes


@dataclass(frozen=True)
class Letter:
    """A mail ready to be sent."""

    to: str
    subject: str
    text: str
    headers: dict[str, str]


def split_numbers(given: Iterable[object]) -> tuple[str, ...]:
    """Return the project member ids in a list or a text of them, each once, in the order given."""
    texts = (str(each) if _is_plain(each) else "?" for each in given if each is not None)
    return tuple(dict.fromkeys(number for text in texts for number in _BETWEEN.split(text) if number))


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def draft_faults(draft: Draft) -> dict[str, list[str]]:
    """Return what is wrong with a message, field by field."""
    faults = number_faults(draft.numbers)
    if not draft.text:
        faults["message"] = [gettext(_REQUIRED)]
    if draft.to_all and draft.numbers:
        faults["__all__"] = [gettext(_BOTH)]
    elif not draft.to_all and not draft.numbers:
        faults["__all__"] = [gettext(_NEITHER)]
    return faults


def removal_faults(numbers: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what is wrong with a list of members to remove."""
    return number_faults(numbers) if numbers else {"__all__": [gettext(_NOBODY)]}


def number_faults(numbers: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the fault of ids that cannot be ids."""
    wrong = any(len(number) not in (8, 16) for number in numbers)
    return {"project_member_ids": [gettext(_LENGTH)]} if wrong else {}


def unknown_fault(unknown: Iterable[str]) -> dict[str, list[str] | str]:
    """Return the fault of ids that no live member of the project has."""
    return {
        "project_member_ids": [gettext("Invalid project member ID(s): {numbers}").format(numbers=", ".join(unknown))]
    }


def one_line(text: str, longest: int = _SUBJECT) -> str:
    """Make a text fit for a header: one line, nothing invisible, not endless."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def subject(given: str, project: str) -> str:
    """Return the subject of a message's mail."""
    return _PREFIX + (one_line(given) or gettext('From "{project}"').format(project=one_line(project, _NAME)))


def body(text: str, number: str) -> str:
    """Put the member's number where the text asks for it. Nothing else in it means anything."""
    return _PLACEHOLDER.sub(number, text)


def sender(project: str, site: Site) -> str:
    """Return who a project's mail comes from: never a bare name that could pass for somebody else's."""
    return formataddr((f"Project {one_line(project, _NAME)} via Consentry", site.sender))


def mute_ticket(key: bytes, seat_id: int) -> str:
    """Return what a link to mute a project carries: it can do that for one member and nothing else."""
    return f"{seat_id}-{mac(key, b'mute:%d' % seat_id)}"


def read_mute_ticket(key: bytes, ticket: str) -> int | None:
    """Return whose link to mute this is, or None if it is not of ours."""
    seat_id = ticket.partition("-")[0]
    if not re.fullmatch(r"[0-9]{1,18}", seat_id, re.ASCII):
        return None
    return int(seat_id) if compare_digest(ticket.encode(), mute_ticket(key, int(seat_id)).encode()) else None


def mail_id(site: Site, kind: str, row_id: int | str) -> str:
    """Return the name of a mail, the same each time that it is tried, so that mail boxes show it once."""
    return f"<{kind}.{mac(site.key, f'{kind}:{row_id}'.encode())}@{urlsplit(site.url).hostname}>"


@dataclass(frozen=True)
class Parties:
    """The member and the project between whom a mail goes."""

    seat_id: int
    number: str
    username: str
    address: str
    project: str
    slug: str
    contact: str
    language: str = ""  # that the member reads; "" if they did not choose
    contact_language: str = ""  # likewise of whoever runs the project


def message_letter(parties: Parties, *, delivery_id: int, given: str, text: str, site: Site) -> Letter:
    """Write the mail of a message to one member."""
    project = one_line(parties.project, _NAME)
    activity = f"{site.url}/activity/{parties.slug}/"
    mute = f"{site.url}/mute/{mute_ticket(site.key, parties.seat_id)}/"
    footer = gettext(
        'This message was sent to you, {member}, by the project "{project}" on {site}. The project does '
        "not know your e-mail address. If you answer by mail, it will see it.\n\n"
        "Answer without showing your address: {activity}send-message/\n"
        "About this project, and leaving it: {activity}\n"
        "No more mail from this project: {mute}\n"
    ).format(member=parties.username, project=project, site=site.url, activity=activity, mute=mute)
    headers = {
        "From": sender(parties.project, site),
        "Reply-To": parties.contact,
        "Message-ID": mail_id(site, "message", delivery_id),
        "List-Unsubscribe": f"<{mute}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    } | _NO_NOTICES
    words = f"{body(text, parties.number)}\n\n{_RULE}\n{footer}"
    return Letter(parties.address, subject(given, parties.project), words, headers)


def removal_letter(parties: Parties, *, authorization_id: int, site: Site) -> Letter:
    """Write the mail that tells a member that a project ended the sharing."""
    project = one_line(parties.project, _NAME)
    text = gettext(
        'The project "{project}" on {site} has removed you, {member}. From now on it can read '
        "nothing of yours, and links that it still has have stopped working.\n\n"
        "Files that it put into your account are still yours. What it downloaded before stays with it; ask it if you "
        "want that erased: {contact}\n\n"
        "What you share now: {site}/member/me/connections/\n"
        "About this project: {site}/activity/{slug}/\n"
    ).format(project=project, site=site.url, member=parties.username, contact=parties.contact, slug=parties.slug)
    headers = {
        "Message-ID": mail_id(site, "removal", authorization_id),
    } | _NO_NOTICES
    return Letter(
        parties.address, gettext("The project {project} has removed you").format(project=project), text, headers
    )


def reply_letter(parties: Parties, *, reply_id: int, text: str, site: Site) -> Letter:
    """Write the mail of a member to a project, which names the member by their number only."""
    page = f"{site.url}/direct-sharing/projects/message/{parties.slug}/"
    footer = gettext(
        'A member of your project "{project}" wrote this on {site}. Answers to this mail '
        "do not reach them. Write to project member id {number} here: {page}\n"
    ).format(project=one_line(parties.project, _NAME), site=site.url, number=parties.number, page=page)
    headers = {"Message-ID": mail_id(site, "reply", reply_id), "Reply-To": site.sender} | _NO_NOTICES
    title = gettext("Open Humans: message from project member {number}").format(number=parties.number)
    return Letter(parties.contact, title, f"{text}\n\n{_RULE}\n{footer}", headers)


_NEWS = {
    "approved": (
        gettext_noop("A project of yours was reviewed: {project}"),
        gettext_noop(
            'The project "{project}" on {site}, in which you, {member}, take part, was reviewed and is approved. '
            "What you share with it stays exactly as it is."
        ),
    ),
    "unapproved": (
        gettext_noop("A project of yours is no longer approved: {project}"),
        gettext_noop(
            'The approval of the project "{project}" on {site}, in which you, {member}, take part, was taken back by '
            "those who run this site. What you share with it stays as it is, until you change it or leave."
        ),
    ),
}


def announcement_letter(parties: Parties, *, kind: str, name: str, site: Site) -> Letter:
    """Write the mail that tells a member what became of a project."""
    project, mute = one_line(parties.project, _NAME), f"{site.url}/mute/{mute_ticket(site.key, parties.seat_id)}/"
    title, said = map(gettext, _NEWS[kind])
    links = gettext(
        "About this project, and leaving it: {site}/activity/{slug}/\n"
        "What you share now: {site}/member/me/connections/\n"
        "No more mail about this project: {mute}\n"
    ).format(site=site.url, slug=parties.slug, mute=mute)
    text = f"{said.format(project=project, site=site.url, member=parties.username)}\n\n{links}"
    headers = {
        "Message-ID": mail_id(site, "announcement", name),
        "List-Unsubscribe": f"<{mute}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    } | _NO_NOTICES
    return Letter(parties.address, title.format(project=project), text, headers)
