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
