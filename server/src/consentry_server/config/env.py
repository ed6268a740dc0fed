"""Every setting that an operator can give, read from the environment, typed, failing loudly."""

import os
import re
import secrets
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
MODES = ("production", "development", "demo", "test")


class SettingError(ImproperlyConfigured):
    """A setting is missing or wrong; the message says how to mend it."""


@dataclass(frozen=True)
class Setting:
    """One line of the table in `docs/run/settings.md`."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting(
        "CONSENTRY_MODE",
        "production",
        "`production`, `development`, `demo` or `test`. Production refuses an unsafe setup.",
    ),
    Setting(
        "DATA",
        "consentry-data",
        "Folder for the embedded database, the files, the keys and written mail.",
    ),
    Setting("DATABASE", "", "`postgresql://user:password@host:port/name`. Empty: SQLite in `DATA`."),
    Setting(
        "STORAGE",
        "",
        "Where the bytes of data files live: a folder, or `s3://bucket/prefix`. Empty: the folder `blobs` in `DATA`.",
    ),
    Setting(
        "STORAGE_ADDRESS",
        "",
        "Where clients reach the object store, if not where this server does: `https://files.example.org`. `none`: they"
        " cannot, and all bytes go through this server.",
    ),
    Setting(
        "SITE_URL",
        "http://127.0.0.1:8000",
        "The public address, without a slash at the end. https in production.",
    ),
    Setting(
        "ALLOWED_HOSTS",
        "",
        "More host names that may be asked for, separated by commas; never `*` in production.",
    ),
    Setting(
        "PROXIES",
        "0",
        "How many reverse proxies of yours stand in front; their forwarded headers are believed.",
    ),
    Setting(
        "INTERNAL_REDIRECT",
        "",
        "A location of your nginx that leads to the folder `STORAGE`, such as `/stored/`: whole files are sent by nginx"
        " then. How to set it up: *The proxy* in `install.md`.",
    ),
    Setting(
        "SMTP",
        "",
        "`smtp+starttls://user:password@host:587`, `smtps://` (TLS from the start) or `smtp://` (no TLS: for a relay"
        " on the same machine). Empty: mail is written to `DATA/mail`.",
    ),
    Setting("MAIL_FROM", "Consentry <noreply@localhost>", "The sender of mail from this installation."),
    Setting(
        "SUPPORT_EMAIL",
        "support@localhost",
        "Shown to people who need help from whoever runs this.",
    ),
    Setting(
        "WEBHOOK_PORTS",
        "443",
        "Ports at which webhooks are called: of `443`, `80` and `8080`, with commas. The last two allow plain http.",
    ),
    Setting(
        "WEBHOOK_HOSTS",
        "",
        "Hosts of your own network that webhooks may reach though their addresses are private, separated by commas.",
    ),
    Setting(
        "WEBHOOK_LOOPBACK",
        "false",
        "`true` lets webhooks reach this machine itself: for tests and demos. Production refuses it.",
    ),
    Setting("STAFF_SITE", "false", "`true` opens the staff pages at `STAFF_PATH`."),
    Setting("STAFF_PATH", "admin", "First part of the address of the staff pages."),
    Setting(
        "STAFF_ADDRESSES",
        "",
        "Addresses and networks from which the staff pages are reached, separated by commas: `203.0.113.7, 10.0.0.0/8`."
        " Empty: from everywhere.",
    ),
    Setting("UPLOAD_LIMIT", "5368709120", "Most bytes of one data file."),
    Setting("OWN_FILES_LIMIT", "10737418240", "Most bytes of all files that one member added without a project."),
    Setting("CALLS_PER_TOKEN", "600000", "Most calls of the API in a minute with one token. 0: no limit."),
    Setting("WRITES_PER_TOKEN", "30000", "Most of those that change something. 0: no limit."),
    Setting("CALLS_PER_ADDRESS", "600000", "Most calls of the API in a minute from one address. 0: no limit."),
    Setting(
        "FAILURES_PER_ADDRESS",
        "600",
        "Most wrong tokens in a minute from one address, before they are answered with 429. 0: no limit.",
    ),
    Setting(
        "TRIES_PER_ADDRESS",
        "60",
        "Most forms with a password (logging in, signing up, a forgotten password) in a minute from one address. 0: no"
        " limit.",
    ),
    Setting("LOG_LEVEL", "INFO", "`DEBUG`, `INFO`, `WARNING` or `ERROR`."),
)
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def text(name: str) -> str:
    """Return the setting as given, or its default."""
    return os.environ.get(name, _DEFAULTS[name])


def number(name: str) -> int:
    """Return a whole number that is zero or more."""
    value = text(name)
    if not value.isdecimal():
        raise SettingError(f"{name}={value!r} is not a whole number.")
    return int(value)


def truth(name: str) -> bool:
    """Return a yes or no, which must be written `true` or `false`."""
    return _one_of(name, {"true": True, "false": False}.__getitem__)


def mode() -> str:
    """Return how carefully the set-up is checked."""
    return _one_of("CONSENTRY_MODE", lambda value: {known: known for known in MODES}[value])


def _one_of(name: str, read: Callable[[str], T]) -> T:
    try:
        return read(text(name))
    except KeyError:
        raise SettingError(f"{name}={text(name)!r} is not one of the values that it takes.") from None


def names(name: str) -> list[str]:
    """Return a list that was given with commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return addresses and networks that were given with commas."""
    try:
        return [ip_network(part) for part in names(name)]
    except ValueError as error:
        raise SettingError(f"{name}={text(name)!r}: {error}.") from None


def web_ports(name: str) -> list[int]:
    """Return ports that were given with commas, of those where web servers listen."""
    found = names(name)
    if not found or set(found) - {"80", "443", "8080"}:
        raise SettingError(
            f"{name}={text(name)!r} may hold 443, 80 and 8080. Hosts named in WEBHOOK_HOSTS are called at any port."
        )
    return [int(port) for port in found]


def data_folder() -> Path:
    """Return the data folder, made with access for its owner only."""
    folder = Path(text("DATA")).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def instance_key(folder: Path) -> bytes:
    """Return the installation's root key; the first start makes it. Whoever has it can read every token."""
    path = folder / "keys" / "instance.key"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingError(f"{path} can be read by others. Mend it with: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != 32:
        raise SettingError(f"{path} is not a key of 32 bytes. Restore it from your backup.")
    return key


def database(folder: Path) -> dict[str, Any]:
    """Return Django's description of the database."""
    url = text("DATABASE")
    return _postgresql(url) if url else _sqlite(folder)


def _sqlite(folder: Path) -> dict[str, Any]:
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; PRAGMA secure_delete=ON;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": folder / "consentry.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas},
    }


