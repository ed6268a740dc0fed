"""Reading and checking an id token with nothing but the standard library's and cryptography's own means."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from tests.doors.oauth.app import KEYS


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def header(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(decoded(token.split(".", maxsplit=1)[0]))
    return found


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(decoded(token.split(".")[1]))
    return found


def known(client: httpx.Client) -> dict[str, dict[str, str]]:
    """Return the keys that are told, by name."""
    return {key["kid"]: key for key in client.get(KEYS).json()["keys"]}


def verify(token: str, key: dict[str, str]) -> None:
    """Check a signature (RFC 7515 section 5.2, RFC 7518 section 3.3); raises InvalidSignature."""
    signed, _, signature = token.rpartition(".")
    n, e = (int.from_bytes(decoded(key[name]), "big") for name in ("n", "e"))
    RSAPublicNumbers(e, n).public_key().verify(decoded(signature), signed.encode(), PKCS1v15(), SHA256())
