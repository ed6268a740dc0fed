"""Mails about a review."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext, gettext_noop

_QUEUE = "/direct-sharing/review/"
_OWN = "/direct-sharing/projects/review/"


@dataclass(frozen=True)
class Stamp:
    """What a mail bears: the address of this site, and the effect that sends it, however often it is tried."""

    site_url: str
    effect_id: int

    @property
    def headers(self) -> dict[str, str]:
        own = f"<effect-{self.effect_id}@{urlsplit(self.site_url).hostname}>"
        return {"Message-ID": own, "Auto-Submitted": "auto-generated"}


@dataclass(frozen=True)
class About:
    """The review that a mail is about; `note`: what was said with it."""

    review_id: int
    project: str
    slug: str
    note: str


@dataclass(frozen=True)
class Letter:
    """A mail."""

    subject: str
    text: str


def letter(news: str, about: About, *, runs_it: bool, stamp: Stamp) -> Letter:
    """Write to somebody who has a part in a review what has become of it."""
    name = " ".join(about.project.split())
    page = f"{_OWN}{about.slug}/" if runs_it else f"{_QUEUE}{about.review_id}/"
    subject, said = map(gettext, _WORDS[news.partition(":")[0]])
    quoted = f"{about.note}\n\n" if about.note else ""
    more = gettext("Everything about it: {page}").format(page=f"{stamp.site_url}{page}")
    text = f"{said.format(name=name, site=stamp.site_url)}\n\n{quoted}{more}\n"
    return Letter(subject.format(name=name), text)


_WORDS = {
    "asked": (
        gettext_noop("Waits for review: {name}"),
        gettext_noop('The project "{name}" on {site} asks to be reviewed. You are one of those who may do that.'),
    ),
    "approved": (
        gettext_noop("Approved: {name}"),
        gettext_noop(
            'Your project "{name}" on {site} was reviewed and is approved, in the version that you asked about. '
            "It is listed, and as many members as want to can join. Its members are told."
        ),
    ),
    "returned": (
        gettext_noop("Not approved yet: {name}"),
        gettext_noop('Your project "{name}" on {site} was reviewed and is returned to you, for this reason:'),
    ),
    "remark": (
        gettext_noop("A remark on the review of {name}"),
        gettext_noop('Somebody wrote about the review of the project "{name}" on {site}:'),
    ),
    "unapproved": (
        gettext_noop("No longer approved: {name}"),
        gettext_noop(
            'The approval of your project "{name}" on {site} was taken back by those who run this site. '
            "It is not listed, and 20 members at most can join. Who is in stays in. Its members are told."
        ),
    ),
}


@dataclass(frozen=True)
class Asked:
    """The project whose team somebody is asked into, by whom, as what, and until what day."""

    project: str
    by: str
    role: str
    until: str = ""


def invitation_letter(asked: Asked, *, stamp: Stamp) -> Letter:
    """Ask somebody into a team. There is no secret in it: they answer once they have logged in."""
    name = " ".join(asked.project.split())
    text = gettext(
        '%(by)s asks you to help run the project "%(name)s" on %(site)s, as %(role)s.\n\n'
        "Log in and say yes or no: %(site)s/member/me/invitations/\n\n"
        "If you have no account there, make one with the address that this mail came to. You can answer until "
        "%(until)s. If you do not know what this is about, do nothing: nobody learns that you read it.\n"
    ) % {"by": asked.by, "name": name, "site": stamp.site_url, "role": asked.role, "until": asked.until}
    return Letter(gettext("You are asked to help run %(name)s") % {"name": name}, text)


def offer_letter(asked: Asked, *, slug: str, stamp: Stamp) -> Letter:
    """Ask somebody in a team whether they take the project over."""
    name = " ".join(asked.project.split())
    text = gettext(
        '%(by)s, who owns the project "%(name)s" on %(site)s, would hand it over to you. You would be its owner, and '
        "they would stay in the team as a manager.\n\n"
        "Log in and say yes or no: %(site)s/direct-sharing/projects/team/%(slug)s/\n"
    ) % {"by": asked.by, "name": name, "site": stamp.site_url, "slug": slug}
    return Letter(gettext("Will you take over %(name)s?") % {"name": name}, text)