def storage(folder: Path) -> str:
    """Return where the bytes of data files live: a folder or an object store."""
    given = text("STORAGE") or str(folder / "blobs")
    url = urlsplit(given)
    if "://" in given and (url.scheme != "s3" or not url.netloc or url.query or url.fragment):
        raise SettingError("STORAGE must be a folder or look like s3://bucket/prefix")
    return given


def storage_address() -> str:
    """Return where clients reach the object store."""
    given = text("STORAGE_ADDRESS").rstrip("/")
    if given not in ("", "none") and not (given.startswith(("https://", "http://")) and urlsplit(given).hostname):
        raise SettingError("STORAGE_ADDRESS must be `none` or look like https://files.example.org")
    return given


def internal_redirect() -> str:
    """Return the location of the proxy that leads to the folder of files."""
    given = text("INTERNAL_REDIRECT")
    if given and not re.fullmatch(r"/[A-Za-z0-9_-]+/", given):
        raise SettingError("INTERNAL_REDIRECT must be a name with a slash before and behind it, such as /stored/")
    if given and not number("PROXIES"):
        raise SettingError("INTERNAL_REDIRECT needs a proxy that takes it: set PROXIES=1, or leave it out.")
    return given


def sqlite_version() -> tuple[int, ...] | None:
    """Return the version of the SQLite library, or None if it is not used."""
    return None if text("DATABASE") else sqlite3.sqlite_version_info


def modes(*paths: Path | str) -> dict[str, int]:
    """Return who may do what with those of these files and folders that exist."""
    return {str(path): stat.S_IMODE(Path(path).stat().st_mode) for path in paths if Path(path).exists()}


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise SettingError("DATABASE must look like postgresql://user:password@host:5432/name")
    return {
        "ENGINE": "consentry_server.database",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        # Prepared statements and no JIT: three to ten times faster on the hot paths (bench/).
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 2,
            "connect_timeout": 3,  # seconds
            "tcp_user_timeout": 10_000,  # milliseconds after which a host that confirms nothing counts as gone
            "options": "-c jit=off -c statement_timeout=30000",
        }
        | dict(parse_qsl(parts.query)),
    }


_MAIL_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


def mail(folder: Path) -> tuple[str, dict[str, str]]:
    """Return Django's mail backend and how to reach it."""
    url = urlsplit(text("SMTP"))
    if not url.scheme:
        return "django.core.mail.backends.filebased.EmailBackend", {"folder": str(folder / "mail")}
    if url.scheme not in _MAIL_PORTS or not url.hostname:
        raise SettingError("SMTP must look like smtp+starttls://user:password@host:587")
    found = {
        "scheme": url.scheme,
        "host": url.hostname,
        "port": str(url.port or _MAIL_PORTS[url.scheme]),
    }
    found |= {"user": unquote(url.username or ""), "password": unquote(url.password or "")}
    return "django.core.mail.backends.smtp.EmailBackend", found


def logging() -> dict[str, Any]:
    """Return where log lines go: standard error, one line each, never with a query string."""
    handler = {"class": "logging.StreamHandler", "formatter": "line"}
    line, level = "%(asctime)s %(levelname)s %(name)s %(message)s", text("LOG_LEVEL")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": line}},
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": level},
        # at DEBUG it writes out every refresh token that it sees, and every token that it gives
        "loggers": {"oauthlib": {"level": "INFO" if level == "DEBUG" else level}},
    }
