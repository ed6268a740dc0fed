"""What is wrong with a project's description; which addresses it may send people to."""

import re
from base64 import b64decode
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext

RESERVED_SLUGS = {"authorize", "create", "join", "update"}  # addresses of pages beside those of projects
TOKEN_HOURS = {"24 hours": 24, "30 days": 24 * 30, "1 year": 24 * 365}


LONGEST_OVERLAP = timedelta(days=1)  # for which a secret that was replaced signs along
_SECRET = re.compile(r"[!-~]{16,64}", re.ASCII)
BADGE_LIMIT = 1_000_000  # bytes
_IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def image_type(data: bytes) -> str | None:
    """Return the media type of a picture that browsers show and never run, or None for anything else."""
    return next((kind for start, kind in _IMAGES.items() if data.startswith(start)), None)


def safe_url(url: str) -> bool:
    """Say whether a person may be sent there: http or https with a host, nothing that a browser would run."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def without_number(url: str, number: str) -> str:
    """Put a member's number in place of the placeholder of a post-sharing address."""
    return url.replace("PROJECT_MEMBER_ID", number)


def secret_fault(secret: str) -> str:
    """Return what keeps a text from signing webhooks, or ""."""
    if not _SECRET.fullmatch(secret):
        return gettext("Give 16 to 64 characters: letters, digits and signs, no spaces.")
    if secret.startswith("whsec_") and not _signs(secret.removeprefix("whsec_")):
        return gettext("After whsec_ comes base64 of at least 16 bytes. Leave this empty to have a good one made.")
    return ""


def _signs(encoded: str) -> bool:
    try:
        return len(b64decode(encoded, validate=True)) >= 16
    except ValueError:
        return False


LONGEST_ADDRESS = 256  # characters of one address of an app
MOST_ADDRESSES = 20  # of an app
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_KNOWN_SCHEMES = ("openhumanshk", "resilienceproject")  # of published apps
_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", re.ASCII)  # RFC 8252 section 7.1: a domain, reversed
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()+,;=%-]+", re.ASCII)  # RFC 3986, without # and *
_OURS = ("code", "state", "error", "iss")  # what we say to an app in its address


def redirect_fault(uri: str) -> str:
    """Return what keeps members from being sent back to an address with what they agreed to, or ""."""
    if len(uri) > LONGEST_ADDRESS:
        return gettext("Use at most {most} characters for each address.").format(most=LONGEST_ADDRESS)
    if not _PLAIN.fullmatch(uri):
        return gettext(
            "Write {address} without spaces, #, * and backslashes; other letters as browsers encode them."
        ).format(address=repr(uri[:80]))
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return gettext("{address} is not an address.").format(address=repr(uri))
    if "@" in parts.netloc:
        return gettext("Write {address} without a name and a password.").format(address=repr(uri))
    return _query_fault(uri) or _place_fault(uri, parts.scheme, host)


def _query_fault(uri: str) -> str:
    names = {name for name, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}
    taken = next((name for name in _OURS if name in names), "")
    return (
        gettext("Write {address} without {name}=: we say that ourselves.").format(address=repr(uri), name=taken)
        if taken
        else ""
    )


def _place_fault(uri: str, scheme: str, host: str | None) -> str:
    if scheme == "https":
        return "" if host else gettext("{address} has no host.").format(address=repr(uri))
    if scheme == "http":
        return (
            ""
            if host in LOOPBACK
            else gettext("Start {address} with https://; http:// is for this machine (127.0.0.1) only.").format(
                address=repr(uri)
            )
        )
    if scheme in _KNOWN_SCHEMES or _SCHEME.fullmatch(scheme):
        return ""
    return gettext(
        "{address} starts with something that is not allowed. Use https://, or com.example.app:/ for an app."
    ).format(address=repr(uri))


def returns_to(asked: str, registered: list[str], *, native: bool) -> bool:
    """Say whether an app may have members sent back there: to exactly a registered address.

    Of an app on people's own machines, the port on a loopback address is free (RFC 8252 section 7.3).
    """
    if asked in registered:
        return True
    loopback = _without_port(asked) if native else None
    return loopback is not None and loopback in map(_without_port, registered)


_ANY_PORT = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?((?:[/?].*)?)", re.ASCII)


def _without_port(uri: str) -> str | None:
    found = _ANY_PORT.fullmatch(uri)
    return None if found is None else found[1] + found[2]


def slug_candidates(base: str, attempt: int) -> str:
    """Return `base`, `base-2`, `base-3` and so on."""
    return base if attempt == 1 else f"{base}-{attempt}"
