"""What makes a production set-up unsafe, and how to mend it. Pure: `settings` gathers the facts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

SAFE_SQLITE = (3, 51, 3)  # older ones can corrupt the write-ahead log
GUESSED_PATHS = ("", "admin", "staff", "django-admin")


@dataclass(frozen=True)
class Setup:
    """What the rules look at. `staff_path` and `sqlite_version` are None where not in use."""

    site_url: str
    hosts: tuple[str, ...]
    debug: bool
    proxies: int
    smtp: bool
    webhook_loopback: bool
    staff_path: str | None
    sqlite_version: tuple[int, ...] | None
    modes: dict[str, int]


def faults(setup: Setup) -> list[str]:
    """Return every reason not to start in production, each with the way to mend it."""
    return [fault for rule in RULES for fault in rule(setup)]


def plain_address(setup: Setup) -> Iterator[str]:
    """Tokens and sessions must not cross a network in clear."""
    if not setup.site_url.startswith("https://"):
        yield (
            f"SITE_URL={setup.site_url} is not https: passwords and tokens could be read on the "
            "way. "
            "Mend it with: SITE_URL=https://your.host"
        )


def wildcard_hosts(setup: Setup) -> Iterator[str]:
    """A forged Host header must not get into mail and links."""
    for host in setup.hosts:
        if not host or host == "*" or host.startswith("."):
            yield (
                f"ALLOWED_HOSTS holds {host or 'an empty name'!r}: links in mail could be made "
                "to lead elsewhere. "
                "Mend it with: ALLOWED_HOSTS=each.full.name,by.itself"
            )


def debugging(setup: Setup) -> Iterator[str]:
    """Pages with tracebacks show secrets."""
    if setup.debug:
        yield "DEBUG is on: errors would show secrets to whoever causes them. Switch it off."


def no_proxy(setup: Setup) -> Iterator[str]:
    """The server speaks no TLS: without a trusted proxy every request would look plain."""
    if not setup.proxies:
        yield (
            "PROXIES=0: this server speaks plain http and needs a reverse proxy of yours before "
            "it. "
            "Mend it with: PROXIES=1 (or as many as stand in a row)"
        )


def no_mail(setup: Setup) -> Iterator[str]:
    """Links that reset passwords must go to people, not into a folder."""
    if not setup.smtp:
        yield (
            "SMTP is empty: mail with links to confirm and to reset would pile up in the data "
            "folder. "
            "Mend it with: SMTP=smtp+starttls://user:password@your.mail.host:587"
        )


def webhooks_to_itself(setup: Setup) -> Iterator[str]:
    """A coordinator must not reach what listens on this machine only."""
    if setup.webhook_loopback:
        yield (
            "WEBHOOK_LOOPBACK=true: whoever runs a project could make this server call its own services. "
            "Mend it with: WEBHOOK_LOOPBACK=false"
        )


def guessable_staff(setup: Setup) -> Iterator[str]:
    """Robots try the usual addresses of staff pages all day."""
    if setup.staff_path is not None and setup.staff_path in GUESSED_PATHS:
        yield (
            f"STAFF_SITE=true at STAFF_PATH={setup.staff_path!r}, which every robot tries. "
            "Mend it with: STAFF_PATH=something-only-you-know"
        )


def old_sqlite(setup: Setup) -> Iterator[str]:
    """Before 3.51.3 a checkpoint at the wrong moment corrupts the database."""
    if setup.sqlite_version is not None and setup.sqlite_version < SAFE_SQLITE:
        found, safe = (".".join(map(str, version)) for version in (setup.sqlite_version, SAFE_SQLITE))
        yield (
            f"SQLite {found} can corrupt a database with a write-ahead log. "
            f"Mend it with: pip install --upgrade pysqlite3 (SQLite {safe} or newer), or "
            "DATABASE=postgresql://…"
        )


def open_folders(setup: Setup) -> Iterator[str]:
    """Whoever reads the instance key can read every token."""
    for path, mode in setup.modes.items():
        if mode & 0o077:
            yield f"{path} is open to other accounts here. Mend it with: chmod go= {path}"


RULES: tuple[Callable[[Setup], Iterator[str]], ...] = (
    plain_address,
    wildcard_hosts,
    debugging,
    no_proxy,
    no_mail,
    webhooks_to_itself,
    guessable_staff,
    old_sqlite,
    open_folders,
)
