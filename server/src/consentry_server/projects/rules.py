"""What is wrong with a project's description; which addresses it may send people to."""

from urllib.parse import urlsplit

RESERVED_SLUGS = {"create"}  # addresses of pages beside those of projects
TOKEN_HOURS = {"24 hours": 24, "30 days": 24 * 30, "1 year": 24 * 365}


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


def slug_candidates(base: str, attempt: int) -> str:
    """Return `base`, `base-2`, `base-3` and so on."""
    return base if attempt == 1 else f"{base}-{attempt}"
