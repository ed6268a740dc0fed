"""Identifiers and bearer secrets, all drawn from the operating system's generator."""

import hashlib
import secrets
import zlib
from base64 import b64encode
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BODY = 43  # 62**43 > 2**256
CHECK = 6  # 62**6 > 2**32


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits))


def _checksum(text: str) -> str:
    return _written(zlib.crc32(text.encode()))


@lru_cache(maxsize=1024)  # of numbers: no secret stays in memory
def _written(number: int) -> str:
    return _base62(number, CHECK)


def new_secret(prefix: str) -> str:
    """Return `prefix`, 256 random bits and a checksum, in letters and digits."""
    body = prefix + _base62(secrets.randbits(256), BODY)
    return body + _checksum(body)


def new_signing_secret() -> str:
    """Return 256 random bits as Standard Webhooks writes a secret that signs."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


def well_formed(secret: str, prefix: str) -> bool:
    """Say whether this can be a secret of that kind, without asking any database."""
    if len(secret) != len(prefix) + BODY + CHECK or not secret.startswith(prefix):
        return False
    return secret.isascii() and _checksum(secret[:-CHECK]) == secret[-CHECK:]


def digest(secret: str) -> bytes:
    """Return what is kept of a secret for look-up: its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()


def fingerprint(secret: str) -> str:
    """Return the only part of a secret that a log may hold."""
    return digest(secret).hex()[:8]


def new_member_number() -> str:
    """Return eight random digits; the first is never zero, as old clients keep it as a number."""
    return str(10_000_000 + secrets.randbelow(90_000_000))


def new_key() -> str:
    """Return 128 random bits in hexadecimal, the address of something in a store."""
    return secrets.token_hex(16)
