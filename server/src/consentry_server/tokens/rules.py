"""The forms of bearer tokens, and what one may be allowed to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from django.utils.translation import gettext

MASTER = "csm"  # first letters of a master access token
FIRST = "main"  # the name of a project's first master token, which has all rights
LONGEST_NAME = 60
OF_MEMBERS = 1 << 62  # is added to the numbers of tokens for one member, where all tokens are counted together
MOST = 20  # master tokens of a project that are not over
LONGEST_OVERLAP = timedelta(days=1)


class Right(StrEnum):
    """What a token may do. Bringing files covers deleting them again; removing is about members."""

    READ = "read data"
    ADD = "add data"
    MESSAGE = "message"
    REMOVE = "remove"


ALL_RIGHTS = frozenset(Right)


@lru_cache
def rights_of(kept: str) -> frozenset[Right]:
    """Read what `keepable` wrote."""
    return frozenset(map(Right, kept.split(",")))


def keepable(rights: Iterable[str]) -> str:
    """Write rights as one text, in their order."""
    return ",".join(right for right in Right if right in set(rights))


def reads_only(rights: Iterable[str]) -> bool:
    """Say whether a token with these rights changes nothing."""
    return set(rights) == {Right.READ}


def wrong_name(name: str) -> str | None:
    """Say what is wrong with the name of a token."""
    if not name.strip():
        return gettext("Give it a name that says who uses it, such as the computer or the program.")
    return None if len(name) <= LONGEST_NAME else gettext("Use at most {most} characters.").format(most=LONGEST_NAME)


SECRET, CODE, ACCESS, REFRESH, DEVICE = "css", "csc", "csa", "csr", "csd"  # first letters of each kind
CODE_FOR = timedelta(seconds=60)
ACCESS_FOR = timedelta(hours=10)
REFRESH_FOR = timedelta(days=180)  # since it was last used
FAMILY_FOR = timedelta(days=730)  # then the member is asked anew
RETRY_FOR = timedelta(seconds=60)  # in which a refresh token that was replaced gets the same successor
LONGEST_SECRET_OVERLAP = timedelta(days=7)  # for which a client secret that was replaced works on

OPENID = "openid"
# Those that apps of Open Humans know. What may be read is what the member agreed to, whatever they say.
DEFAULT_SCOPE = "read write american-gut go-viral pgp wildlife open-humans"
SCOPES = frozenset((*DEFAULT_SCOPE.split(), OPENID))


def covers(granted: str, asked: str) -> bool:
    """Say whether one list of scopes has all of another."""
    return set(asked.split()) <= set(granted.split())


DEVICE_FOR = timedelta(minutes=10)
DEVICE_INTERVAL = 5  # seconds
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # of the code that a person types
KEYS_TOLD_FOR = timedelta(days=2)  # after they were retired
ID_TOKEN_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Site:
    """What a mail says of this installation, and the effect that sends it, however often it is tried."""

    url: str
    effect_id: int


@dataclass(frozen=True)
class Letter:
    """A mail about an app."""

    subject: str
    text: str
    headers: dict[str, str]


def _letter(subject: str, text: str, site: Site) -> Letter:
    own = f"<effect-{site.effect_id}@{urlsplit(site.url).hostname}>"
    return Letter(" ".join(subject.split()), text, {"Message-ID": own, "Auto-Submitted": "auto-generated"})


def welcome_letter(project: str, slug: str, username: str, site: Site) -> Letter:
    """Tell a member that an app acts for them from now on."""
    name = " ".join(project.split())
    text = gettext(
        'You, {member}, have let the app "{app}" in on {site}. It can read what you agreed to, put '
        "files into your account, and write to you.\n"
        "\n"
        "If this was not you, end it now and change your password.\n"
        "What it may do, and ending it: {site}/member/me/connections/\n"
        "About this app: {site}/activity/{slug}/\n"
    ).format(member=username, app=name, site=site.url, slug=slug)
    return _letter(gettext('You let "{app}" in').format(app=name), text, site)


def reuse_letters(project: str, slug: str, username: str, site: Site) -> dict[str, Letter]:
    """Tell a member and a coordinator, each in their words, that a refresh token was used a second time."""
    name = " ".join(project.split())
    member = gettext(
        'Somebody used an old key of the app "{app}" for your account {member} on {site} a second '
        "time. That happens when a key was copied, or when the app has a fault. We have ended all "
        "its keys for you: it must ask you again before it can act for you.\n"
        "\n"
        "What you share has not changed. If you did not expect this, look who read what lately:\n"
        "{site}/member/me/access-log/\n"
        "What the app may do, and ending it: {site}/member/me/connections/\n"
    ).format(app=name, member=username, site=site.url)
    coordinator = gettext(
        'A refresh token of your app "{app}" on {site} was used again more than a minute after it '
        "had been replaced. That happens when a token was copied, or when two parts of an app keep "
        "tokens apart from each other. All tokens of that one member have been ended; the app has to "
        "send the member through its login again.\n"
        "\n"
        "Keep the refresh token that comes with each answer, in one place, and use no older one.\n"
        "Your app: {site}/direct-sharing/projects/oauth2/{slug}/\n"
    ).format(app=name, site=site.url, slug=slug)
    return {
        "member": _letter(gettext('We ended the access of "{app}" to your account').format(app=name), member, site),
        "coordinator": _letter(
            gettext('A token of your app "{app}" was used twice').format(app=name), coordinator, site
        ),
    }
