"""Who somebody is: an app by its credentials, a member by an id token."""

import hashlib
import json
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.utils import timezone
from jwcrypto import jwk, jwt

from consentry_server.sharing import queries as sharing
from consentry_server.tokens import actions as tokens
from consentry_server.tokens.rules import ID_TOKEN_FOR, KEYS_TOLD_FOR

ALGORITHM = "RS256"


def basic(credentials: str) -> tuple[str, str] | None:
    """Read the two parts of HTTP Basic, each encoded as in a form (RFC 6749 section 2.3.1)."""
    try:
        client_id, colon, secret = b64decode(credentials, validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError, ValueError):
        return None
    return (unquote_plus(client_id), unquote_plus(secret)) if colon else None


def claims(authorization_id: int) -> dict[str, str]:
    """Return who a member is to one app: a number that means nothing elsewhere, and the username if they share it."""
    found = sharing.between(authorization_id)
    said = {"sub": found.project_member.number}
    return said | ({"preferred_username": found.member.username} if found.username_shared else {})


def id_token(origin: Any, *, client_id: str, access: str) -> str:
    """Return a signed statement of who the member is, for the app that asked (OpenID Connect Core section 2)."""
    now = timezone.now()
    said: dict[str, Any] = claims(origin.authorization_id) | {
        "iss": settings.SITE_URL,
        "aud": client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + ID_TOKEN_FOR).timestamp()),
        "at_hash": _half_hash(access),
    }
    if getattr(origin, "nonce", ""):
        said["nonce"] = origin.nonce
    if getattr(origin, "logged_in_at", None):
        said["auth_time"] = int(origin.logged_in_at.timestamp())
    key = tokens.signing_key(now=now)
    signed = jwt.JWT(header={"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims=json.dumps(said))
    signed.make_signed_token(jwk.JWK.from_pem(key.pem.encode()))
    return str(signed.serialize())


def _half_hash(access: str) -> str:
    digest = hashlib.sha256(access.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


def key_set() -> dict[str, list[dict[str, str]]]:
    """Return the public keys with which id tokens are checked, the present one first (RFC 7517)."""
    now = timezone.now()
    tokens.signing_key(now=now)
    told = tokens.told_keys(retired_after=now - KEYS_TOLD_FOR)
    return {"keys": [_public(key.pem) | {"kid": key.kid, "use": "sig", "alg": ALGORITHM} for key in told]}


def _public(pem: str) -> dict[str, str]:
    found: dict[str, str] = jwk.JWK.from_pem(pem.encode()).export_public(as_dict=True)
    return found
